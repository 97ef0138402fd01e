//! A restore that is killed has happened or has not.

use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::commands::{backup, restore, said, stopped_server, texts};
use crate::support::Simulator;

#[test]
fn whenever_a_restore_is_killed_one_whole_database_is_there() {
    let mut server = stopped_server(2);
    let folder = server.folder().to_owned();
    // Long enough for kills to fall into all that is done.
    let blob = "INSERT INTO adoption_note (table_name, row_id, column_name, original, note)
                VALUES ('', 0, '', zeroblob(20000000), '')";
    server.sql().execute(blob);
    said(&backup(&folder, "minitwit.db", "copy.db", &[]));
    server.restart();
    Simulator::of(&server).says("ada", "newer").expect(204);
    server.kill();
    for file in ["minitwit.db", "minitwit.db-wal"] {
        fs::copy(folder.join(file), folder.join(format!("saved {file}"))).unwrap();
    }
    let (mut outcomes, mut usual) = (Vec::new(), Duration::ZERO);
    for round in 0..=30 {
        for file in ["minitwit.db", "minitwit.db-wal"] {
            fs::copy(folder.join(format!("saved {file}")), folder.join(file)).unwrap();
        }
        let mut process = Command::new(env!("CARGO_BIN_EXE_minitwit"))
            .args(["restore", "--from", "copy.db", "--database", "minitwit.db", "--replace-newer"])
            .current_dir(&folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        if round == 0 {
            let began = Instant::now();
            process.wait().unwrap();
            usual = began.elapsed();
        }
        sleep(usual * round / 28);
        process.kill().unwrap();
        process.wait().unwrap();
        // As a server would, which may finish what was begun.
        let held: i64 = server.sql().value("SELECT count(*) FROM message").parse().unwrap();
        assert!([2, 3].contains(&held), "round {round}: {held} messages");
        outcomes.push(held);
    }
    println!("messages after each kill: {outcomes:?}");
    said(&restore(&folder, "copy.db", "minitwit.db", &["--replace-newer"]));
    assert_eq!(texts(&server.database()).len(), 2);
    server.restart();
    assert_eq!(Simulator::of(&server).messages("/msgs").len(), 2);
}

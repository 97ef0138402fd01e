//! A restore that is killed has happened or has not.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::commands::{backup, restore, said, stopped_server, texts};
use crate::support::{Simulator, eventually};

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

/// Whether a process has a file open.
fn has_open(process: u32, file: &Path) -> bool {
    let Ok(open) = fs::read_dir(format!("/proc/{process}/fd")) else { return false };
    let wanted = fs::metadata(file).unwrap();
    open.flatten().any(|entry| {
        fs::metadata(entry.path())
            .is_ok_and(|found| (found.dev(), found.ino()) == (wanted.dev(), wanted.ino()))
    })
}

#[test]
fn a_server_that_starts_during_a_restore_does_not_serve_what_is_replaced() {
    let server = stopped_server(1);
    said(&backup(server.folder(), "minitwit.db", "copy.db", &[]));
    // As `minitwit restore` does, only slower.
    let held = server.sqlite();
    held.execute_batch("PRAGMA locking_mode = exclusive; BEGIN EXCLUSIVE; COMMIT").unwrap();
    let start = ["serve", "--database", "minitwit.db", "--listen", "127.0.0.1:0"];
    let starting = Command::new(env!("CARGO_BIN_EXE_minitwit"))
        .args(start)
        .env("MINITWIT_METRICS_LISTEN", "127.0.0.1:0")
        .current_dir(server.folder())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    eventually("the server to wait", || has_open(starting.id(), &server.database()).then_some(()));
    fs::rename(server.folder().join("copy.db"), server.database()).unwrap();
    drop(held);
    let ended = starting.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{told}");
    assert!(told.contains("was replaced while it was being opened"), "{told}");
}

//! A disk that fills up, and is given room again.

use std::fs;

use crate::ledger::Ledger;
use crate::support::{Launch, Simulator, SmallDisk, Visitor, eventually, fill, run};

#[test]
fn a_full_disk_is_told_and_nothing_acknowledged_is_lost() {
    let Some(disk) = SmallDisk::mount(8) else { return };
    let mut server = Launch::new().database(disk.path("minitwit.db")).start();
    let simulator = Simulator::of(&server);
    let ada = Visitor::signed_in(&server, "ada");
    let ledger = Ledger::default();
    for round in 0..3 {
        for _ in 0..20 {
            ledger.post(&simulator, "ada").unwrap().expect(204);
        }
        fill(&disk.path("ballast"));
        // What room there still is inside the files is used up by what is written.
        let refused = eventually("a refusal", || {
            let answer = ledger.post(&simulator, "ada").unwrap();
            (answer.status != 204).then_some(answer)
        });
        let refused = refused.expect(503);
        assert_eq!(refused.json()["status"], 503, "{refused}");
        assert!(!refused.header("retry-after").is_empty(), "{refused}");
        for _ in 0..20 {
            let answer = ledger.post(&simulator, "ada").unwrap();
            assert!([204, 503].contains(&answer.status), "{answer}");
        }
        let page = ada.send("/add_message", &[("text", &"x".repeat(5_000))]).expect(503);
        assert_eq!(page.link("public timeline").as_deref(), Some("/public"), "{page}");
        ada.get("/public").expect(200);
        simulator.get("/msgs").expect(200);
        fs::remove_file(disk.path("ballast")).unwrap();
        eventually("writing to work again", || {
            let answer = ledger.post(&simulator, "ada").unwrap();
            (answer.status == 204).then_some(())
        });
        ledger.assert_kept(&server.sqlite());
        if round == 1 {
            server.kill();
            server.restart();
        }
    }
    let unacknowledged = "SELECT count(*) FROM message WHERE text LIKE 'xxx%'";
    let count: i64 = server.sqlite().query_row(unacknowledged, (), |row| row.get(0)).unwrap();
    assert_eq!(count, 0, "what was refused was stored");
    assert_eq!(server.terminate().code(), Some(0));
}

#[test]
fn starting_on_a_full_disk_is_one_clear_line() {
    let Some(disk) = SmallDisk::mount(1) else { return };
    fill(&disk.path("ballast"));
    let name = disk.path("minitwit.db").display().to_string();
    let elsewhere = tempfile::tempdir().unwrap();
    let output = run(elsewhere.path(), &["init-db", "--database", &name], &[]);
    assert!(!output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(text.trim_end().lines().count(), 1, "{text}");
    assert!(text.contains(&name), "{text}");
}

//! A backup is made while people write.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use crate::commands::{backup, files, read, said, stopped_server, texts};
use crate::support::{Simulator, TestServer, eventually};

#[test]
fn what_was_acknowledged_before_a_backup_is_in_it_and_what_came_after_is_not() {
    let server = TestServer::start();
    Simulator::of(&server).register("ada").expect(204);
    let (over, acknowledged) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            let simulator = Simulator::of(&server);
            for number in 0.. {
                simulator.says("ada", &format!("{number}")).expect(204);
                acknowledged.store(number + 1, Ordering::SeqCst);
                if over.load(Ordering::SeqCst) {
                    break;
                }
            }
        });
        for round in 0..4 {
            let wanted = acknowledged.load(Ordering::SeqCst) + 20;
            eventually("messages", || {
                (acknowledged.load(Ordering::SeqCst) >= wanted).then_some(())
            });
            let before = acknowledged.load(Ordering::SeqCst);
            said(&backup(server.folder(), "minitwit.db", "copy.db", &[]));
            // One more may have been stored, and be acknowledged in a moment.
            let after = acknowledged.load(Ordering::SeqCst) + 1;
            let texts = texts(&server.folder().join("copy.db"));
            let expected: Vec<_> = (0..texts.len()).map(|number| number.to_string()).collect();
            assert_eq!(texts, expected, "round {round}: something is missing in between");
            let held = texts.len();
            assert!((before..=after).contains(&held), "{before} to {after} expected, not {held}");
        }
        over.store(true, Ordering::SeqCst);
    });
}

#[test]
fn a_backup_is_one_private_file_and_says_what_is_in_it() {
    let server = stopped_server(3);
    let began = SystemTime::now();
    let told = said(&backup(server.folder(), "minitwit.db", "copy.db", &[]));
    assert!(told.contains("2 users, 3 messages, 1 follows"), "{told}");
    assert!(told.starts_with("copy.db: 0."), "{told}");
    assert_eq!(files(server.folder()), ["copy.db", "minitwit.db", "minitwit.db.last-backup"]);

    let copy = server.folder().join("copy.db");
    let found = fs::metadata(&copy).unwrap();
    assert_eq!(found.permissions().mode() & 0o777, 0o600);
    let db = read(&copy);
    let pragma = |name: &str| -> String {
        db.query_row(&format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}"), [], |row| {
            row.get(0)
        })
        .unwrap()
    };
    // So that it can be read where nothing can be written.
    assert_eq!(pragma("journal_mode"), "delete");
    assert_eq!(pragma("integrity_check"), "ok");
    assert_eq!(
        pragma("user_version"),
        read(&server.database())
            .query_row("SELECT CAST(user_version AS TEXT) FROM pragma_user_version", [], |row| {
                row.get::<_, String>(0)
            },)
            .unwrap()
    );

    // What alerts go by, and the file itself, tell which moment it is of.
    let note = fs::metadata(server.folder().join("minitwit.db.last-backup")).unwrap();
    for moment in [note.modified().unwrap(), found.modified().unwrap()] {
        assert!(moment + Duration::from_secs(1) > began, "{moment:?}, begun {began:?}");
        assert!(moment <= SystemTime::now(), "{moment:?}");
    }
}

#[test]
fn the_log_that_a_killed_server_left_is_in_the_backup() {
    let mut server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    simulator.says("ada", "the last words").expect(204);
    server.kill();
    said(&backup(server.folder(), "minitwit.db", "copy.db", &[]));
    assert_eq!(texts(&server.folder().join("copy.db")), ["the last words"]);
}

#[test]
fn a_backup_goes_to_a_folder_under_the_name_of_the_database() {
    let server = stopped_server(1);
    fs::create_dir(server.folder().join("far away")).unwrap();
    said(&backup(server.folder(), "minitwit.db", "far away", &[]));
    assert_eq!(files(&server.folder().join("far away")), ["minitwit.db"]);
}

#[test]
fn what_an_interrupted_backup_left_is_written_over() {
    let server = stopped_server(1);
    fs::write(server.folder().join("copy.db.unfinished"), "x".repeat(100_000)).unwrap();
    fs::write(server.folder().join("copy.db.unfinished-wal"), "x".repeat(100_000)).unwrap();
    said(&backup(server.folder(), "minitwit.db", "copy.db", &[]));
    assert_eq!(files(server.folder()), ["copy.db", "minitwit.db", "minitwit.db.last-backup"]);
}

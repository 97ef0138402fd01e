//! Several who prepare one file at once.

use std::thread;
use std::time::Duration;

use super::super::super::adoption::testing::spawn_prepare;
use super::{OriginalFile, prepare, rows};

const TOGETHER: usize = 6;

#[test]
fn threads_may_prepare_a_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..10 {
        let path = folder.path().join(format!("{round}.db"));
        thread::scope(|scope| {
            for _ in 0..TOGETHER {
                scope.spawn(|| prepare(&path).unwrap());
            }
        });
        let (conn, report) = prepare(&path).unwrap();
        assert_eq!(report.0, ["found schema version 1, up to date"]);
        assert_eq!(rows(&conn, "SELECT count(*) FROM secret"), ["1"]);
    }
}

#[test]
fn processes_may_create_a_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..5 {
        let path = folder.path().join(format!("{round}.db"));
        let processes: Vec<_> = (0..TOGETHER).map(|_| spawn_prepare(&path)).collect();
        for mut process in processes {
            assert!(process.wait().unwrap().success());
        }
        let (conn, report) = prepare(&path).unwrap();
        assert_eq!(report.0, ["found schema version 1, up to date"]);
        assert_eq!(rows(&conn, "SELECT count(*) FROM secret"), ["1"]);
    }
}

#[test]
fn processes_may_adopt_a_file_at_once_and_one_does() {
    for _ in 0..5 {
        let file = OriginalFile::new();
        file.user(1, "007");
        let processes: Vec<_> = (0..TOGETHER).map(|_| spawn_prepare(&file.path)).collect();
        for mut process in processes {
            assert!(process.wait().unwrap().success());
        }
        assert_eq!(file.backups().len(), 1, "{:?}", file.backups());
        let (conn, _) = prepare(&file.path).unwrap();
        assert_eq!(rows(&conn, "SELECT username FROM user"), ["7"]);
    }
}

#[test]
fn a_lock_that_is_soon_gone_is_waited_for() {
    let file = OriginalFile::new();
    let other = file.open();
    other.execute_batch("begin exclusive").unwrap();
    thread::scope(|scope| {
        let preparing = scope.spawn(|| prepare(&file.path).map(|(_, report)| report.0.len()));
        thread::sleep(Duration::from_millis(300));
        other.execute_batch("commit").unwrap();
        assert_eq!(preparing.join().unwrap().unwrap(), 2);
    });
}

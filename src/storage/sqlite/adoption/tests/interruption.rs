//! Adoption is all or nothing: processes that adopt are killed, one after the other, ever later.

use std::fs;
use std::path::Path;
use std::process::Child;
use std::time::Duration;

use rusqlite::Connection;

use super::super::testing::spawn_prepare;
use super::{OriginalFile, rows};

/// How often a process is killed.
const KILLS: u64 = 25;

const EVERYTHING: [&str; 4] = [
    "SELECT type, name, sql FROM sqlite_schema ORDER BY name",
    "SELECT * FROM user",
    "SELECT rowid, * FROM follower",
    "SELECT * FROM message",
];

/// A file large enough for its adoption to be caught at many stages.
fn large_file(journal_mode: &str) -> OriginalFile {
    let file = OriginalFile::new();
    file.sql(&format!(
        "pragma journal_mode = {journal_mode};
         begin;
         with recursive n (i) as (select 1 union all select i + 1 from n where i < 20000)
         insert into message select i, 1 + i % 300, 'This is what number ' || i || ' has to say.',
             1300000000 + i, 0 from n;
         insert into user select message_id, 'user ' || message_id, 'a@b', 'hash' from message
             where message_id <= 300;
         insert into follower select user_id, 1 + user_id * 7 % 300 from user;
         commit;"
    ));
    file
}

fn everything(conn: &Connection) -> Vec<Vec<String>> {
    EVERYTHING.iter().map(|sql| rows(conn, sql)).collect()
}

/// Bytes in the folder: they become more until an adoption is through.
fn bytes_in(folder: &Path) -> u64 {
    bytes_of(folder, |_| true)
}

fn bytes_of(folder: &Path, counts: impl Fn(&str) -> bool) -> u64 {
    let entries = fs::read_dir(folder).unwrap().filter_map(Result::ok);
    let counted = entries.filter(|entry| counts(&entry.file_name().to_string_lossy()));
    counted.filter_map(|entry| Some(entry.metadata().ok()?.len())).sum()
}

/// Kills the process as soon as the folder holds so many bytes, unless it ends before.
fn kill_at(mut child: Child, folder: &Path, bytes: u64) {
    while child.try_wait().unwrap().is_none() {
        if bytes_in(folder) >= bytes {
            child.kill().unwrap();
            child.wait().unwrap();
            return;
        }
        std::thread::sleep(Duration::from_micros(200));
    }
}

fn remove_backups(file: &OriginalFile, original: &[Vec<String>]) {
    for backup in file.backups() {
        let copy = Connection::open(&backup).unwrap();
        assert!(everything(&copy) == original, "{} is not what was", backup.display());
        drop(copy);
        fs::remove_file(backup).unwrap();
    }
}

fn adopted(conn: &Connection) -> bool {
    rows(conn, "PRAGMA application_id") != ["0"]
}

fn is_wholly_new(conn: &Connection) {
    assert_eq!(rows(conn, "PRAGMA integrity_check"), ["ok"]);
    assert_eq!(rows(conn, "PRAGMA foreign_key_check"), [""; 0]);
    assert_eq!(rows(conn, "SELECT count(*), sum(pub_date) FROM message"), ["20000|26000200010000"]);
    assert_eq!(rows(conn, "SELECT count(*), sum(user_id) FROM user"), ["300|45150"]);
    assert_eq!(rows(conn, "SELECT count(*), sum(whom_id) FROM follower"), ["300|45150"]);
    assert_eq!(rows(conn, "SELECT name FROM sqlite_schema WHERE name LIKE 'original%'"), [""; 0]);
}

fn survives_being_killed(journal_mode: &str) {
    let whole = large_file(journal_mode);
    whole.adopt();
    let at_the_end = bytes_in(whole.folder());

    let mut file = large_file(journal_mode);
    let original = everything(&file.open());
    let at_the_start = bytes_in(file.folder());
    let (mut caught, mut half_written, mut missed) = (0, 0, 0);
    for kill in 0..KILLS {
        let bytes = at_the_start + kill * (at_the_end - at_the_start) / KILLS;
        kill_at(spawn_prepare(&file.path), file.folder(), bytes);
        let grown = bytes_of(file.folder(), |name| !name.contains(".original")) > at_the_start;
        let conn = file.open();
        if adopted(&conn) {
            is_wholly_new(&conn);
            missed += 1;
            drop(conn);
            remove_backups(&file, &original);
            file = large_file(journal_mode);
        } else {
            assert!(everything(&conn) == original, "kill {kill} left something else");
            caught += 1;
            half_written += u32::from(grown);
            drop(conn);
            remove_backups(&file, &original);
        }
    }
    println!(
        "{journal_mode}: {caught} killed before the end, of these {half_written} amid writing; \
         {missed} after it"
    );

    let (conn, _) = file.adopt();
    is_wholly_new(&conn);
    drop(conn);
    remove_backups(&file, &original);
    let left: Vec<_> = fs::read_dir(file.folder()).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(left, [file.path.clone()], "something was left behind");
}

#[test]
fn a_kill_leaves_the_old_file_or_the_new_one() {
    survives_being_killed("delete");
}

#[test]
fn a_kill_leaves_the_old_file_or_the_new_one_with_a_write_ahead_log() {
    survives_being_killed("wal");
}

//! What cannot be backed up, or not there, is told in one line, and the last backup stays.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use rusqlite::Connection;
use tempfile::tempdir;

use crate::commands::{backup, complaint, damage, files, said, stopped_server, texts};
use crate::support::{SmallDisk, run};

/// Fails with that word, and leaves the files as they were.
#[track_caller]
fn assert_refused(folder: &Path, database: &str, to: &str, mentions: &str) {
    let before: Vec<_> = files(folder);
    let complaint = complaint(&backup(folder, database, to, &["--keep", "3"]));
    assert!(complaint.contains(mentions), "no {mentions:?} in {complaint}");
    assert_eq!(files(folder), before, "{complaint}");
}

#[test]
fn a_database_is_never_written_over_by_its_backup() {
    let server = stopped_server(1);
    let folder = server.folder();
    symlink("minitwit.db", folder.join("link.db")).unwrap();
    fs::hard_link(folder.join("minitwit.db"), folder.join("other name.db")).unwrap();
    for to in ["minitwit.db", "link.db", "other name.db", "./minitwit.db", "."] {
        assert_refused(folder, "minitwit.db", to, "is the database itself");
    }
    for to in ["minitwit.db-wal", "minitwit.db-shm", "minitwit.db-journal"] {
        assert_refused(folder, "minitwit.db", to, "belongs to the database");
    }
    assert_eq!(texts(&server.database()), ["message 0"]);
}

#[test]
fn what_is_no_backup_is_not_replaced() {
    let server = stopped_server(1);
    let folder = server.folder();
    fs::write(folder.join("thesis.txt"), "the work of a year").unwrap();
    assert_refused(folder, "minitwit.db", "thesis.txt", "is no backup");
    let other = Connection::open(folder.join("live.db")).unwrap();
    other.execute_batch("PRAGMA journal_mode = wal; CREATE TABLE t (x)").unwrap();
    assert_refused(folder, "minitwit.db", "live.db", "in use");
    assert_refused(folder, "minitwit.db", "/dev/null", "regular file");
    assert_refused(folder, "minitwit.db", "no/such/folder/copy.db", "there is no folder");
    assert_refused(folder, "minitwit.db", "no/such/folder/", "there is no folder");
}

#[test]
fn only_a_minitwit_is_backed_up() {
    let folder = tempdir().unwrap();
    let folder = folder.path();
    assert_refused(folder, "absent.db", "copy.db", "does not exist");
    assert_refused(folder, ".", "copy.db", "is a folder");
    fs::write(folder.join("empty.db"), "").unwrap();
    assert_refused(folder, "empty.db", "copy.db", "is empty");
    fs::write(folder.join("text.db"), "no database at all ".repeat(100)).unwrap();
    assert_refused(folder, "text.db", "copy.db", "is not a SQLite database");
    let create = |name: &str, sql: &str| {
        Connection::open(folder.join(name)).unwrap().execute_batch(sql).unwrap();
    };
    create("music.db", "CREATE TABLE song (title)");
    assert_refused(folder, "music.db", "copy.db", "another program (tables: song)");
    create(
        "original.db",
        "CREATE TABLE user (user_id integer primary key autoincrement, username string not null,
                            email string not null, pw_hash string not null);
         CREATE TABLE follower (who_id integer, whom_id integer);
         CREATE TABLE message (message_id integer primary key autoincrement, author_id integer,
                               text string not null, pub_date integer, flagged integer)",
    );
    assert_refused(folder, "original.db", "copy.db", "original program");
}

#[test]
fn what_has_moved_to_postgres_is_not_backed_up_as_if_it_were_served() {
    let server = stopped_server(1);
    server.sql().execute(
        "CREATE TABLE moved (only_row, target, moved_at, token, see_report);
         INSERT INTO moved VALUES (1, 'postgres://db:5432/mini', 0, x'00', 0)",
    );
    let refused = complaint(&backup(server.folder(), "minitwit.db", "copy.db", &[]));
    assert!(refused.contains("moved to postgres://db:5432/mini"), "{refused}");
    assert!(!server.folder().join("copy.db").exists());
}

#[test]
fn a_postgres_is_told_what_there_is_instead() {
    let folder = tempdir().unwrap();
    for command in [["backup", "--to"], ["restore", "--from"]] {
        let url = "postgres://ada:hunter2@db/mini";
        let arguments = [&command[..], &["x.db", "--database", url]].concat();
        let output = run(folder.path(), &arguments, &[]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        #[cfg(feature = "postgres")]
        assert!(error.contains("docs/backup.md"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
        assert!(files(folder.path()).is_empty());
    }
}

#[test]
fn a_mistake_in_a_flag_is_told_before_anything_is_opened() {
    let folder = tempdir().unwrap();
    for arguments in [
        &["backup", "--database", "x.db"][..],
        &["backup", "--database", "x.db", "--to", "y.db", "--keep", "0"],
        &["backup", "--database", "x.db", "--to", "y.db", "--keep", "many"],
        &["restore", "--database", "x.db"],
    ] {
        let output = run(folder.path(), arguments, &[]);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
    }
    assert!(files(folder.path()).is_empty());
}

#[test]
fn a_damaged_database_does_not_replace_a_good_backup() {
    let server = stopped_server(50);
    said(&backup(server.folder(), "minitwit.db", "copy.db", &[]));
    let good = fs::read(server.folder().join("copy.db")).unwrap();
    damage(&server.database());
    assert_refused(server.folder(), "minitwit.db", "copy.db", "is damaged");
    assert_eq!(fs::read(server.folder().join("copy.db")).unwrap(), good);
}

#[test]
fn an_index_that_lacks_a_row_is_damage_too() {
    let server = stopped_server(5);
    server.sql().execute(
        "PRAGMA writable_schema = on;
         UPDATE sqlite_schema
         SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'session_by_user')
         WHERE name = 'message_by_author'",
    );
    assert_refused(server.folder(), "minitwit.db", "copy.db", "is damaged");
}

#[test]
fn one_backup_is_written_at_a_time() {
    let server = stopped_server(1);
    let unfinished = fs::File::create(server.folder().join("copy.db.unfinished")).unwrap();
    unfinished.lock().unwrap();
    assert_refused(server.folder(), "minitwit.db", "copy.db", "another `minitwit backup`");
}

#[test]
fn a_disk_without_room_is_noticed_before_it_is_full() {
    let Some(disk) = SmallDisk::mount(1) else { return };
    let server = stopped_server(1);
    let to = disk.path("copy.db").display().to_string();
    said(&backup(server.folder(), "minitwit.db", &to, &[]));
    let good = fs::read(&to).unwrap();
    let blob = "INSERT INTO adoption_note (table_name, row_id, column_name, original, note)
                VALUES ('', 0, '', zeroblob(2000000), '')";
    server.sql().execute(blob);
    let complaint = complaint(&backup(server.folder(), "minitwit.db", &to, &["--keep", "2"]));
    assert!(complaint.contains("free, and 2."), "{complaint}");
    assert_eq!(fs::read(&to).unwrap(), good);
    assert_eq!(files(Path::new(&to).parent().unwrap()), ["copy.db"]);
}

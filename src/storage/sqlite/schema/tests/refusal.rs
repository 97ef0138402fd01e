//! Files we do not want: one line says why, and they stay as they are.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::super::{connect, prepare};
use super::{OriginalFile, rows};

type Contents = Vec<(PathBuf, Vec<u8>)>;

fn contents(folder: &Path) -> Contents {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut contents: Contents = files
        .filter(|path| path.is_file())
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    contents.sort();
    contents
}

/// Tries to prepare a file, and returns what is said after its name.
fn refused(path: &Path) -> String {
    let folder = path.parent().unwrap();
    let before = folder.is_dir().then(|| contents(folder));
    let error = prepare(path).map(|(_, report)| report).unwrap_err().to_string();
    let after = folder.is_dir().then(|| contents(folder));
    assert!(before == after, "{path:?} was changed");
    assert!(!error.contains('\n'), "{error}");
    error.strip_prefix(&format!("{} ", path.display())).expect(&error).to_owned()
}

fn refused_bytes(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    fs::write(&path, bytes).unwrap();
    refused(&path)
}

#[test]
fn a_file_that_is_not_a_database() {
    let expected = "is not a SQLite database; it was left as it is: give another path";
    assert_eq!(refused_bytes(b"hello"), expected);
    assert_eq!(refused_bytes("hello\n".repeat(5000).as_bytes()), expected);
    assert_eq!(refused_bytes(&[0; 8192]), expected);
}

#[test]
fn a_database_of_another_program() {
    let file = OriginalFile::with_schema("create table customers (id); create table orders (id)");
    let expected = "is a SQLite database of another program (tables: customers, orders); it was \
                    left as it is: give another path";
    assert_eq!(refused(&file.path), expected);

    file.sql("pragma journal_mode = wal");
    assert_eq!(refused(&file.path), expected);

    let marked = OriginalFile::new();
    marked.sql("pragma application_id = 1196444487");
    let error = refused(&marked.path);
    assert!(error.starts_with("is a SQLite database of another program (tables: user,"), "{error}");

    let view = OriginalFile::with_schema("create view v as select 1");
    let error = refused(&view.path);
    assert!(error.starts_with("is a SQLite database of another program (tables: none)"), "{error}");
}

#[test]
fn a_database_of_another_program_that_was_not_closed_well() {
    let crashed = OriginalFile::with_schema("pragma journal_mode = wal; create table t (x)");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.db");
    let open = crashed.open();
    open.execute_batch("insert into t values (1)").unwrap();
    for suffix in ["", "-wal"] {
        let from = format!("{}{suffix}", crashed.path.display());
        fs::copy(from, format!("{}{suffix}", path.display())).unwrap();
    }
    let was = (fs::read(&path).unwrap(), fs::read(folder.path().join("x.db-wal")).unwrap());

    let error = prepare(&path).map(|(_, report)| report).unwrap_err().to_string();

    assert!(error.contains("another program (tables: t)"), "{error}");
    let is = (fs::read(&path).unwrap(), fs::read(folder.path().join("x.db-wal")).unwrap());
    assert!(is == was, "the log was moved into the file");
}

#[test]
fn tables_that_only_resemble_the_original() {
    let follower = "create table follower (who_id integer, whom_id integer)";
    let message =
        "create table message (message_id integer primary key, author_id, text, pub_date)";
    let users = [
        "create table user (user_id integer primary key, username, email)",
        "create table user (user_id text primary key, username, email, pw_hash)",
        "create table user (user_id integer, username, email, pw_hash)",
        "create view user as select 1 as user_id, 2 as username, 3 as email, 4 as pw_hash",
    ];
    for user in users {
        let file = OriginalFile::with_schema(&format!("{user}; {follower}; {message}"));
        let error = refused(&file.path);
        assert!(error.starts_with("is a SQLite database of another program"), "{user}: {error}");
    }
}

#[test]
fn a_newer_version() {
    let file = OriginalFile::with_schema("");
    drop(prepare(&file.path).unwrap());
    file.sql("pragma user_version = 7");
    assert_eq!(
        refused(&file.path),
        "has schema version 7, and this minitwit knows those up to 1; it was left as it is: use a \
         newer minitwit"
    );
}

#[test]
fn what_is_not_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("folder");
    fs::create_dir(&inside).unwrap();
    assert_eq!(refused(&inside), "is a folder: give the path of a database file");
    assert_eq!(
        refused(Path::new("/dev/null")),
        "is not a regular file: give the path of a database file"
    );
    let error = prepare(Path::new(":memory:")).map(|(_, report)| report).unwrap_err().to_string();
    assert_eq!(error, ":memory: is not a file: MiniTwit keeps its data on disk");
}

#[test]
fn a_missing_folder() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    assert_eq!(
        refused(&missing.join("x.db")),
        format!(
            "cannot be created: there is no folder {}; create it, or give another path",
            missing.display()
        )
    );
    fs::write(&missing, "a file").unwrap();
    let error = refused(&missing.join("x.db"));
    assert!(error.starts_with("cannot be opened: Not a directory"), "{error}");
}

/// Whether this user is kept from writing where permissions say so. The superuser is not.
fn permissions_bind(path: &Path) -> bool {
    OpenOptions::new().append(true).open(path).is_err()
}

#[test]
fn a_file_that_may_not_be_written() {
    let file = OriginalFile::new();
    fs::set_permissions(&file.path, PermissionsExt::from_mode(0o400)).unwrap();
    if permissions_bind(&file.path) {
        assert_eq!(
            refused(&file.path),
            "is read-only: allow this user to write to it, or mount its disk writable"
        );
    }
}

#[test]
fn a_damaged_file() {
    let original = OriginalFile::new();
    original.sql(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < 2000)
         insert into message select i, 1, 'This is what number ' || i || ' says.', i, 0 from n",
    );
    let ours = OriginalFile::with_schema("");
    drop(prepare(&ours.path).unwrap());
    for file in [&original, &ours] {
        let length = fs::metadata(&file.path).unwrap().len();
        OpenOptions::new().write(true).open(&file.path).unwrap().set_len(length / 2).unwrap();
        let error = refused(&file.path);
        assert!(error.starts_with("is damaged ("), "{error}");
        assert!(error.contains("; it was left as it is: restore a backup of it"), "{error}");
    }
}

#[test]
fn an_original_with_a_damaged_page() {
    let file = OriginalFile::new();
    file.sql(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < 2000)
         insert into message select i, 1, 'This is what number ' || i || ' says.', i, 0 from n",
    );
    let bytes = OpenOptions::new().write(true).open(&file.path).unwrap();
    bytes.write_all_at(&[0x55; 4096], 10 * 4096).unwrap();
    let error = refused(&file.path);
    assert!(error.starts_with("is damaged ("), "{error}");
}

#[test]
fn a_file_that_somebody_keeps_locked() {
    for file in [OriginalFile::new(), OriginalFile::with_schema("")] {
        let other = file.open();
        other.execute_batch("begin exclusive").unwrap();
        let trouble = connect(&file.path, Duration::from_millis(50)).map(|_| ()).unwrap_err();
        let error = trouble.explain(&file.path).to_string();
        assert_eq!(
            error,
            format!(
                "{} is in use: another process has kept it locked for more than 10 seconds; end \
                 that process or its transaction, and start again",
                file.path.display()
            )
        );
        other.execute_batch("rollback").unwrap();
        prepare(&file.path).unwrap();
    }
}

#[test]
fn a_reader_in_the_way_of_an_adoption_leaves_no_copy_behind() {
    let file = OriginalFile::new();
    let reader = file.open();
    reader.execute_batch("begin; select * from user").unwrap();
    let was = contents(file.folder());
    connect(&file.path, Duration::from_millis(50)).map(|_| ()).unwrap_err();
    assert!(contents(file.folder()) == was, "something was left behind");
    assert_eq!(rows(&reader, "PRAGMA application_id"), ["0"]);
}

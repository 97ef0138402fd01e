//! Files of every kind, as an operator may point to them.

mod refusal;
mod together;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::super::adoption::testing::{OriginalFile, rows};
use super::{SCHEMA, prepare};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn an_absent_file_is_created_for_this_user_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a b%20?.db");

    let (conn, report) = prepare(&path).unwrap();

    assert_eq!(report.0, ["created the schema, version 1"]);
    assert_eq!(rows(&conn, "PRAGMA application_id"), ["1297373012"]);
    assert_eq!(rows(&conn, "PRAGMA user_version"), ["1"]);
    assert_eq!(rows(&conn, "SELECT length(bytes) FROM secret"), ["32"]);
    assert_eq!(rows(&conn, "SELECT count(*) FROM user"), ["0"]);
    for file in fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap().path();
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "the file, its log and its index");
}

#[test]
fn the_connection_has_the_settings_of_one_that_writes() {
    let file = OriginalFile::with_schema("");
    let (conn, _) = prepare(&file.path).unwrap();
    let settings = [
        ("busy_timeout", "10000"),
        ("foreign_keys", "1"),
        ("synchronous", "2"),
        ("journal_mode", "wal"),
        ("journal_size_limit", "67108864"),
        ("legacy_alter_table", "0"),
    ];
    for (name, value) in settings {
        assert_eq!(rows(&conn, &format!("PRAGMA {name}")), [value], "{name}");
    }
}

#[test]
fn sqlite_is_compiled_as_the_repository_says() {
    let file = OriginalFile::with_schema("");
    let (conn, _) = prepare(&file.path).unwrap();
    let options = rows(&conn, "PRAGMA compile_options");
    for (option, wanted) in [
        ("ENABLE_MEMORY_MANAGEMENT", false),
        ("ENABLE_API_ARMOR", false),
        ("DEFAULT_MEMSTATUS=0", true),
        ("OMIT_SHARED_CACHE", true),
    ] {
        let found = options.iter().any(|found| found == option);
        assert_eq!(found, wanted, "{option}, see .cargo/config.toml; there are {options:?}");
    }
}

#[test]
fn each_database_has_a_secret_of_its_own() {
    let secret = || {
        let file = OriginalFile::with_schema("");
        let (conn, _) = prepare(&file.path).unwrap();
        rows(&conn, "SELECT hex(bytes) FROM secret")
    };
    assert_ne!(secret(), secret());
}

#[test]
fn repeating_it_changes_nothing() {
    for file in [OriginalFile::with_schema(""), OriginalFile::new()] {
        let (first, _) = prepare(&file.path).unwrap();
        first.execute("INSERT INTO user VALUES (7, 'bob', 'a@b', 'hash')", []).unwrap();
        drop(first);
        let was = fs::read(&file.path).unwrap();

        let (second, report) = prepare(&file.path).unwrap();
        assert_eq!(report.0, ["found schema version 1, up to date"]);
        assert_eq!(rows(&second, "SELECT * FROM user"), ["7|bob|a@b|hash"]);
        drop(second);

        assert!(fs::read(&file.path).unwrap() == was);
    }
}

#[test]
fn an_empty_file_is_as_good_as_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty.db");
    fs::write(&path, "").unwrap();
    assert_eq!(prepare(&path).unwrap().1.0, ["created the schema, version 1"]);

    let emptied = OriginalFile::with_schema("create table t (x); drop table t");
    assert!(fs::metadata(&emptied.path).unwrap().len() > 0);
    assert_eq!(prepare(&emptied.path).unwrap().1.0, ["created the schema, version 1"]);
}

#[test]
fn a_link_leads_to_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let (target, link) = (folder.path().join("target.db"), folder.path().join("link.db"));
    symlink(&target, &link).unwrap();
    assert_eq!(prepare(&link).unwrap().1.0, ["created the schema, version 1"]);
    assert_eq!(mode(&target), 0o600);
    assert_eq!(prepare(&link).unwrap().1.0, ["found schema version 1, up to date"]);
}

#[test]
fn names_that_mean_something_to_sqlite_are_just_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file:x?mode=memory");
    prepare(&path).unwrap();
    assert!(fs::metadata(&path).unwrap().len() > 0);
}

#[test]
fn our_tables_are_known_without_their_mark() {
    let file = OriginalFile::with_schema(SCHEMA);
    file.sql("alter table user add column motto; create table further (x)");
    file.sql("insert into secret values (1, zeroblob(32))");
    let (conn, report) = prepare(&file.path).unwrap();
    assert_eq!(
        report.0,
        ["found the tables of schema version 1 without its mark, as a copy made with .dump has \
          them: marked it"]
    );
    assert_eq!(rows(&conn, "SELECT bytes = zeroblob(32) FROM secret"), ["1"]);
    drop(conn);
    assert_eq!(prepare(&file.path).unwrap().1.0, ["found schema version 1, up to date"]);
}

#[test]
fn a_database_of_ours_gets_its_write_ahead_log_back() {
    let file = OriginalFile::with_schema("");
    drop(prepare(&file.path).unwrap());
    file.sql("pragma journal_mode = delete");
    let (conn, _) = prepare(&file.path).unwrap();
    assert_eq!(rows(&conn, "PRAGMA journal_mode"), ["wal"]);
}

//! Bad input: one line that says what to do, and nothing is changed anywhere.

use std::fs;

use crate::migration::Move;
use crate::support::run;
use crate::support::{Cluster, psql};

/// Runs the command, which fails with one line that mentions this and changes nothing.
#[track_caller]
fn refused(to: &Move, mentions: &str) {
    let before = to.contents();
    let moved = to.run(&[]).expect(1);
    let said = moved.stderr();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains(mentions), "no {mentions:?} in {said}");
    assert!(!said.contains("hunter2"), "{said}");
    let after: Vec<_> = to.contents();
    let names = |all: &[(std::path::PathBuf, Vec<u8>)]| -> Vec<_> {
        all.iter().map(|(path, _)| path.clone()).collect()
    };
    assert_eq!(names(&after), names(&before));
    assert!(after == before, "something was changed");
}

#[test]
fn a_source_that_is_none() {
    let to = Move::without_file();
    refused(&to, "does not exist");
    fs::write(&to.file, "").unwrap();
    refused(&to, "is empty");
    fs::write(&to.file, "hello, I am no database").unwrap();
    refused(&to, "is not a SQLite database");
    fs::remove_file(&to.file).unwrap();
    fs::create_dir(&to.file).unwrap();
    refused(&to, "is a folder");
    fs::remove_dir(&to.file).unwrap();
    to.sql("CREATE TABLE customer (id)");
    refused(&to, "another program");
    assert_eq!(to.rows("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), ["0"]);
}

#[test]
fn a_source_that_is_locked_for_ever() {
    let to = Move::new();
    let other = to.sqlite();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    // Without a look at the files: closing them would drop the lock, for such is POSIX.
    let moved = to.run(&[]).expect(1);
    assert!(moved.stderr().contains("is in use"), "{}", moved.stderr());
    assert_eq!(moved.stderr().lines().count(), 1, "{}", moved.stderr());
    assert!(!to.folder().join("minitwit.db.migration-report.jsonl").exists());
    assert_eq!(to.rows("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), ["0"]);
    other.execute_batch("ROLLBACK").unwrap();
    to.run(&[]).expect(0);
}

#[test]
fn a_target_that_cannot_be_reached_or_entered() {
    let mut to = Move::new();
    let (url, port) = (to.url.clone(), Cluster::shared().port());
    to.url = url.replace(&port.to_string(), "1");
    refused(&to, "127.0.0.1:1");
    to.url = url.replace("/test_", "/no_such_database_");
    refused(&to, "there is no such database");
    to.url = url.replace("postgres@", "nobody:hunter2@");
    refused(&to, "nobody");
}

#[test]
fn a_wrong_password() {
    let mut to = Move::new();
    let cluster = Cluster::start("");
    cluster.psql("postgres", "ALTER USER postgres PASSWORD 'right'");
    let rules = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
    fs::write(cluster.data().join("pg_hba.conf"), rules).unwrap();
    cluster.stop("fast");
    cluster.resume();
    to.url = format!("postgres://postgres:hunter2@127.0.0.1:{}/postgres", cluster.port());
    refused(&to, "password is wrong");
}

#[test]
fn a_target_that_is_not_ours() {
    let to = Move::new();
    psql(&to.url, "CREATE TABLE customer (id integer)");
    refused(&to, "customer");
    psql(&to.url, "DROP TABLE customer; CREATE TABLE message (id integer)");
    refused(&to, "message");
    assert_eq!(to.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"), ["message"]);

    let served = Move::new();
    run(served.folder(), &["init-db", "--database", &served.url], &[]);
    refused(&served, "is a MiniTwit's already");
}

#[test]
fn an_encoding_that_cannot_hold_every_text() {
    let mut to = Move::new();
    let sql = "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0";
    Cluster::shared().psql("postgres", sql);
    to.url = Cluster::shared().url("latin");
    refused(&to, "LATIN1");
}

#[test]
fn an_unfinished_migration_of_another_file() {
    let to = Move::new();
    run(to.folder(), &["init-db", "--database", &to.url], &[]);
    psql(&to.url, "UPDATE minitwit SET state = 'copying', source = 'another'");
    refused(&to, "another file");
    let served = run(to.folder(), &["init-db", "--database", &to.url], &[]);
    let said = String::from_utf8_lossy(&served.stderr);
    assert!(!served.status.success() && said.contains("has not finished"), "{said}");
}

#[test]
fn a_user_without_permission() {
    let mut to = Move::new();
    psql(&to.url, "CREATE ROLE visitor LOGIN");
    to.url = to.url.replace("postgres@", "visitor@");
    refused(&to, "may not create tables");
}

#[test]
fn mistakes_in_flags() {
    let to = Move::new();
    for (url, mentions) in [
        ("mysql://ada:hunter2@h/d", "--to"),
        ("postgres://ada:hunter2@h", "names no database"),
        ("", "--to"),
    ] {
        let arguments = ["migrate-to-postgres", "--from", "minitwit.db", "--to", url];
        let output = run(to.folder(), &arguments, &[]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(mentions) && !said.contains("hunter2"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    let variables = [("MINITWIT_MIGRATE_TO", "postgres://ada:hunter2@h/d")];
    let help = run(to.folder(), &["migrate-to-postgres", "--help"], &variables);
    assert!(!String::from_utf8_lossy(&help.stdout).contains("hunter2"));
}

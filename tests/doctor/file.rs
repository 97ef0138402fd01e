//! What is wrong with a database file.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, SystemTime};

use rusqlite::Connection;

use crate::command::{doctor, doctor_of, stopped_server};
use crate::support::{Simulator, TestServer, run};

const DAY: Duration = Duration::from_secs(86_400);

#[test]
fn a_sound_database_is_well_and_left_as_it_is_beside_its_server() {
    let mut server = TestServer::start();
    Simulator::of(&server).register("ada").expect(204);
    let beside = doctor_of(&server);
    beside.is_fine("every page, row and index");
    beside.is_fine("all indices are there");
    Simulator::of(&server).says("ada", "not disturbed").expect(204);
    server.terminate();
    let before = fs::read(server.database()).unwrap();
    doctor_of(&server).is_well();
    assert_eq!(fs::read(server.database()).unwrap(), before);
    let files = fs::read_dir(server.folder()).unwrap().count();
    assert_eq!(files, 1, "it left something behind");
}

#[test]
fn people_read_it_in_plain_words() {
    let server = stopped_server(0);
    let output = run(server.folder(), &["doctor", "--database", "minitwit.db"], &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(text.ends_with("\nall is well\n"), "{text}");
    server.sql().execute("DROP INDEX message_by_date");
    let output = run(server.folder(), &["doctor", "--database", "minitwit.db"], &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("  PROBLEM  the index message_by_date is missing"), "{text}");
    assert!(text.contains("           what to do: make it with"), "{text}");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "minitwit: 1 problem was found\n");
}

#[test]
fn a_database_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    doctor(folder.path(), &[], &[]).has_problem("there is no database minitwit.db");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_is_no_minitwit_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let told = |name: &str| doctor(folder.path(), &["--database", name], &[]);
    fs::write(folder.path().join("text.db"), "no database at all ".repeat(100)).unwrap();
    told("text.db").has_problem("is not a SQLite database");
    let create = |name: &str, sql: &str| {
        Connection::open(folder.path().join(name)).unwrap().execute_batch(sql).unwrap();
    };
    create("music.db", "CREATE TABLE song (title)");
    told("music.db").has_problem("another program");
    create(
        "newer.db",
        "PRAGMA application_id = 0x4d545754; PRAGMA user_version = 999; CREATE TABLE t (x)",
    );
    told("newer.db").has_problem("use a newer minitwit");
}

#[test]
fn a_database_of_the_original_program_is_no_problem() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("minitwit.db");
    Connection::open(&file)
        .unwrap()
        .execute_batch(
            "CREATE TABLE user (user_id integer primary key autoincrement,
                 username string not null, email string not null, pw_hash string not null);
             CREATE TABLE follower (who_id integer, whom_id integer);
             CREATE TABLE message (message_id integer primary key autoincrement,
                 author_id integer not null, text string not null, pub_date integer,
                 flagged integer)",
        )
        .unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    doctor(folder.path(), &[], &[]).has_notice("original program");
}

#[test]
fn damage_is_found() {
    let server = stopped_server(200);
    let mut bytes = fs::read(server.database()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0x5a);
    fs::write(server.database(), bytes).unwrap();
    doctor_of(&server).has_problem("is damaged");
}

#[test]
fn an_index_that_does_not_fit_its_table_is_damage() {
    let server = stopped_server(5);
    server.sql().execute(
        "PRAGMA writable_schema = on;
         UPDATE sqlite_schema
         SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'session_by_user')
         WHERE name = 'message_by_author'",
    );
    doctor_of(&server).has_problem("the database is damaged");
}

#[test]
fn each_missing_index_is_named_with_the_statement_that_makes_it() {
    let server = stopped_server(1);
    server.sql().execute("DROP INDEX message_by_author; DROP INDEX session_by_expiry");
    let told = doctor_of(&server);
    told.has_problem("message_by_author is missing");
    told.has_problem("session_by_expiry is missing");
    let advice = |finding: &serde_json::Value| finding["advice"].as_str().map(str::to_owned);
    let findings = told.json["findings"].as_array().unwrap().iter();
    for statement in findings.filter_map(advice).filter_map(|advice| {
        advice.split_once("shell: ").map(|(_, statement)| statement.to_owned())
    }) {
        server.sql().execute(&statement);
    }
    doctor_of(&server).is_fine("all indices are there");
}

#[test]
fn rows_about_nobody_are_found() {
    let server = stopped_server(3);
    // As a script of an operator's does, which does not ask for foreign keys.
    server.sql().execute("PRAGMA foreign_keys = off; DELETE FROM user");
    doctor_of(&server).has_problem("3 rows, as in the table message");
}

#[test]
fn what_has_moved_to_postgres_is_told() {
    let server = stopped_server(0);
    server.sql().execute(
        "CREATE TABLE moved (only_row, target, moved_at, token, see_report);
         INSERT INTO moved VALUES (1, 'postgres://db:5432/mini', 0, x'00', 0)",
    );
    doctor_of(&server).has_problem("moved to postgres://db:5432/mini");
}

#[test]
fn a_message_from_the_future_shows_that_a_clock_is_wrong() {
    let mut server = stopped_server(1);
    server.restart();
    server.insert_message("ada", "from tomorrow", 4_000_000_000);
    doctor_of(&server).has_problem("ahead of the clock");
}

#[test]
fn a_log_that_cannot_start_over_is_told() {
    let server = stopped_server(1);
    let log = File::create(server.folder().join("minitwit.db-wal")).unwrap();
    log.set_len(300 * 1024 * 1024).unwrap();
    log.set_permissions(Permissions::from_mode(0o600)).unwrap();
    doctor_of(&server).has_problem("the write-ahead log has grown to 314.6 MB");
}

#[test]
fn an_old_backup_is_told() {
    let server = stopped_server(1);
    doctor_of(&server).has_notice("no backup");
    let backup = ["backup", "--database", "minitwit.db", "--to", "copy.db"];
    assert!(run(server.folder(), &backup, &[]).status.success());
    doctor_of(&server).is_fine("the last backup is 0 hours old");
    let age = |age: Duration| {
        let note =
            File::options().write(true).open(server.folder().join("minitwit.db.last-backup"));
        note.unwrap().set_modified(SystemTime::now() - age).unwrap();
    };
    age(DAY * 3 / 2);
    doctor_of(&server).has_notice("the last backup is 36 hours old");
    age(DAY * 9);
    doctor_of(&server).has_problem("the last backup is 9 days old");
}

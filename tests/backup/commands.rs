//! The two commands, and what is asked of the files they leave.

use std::fs;
use std::path::Path;
use std::process::Output;

use rusqlite::{Connection, OpenFlags};

use crate::support::{Launch, Simulator, TestServer, run};

/// Runs `minitwit backup` in a folder.
pub(crate) fn backup(folder: &Path, database: &str, to: &str, more: &[&str]) -> Output {
    let arguments = [&["backup", "--database", database, "--to", to], more].concat();
    run(folder, &arguments, &[])
}

/// Runs `minitwit restore` in a folder.
pub(crate) fn restore(folder: &Path, from: &str, database: &str, more: &[&str]) -> Output {
    let arguments = [&["restore", "--from", from, "--database", database], more].concat();
    run(folder, &arguments, &[])
}

/// What a command that has to succeed said.
#[track_caller]
pub(crate) fn said(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{output:?}");
    assert!(error.is_empty(), "{error}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The one line of a command that has to fail with status 1 and print nothing.
#[track_caller]
pub(crate) fn complaint(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    assert_eq!(error.trim_end().lines().count(), 1, "{error}");
    error
}

/// A server on `minitwit.db` with two users, a follow and so many messages, by then stopped.
pub(crate) fn stopped_server(messages: usize) -> TestServer {
    let mut server = Launch::new().start();
    let simulator = Simulator::of(&server);
    for name in ["ada", "grace"] {
        simulator.register(name).expect(204);
    }
    simulator.follow("ada", "grace").expect(204);
    for number in 0..messages {
        simulator.says("ada", &format!("message {number}")).expect(204);
    }
    server.terminate();
    server
}

/// The texts of all messages of a file, which is left as it is.
pub(crate) fn texts(file: &Path) -> Vec<String> {
    let db = read(file);
    let mut texts = db.prepare("SELECT text FROM message ORDER BY message_id").unwrap();
    texts.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Opens a file as a cautious person would.
pub(crate) fn read(file: &Path) -> Connection {
    Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

/// The names of the files in a folder, but for the empty ones that SQLite leaves beside a database
/// or clears away, whoever closes it last.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.retain(|name| name != "minitwit.db-wal" && name != "minitwit.db-shm");
    names.sort();
    names
}

/// Overwrites the pages of a database after the first, so that nothing in them makes sense.
pub(crate) fn damage(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    bytes[4096..].fill(0x5a);
    fs::write(file, bytes).unwrap();
}

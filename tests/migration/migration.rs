//! A file, a database of Postgres, and the command between them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use rusqlite::Connection;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Cluster, psql, run};

/// A file in a folder of its own, and an empty Postgres to move it to.
pub(crate) struct Move {
    /// Gone with it.
    pub(crate) folder: TempDir,
    /// The file.
    pub(crate) file: PathBuf,
    /// The URL of the database.
    pub(crate) url: String,
}

impl Move {
    /// A MiniTwit's file without anything in it.
    pub(crate) fn new() -> Self {
        let new = Self::without_file();
        let output = run(new.folder(), &["init-db"], &[]);
        assert!(output.status.success(), "{output:?}");
        new
    }

    /// No file yet.
    pub(crate) fn without_file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("minitwit.db");
        Self { folder, file, url: Cluster::shared().new_database() }
    }

    /// Where the file is.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Opens the file as another program would.
    pub(crate) fn sqlite(&self) -> Connection {
        let connection = Connection::open(&self.file).unwrap();
        connection.pragma_update(None, "foreign_keys", false).unwrap();
        connection
    }

    /// Does something to the file.
    #[track_caller]
    pub(crate) fn sql(&self, sql: &str) {
        self.sqlite().execute_batch(sql).unwrap();
    }

    /// Rows that a query finds in Postgres, values separated by `|`.
    #[track_caller]
    pub(crate) fn rows(&self, sql: &str) -> Vec<String> {
        psql(&self.url, sql).lines().map(str::to_owned).collect()
    }

    /// Runs the command with these further arguments.
    pub(crate) fn run(&self, further: &[&str]) -> Moved {
        let from = self.file.display().to_string();
        let arguments =
            [&["migrate-to-postgres", "--from", &from, "--to", &self.url][..], further].concat();
        Moved(run(self.folder(), &arguments, &[]))
    }

    /// Starts the command and leaves it running.
    pub(crate) fn start(&self) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_minitwit"));
        command.args(["migrate-to-postgres", "--to", &self.url, "--from"]).arg(&self.file);
        command.current_dir(self.folder()).stdout(Stdio::null()).stderr(Stdio::piped());
        Running(command.spawn().unwrap())
    }

    /// What the report file says, line by line.
    #[track_caller]
    pub(crate) fn report(&self) -> Vec<Value> {
        let path = self.folder().join("minitwit.db.migration-report.jsonl");
        let text = fs::read_to_string(path).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What there is in the folder, with contents.
    pub(crate) fn contents(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let entries = fs::read_dir(self.folder()).unwrap().map(|entry| entry.unwrap().path());
        let mut all: Vec<_> = entries
            .map(|path| {
                let bytes = fs::read(&path).unwrap_or_default();
                (path, bytes)
            })
            .collect();
        all.sort();
        all
    }
}

/// The command while it runs; killed when dropped.
pub(crate) struct Running(Child);

impl Running {
    /// Reads what it says until a line begins so.
    pub(crate) fn says(&mut self, beginning: &str) -> bool {
        let Some(stderr) = self.0.stderr.take() else { return false };
        let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
        let said = lines.any(|line| line.starts_with(beginning));
        // What it says later is read too: it must not find its stderr closed.
        std::thread::spawn(move || lines.for_each(drop));
        said
    }

    /// Asks it to end, and returns its exit status.
    pub(crate) fn stop(self) -> Option<i32> {
        kill_process(Pid::from_child(&self.0), Signal::TERM).unwrap();
        self.end()
    }

    /// Waits for its end, and returns its exit status.
    pub(crate) fn end(mut self) -> Option<i32> {
        self.0.wait().unwrap().code()
    }

    /// Ends it as a crash would.
    pub(crate) fn kill(mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The command after its end.
#[derive(Debug)]
pub(crate) struct Moved(pub(crate) Output);

impl Moved {
    /// What it printed as its result.
    pub(crate) fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    /// What it said meanwhile.
    pub(crate) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    /// Panics unless it ended with this status.
    #[track_caller]
    pub(crate) fn expect(self, status: i32) -> Self {
        assert_eq!(self.0.status.code(), Some(status), "{}\n{}", self.stdout(), self.stderr());
        self
    }

    /// The line of the comparison that is about a table, words separated by single spaces.
    #[track_caller]
    pub(crate) fn compared(&self, table: &str) -> String {
        let out = self.stdout();
        let line = out.lines().find(|line| line.split_whitespace().next() == Some(table));
        let line = line.unwrap_or_else(|| panic!("nothing about {table}: {out}"));
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

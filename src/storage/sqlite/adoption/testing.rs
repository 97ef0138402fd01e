//! Databases as the original program left them, for tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rusqlite::types::{ToSql, ValueRef};
use rusqlite::{Connection, params};
use tempfile::TempDir;

use super::super::schema;

/// The schema of the original program.
const SCHEMA: &str = "
    create table user (
        user_id integer primary key autoincrement,
        username string not null,
        email string not null,
        pw_hash string not null
    );
    create table follower (
        who_id integer,
        whom_id integer
    );
    create table message (
        message_id integer primary key autoincrement,
        author_id integer not null,
        text string not null,
        pub_date integer,
        flagged integer
    );";

/// A file in a folder of its own.
pub(in crate::storage::sqlite) struct OriginalFile {
    folder: TempDir,
    /// Where it is.
    pub(in crate::storage::sqlite) path: PathBuf,
}

impl OriginalFile {
    /// An empty database of the original program.
    pub(in crate::storage::sqlite) fn new() -> Self {
        Self::with_schema(SCHEMA)
    }

    /// A database made by this SQL.
    pub(in crate::storage::sqlite) fn with_schema(schema: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap().join("minitwit.db");
        let file = Self { folder, path };
        file.sql(schema);
        file
    }

    /// The folder it is in.
    pub(in crate::storage::sqlite) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A connection like any other program's.
    pub(in crate::storage::sqlite) fn open(&self) -> Connection {
        let conn = Connection::open(&self.path).unwrap();
        conn.pragma_update(None, "foreign_keys", false).unwrap();
        conn
    }

    /// Does something to the file.
    pub(in crate::storage::sqlite) fn sql(&self, sql: &str) {
        self.open().execute_batch(sql).unwrap();
    }

    /// Adds a user as the original did, so that the name may become a number.
    pub(in crate::storage::sqlite) fn user(&self, id: i64, username: impl ToSql) {
        let sql = "insert into user values (?1, ?2, 'user' || ?1 || '@example.com', 'hash ' || ?1)";
        self.open().execute(sql, params![id, username]).unwrap();
    }

    /// Adds a message as the original did.
    pub(in crate::storage::sqlite) fn message(&self, id: i64, author: i64, text: impl ToSql) {
        let sql = "insert into message values (?1, ?2, ?3, 1300000000 + ?1, 0)";
        self.open().execute(sql, params![id, author, text]).unwrap();
    }

    /// Prepares the file; the database and the report.
    pub(in crate::storage::sqlite) fn adopt(&self) -> (Connection, Vec<String>) {
        let (conn, report) = schema::prepare(&self.path).unwrap();
        assert!(report.0[0].starts_with("adopted"), "{report:?}");
        let check = rows(&conn, "PRAGMA foreign_key_check");
        assert!(check.is_empty(), "{check:?}");
        assert_eq!(rows(&conn, "PRAGMA integrity_check"), ["ok"]);
        (conn, report.0)
    }

    /// The copies made of the file before it was adopted.
    pub(in crate::storage::sqlite) fn backups(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder()).unwrap().map(|entry| entry.unwrap().path());
        let is_backup = |path: &PathBuf| path.display().to_string().contains(".db.original-");
        let mut backups: Vec<_> = entries.filter(is_backup).collect();
        backups.sort();
        backups
    }
}

/// Starts a process that prepares a file and succeeds if that did. It is a second run of the
/// tests, of nothing but [`prepares_the_file_it_is_told`].
pub(in crate::storage::sqlite) fn spawn_prepare(path: &Path) -> Child {
    let (_, module) = module_path!().split_once("::").unwrap();
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("{module}::prepares_the_file_it_is_told")])
        .env(FILE_TO_PREPARE, path)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

const FILE_TO_PREPARE: &str = "MINITWIT_TEST_PREPARE";

#[test]
fn prepares_the_file_it_is_told() {
    if let Some(path) = std::env::var_os(FILE_TO_PREPARE) {
        schema::prepare(Path::new(&path)).unwrap();
    }
}

/// What a query finds, a text for each row, values separated by `|`.
pub(in crate::storage::sqlite) fn rows(conn: &Connection, sql: &str) -> Vec<String> {
    let mut query = conn.prepare(sql).unwrap();
    let columns = query.column_count();
    let row = |row: &rusqlite::Row<'_>| {
        let values = (0..columns).map(|column| shown(row.get_ref(column).unwrap()));
        Ok(values.collect::<Vec<_>>().join("|"))
    };
    query.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap()
}

fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".into(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => format!("{number:?}"),
        ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        ValueRef::Blob(bytes) => format!("{bytes:?}"),
    }
}

use std::path::PathBuf;

/// The database as another process sees it, whichever kind it is. What is asked of it here, both
/// kinds understand; the table of users is called `"user"`, in quotation marks.
pub struct Sql(pub(super) Door);

pub(super) enum Door {
    #[cfg(feature = "sqlite")]
    File(PathBuf),
    #[cfg(feature = "postgres")]
    Server(String),
}

impl Sql {
    /// Runs statements; how many rows the last one changed.
    #[track_caller]
    pub fn execute(&self, sql: &str) -> u64 {
        match &self.0 {
            #[cfg(feature = "sqlite")]
            Door::File(path) => {
                let connection = open(path);
                connection.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
                connection.changes()
            }
            #[cfg(feature = "postgres")]
            Door::Server(url) => ask(url, sql).1,
        }
    }

    /// The rows of a query, each value as text.
    #[track_caller]
    pub fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        match &self.0 {
            #[cfg(feature = "sqlite")]
            Door::File(path) => {
                use rusqlite::types::ValueRef;
                let connection = open(path);
                let mut statement = connection.prepare(sql).unwrap();
                let columns = statement.column_count();
                let text = |value: ValueRef<'_>| match value {
                    ValueRef::Null => String::new(),
                    ValueRef::Integer(number) => number.to_string(),
                    ValueRef::Real(number) => number.to_string(),
                    ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                        String::from_utf8(bytes.to_vec()).unwrap()
                    }
                };
                let rows = statement.query_map((), |row| {
                    Ok((0..columns).map(|column| text(row.get_ref(column).unwrap())).collect())
                });
                rows.unwrap().map(Result::unwrap).collect()
            }
            #[cfg(feature = "postgres")]
            Door::Server(url) => ask(url, sql).0,
        }
    }

    /// All that is stored, in one form or another.
    pub fn everything(&self) -> Vec<u8> {
        match &self.0 {
            #[cfg(feature = "sqlite")]
            Door::File(path) => {
                let journal = std::fs::read(path.with_extension("db-wal"));
                [std::fs::read(path).unwrap(), journal.unwrap_or_default()].concat()
            }
            #[cfg(feature = "postgres")]
            Door::Server(url) => {
                let dump = super::said(std::process::Command::new(super::tool("pg_dump")).arg(url));
                let keys = "SELECT encode(session_key, 'escape') FROM session";
                format!("{dump}{}", self.rows(keys).concat().concat()).into_bytes()
            }
        }
    }

    /// The only row of a query.
    #[track_caller]
    pub fn row(&self, sql: &str) -> Vec<String> {
        let mut rows = self.rows(sql);
        assert_eq!(rows.len(), 1, "{sql}: {rows:?}");
        rows.remove(0)
    }

    /// The only value of the only row of a query.
    #[track_caller]
    pub fn value(&self, sql: &str) -> String {
        let mut row = self.row(sql);
        assert_eq!(row.len(), 1, "{sql}: {row:?}");
        row.remove(0)
    }
}

/// A text as a literal of SQL.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(feature = "sqlite")]
pub(super) fn open(path: &std::path::Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.busy_timeout(super::PATIENCE).unwrap();
    // As Postgres always has them.
    connection.pragma_update(None, "foreign_keys", true).unwrap();
    connection
}

/// The rows of the last query among the statements, and how many rows the last statement changed.
#[cfg(feature = "postgres")]
#[track_caller]
fn ask(url: &str, sql: &str) -> (Vec<Vec<String>>, u64) {
    use tokio_postgres::{NoTls, SimpleQueryMessage};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let messages = runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client.simple_query(sql).await
    });
    let (mut rows, mut changed) = (Vec::new(), 0);
    for message in messages.unwrap_or_else(|error| panic!("{sql}: {error:?}")) {
        match message {
            SimpleQueryMessage::Row(row) => {
                let texts = (0..row.len()).map(|column| row.get(column).unwrap_or_default());
                rows.push(texts.map(str::to_owned).collect());
            }
            SimpleQueryMessage::CommandComplete(count) => changed = count,
            _ => {}
        }
    }
    (rows, changed)
}

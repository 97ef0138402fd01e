//! What is moved: every table, with its columns as either side has them.

/// A table of both databases.
#[derive(Debug)]
pub(super) struct Table {
    /// Its name on both sides.
    pub(super) name: &'static str,
    /// Its columns, those of its key first.
    pub(super) columns: &'static [Column],
    /// How many columns its key has.
    pub(super) key: usize,
}

/// A column of both databases.
#[derive(Debug)]
pub(super) struct Column {
    /// Its name in Postgres.
    pub(super) name: &'static str,
    /// Its name in SQLite.
    pub(super) source: &'static str,
    /// What it holds.
    pub(super) kind: Kind,
}

/// What a column holds, and so what becomes of values that Postgres would not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A whole number.
    Integer,
    /// The id of a user, without whom the row cannot arrive.
    User,
    /// The name of a user, of which there must not be two.
    Username,
    /// A text.
    Text,
    /// 32 bytes.
    Key,
    /// Any value of SQLite's, which becomes its literal.
    Literal,
    /// A number that stands for every spelling of it.
    Number,
    /// When a `latest` was noted, in unix microseconds.
    NotedAt,
    /// The 1 of a table with one row.
    OnlyRow,
    /// Which server noted a `latest`: the SQLite file counts as one.
    Server,
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, source: name, kind }
}

/// All tables, so that a row comes after those it refers to; the large one as early as can be,
/// because most is left to do after it.
pub(super) const TABLES: [Table; 9] = [
    Table {
        name: "user",
        columns: &[
            column("user_id", Kind::Integer),
            column("username", Kind::Username),
            column("email", Kind::Text),
            column("pw_hash", Kind::Text),
        ],
        key: 1,
    },
    Table {
        name: "message",
        columns: &[
            column("message_id", Kind::Integer),
            column("author_id", Kind::User),
            column("text", Kind::Text),
            column("pub_date", Kind::Integer),
            column("flagged", Kind::Integer),
        ],
        key: 1,
    },
    Table {
        name: "follower",
        columns: &[column("who_id", Kind::User), column("whom_id", Kind::User)],
        key: 2,
    },
    Table {
        name: "session",
        columns: &[
            column("session_key", Kind::Key),
            column("user_id", Kind::User),
            column("expires", Kind::Integer),
        ],
        key: 1,
    },
    Table {
        name: "latest",
        columns: &[
            Column { name: "server", source: "only_row", kind: Kind::Server },
            column("latest", Kind::Integer),
            column("noted_at", Kind::NotedAt),
        ],
        key: 1,
    },
    Table {
        name: "secret",
        columns: &[column("only_row", Kind::OnlyRow), column("bytes", Kind::Key)],
        key: 1,
    },
    Table {
        name: "adoption_note",
        columns: &[
            column("note_id", Kind::Integer),
            column("table_name", Kind::Text),
            column("row_id", Kind::Integer),
            column("column_name", Kind::Text),
            column("original", Kind::Literal),
            column("note", Kind::Text),
        ],
        key: 1,
    },
    Table {
        name: "numeric_username",
        columns: &[column("user_id", Kind::User), column("value", Kind::Number)],
        key: 1,
    },
    Table {
        name: "orphan_message",
        columns: &[
            column("message_id", Kind::Integer),
            column("author_id", Kind::Literal),
            column("text", Kind::Literal),
            column("pub_date", Kind::Literal),
            column("flagged", Kind::Literal),
        ],
        key: 1,
    },
];

impl Table {
    /// Its name, quoted for SQL of either side: `user` is a word of Postgres's own.
    pub(super) fn quoted(&self) -> String {
        format!("\"{}\"", self.name)
    }

    /// The columns of its key.
    pub(super) fn key_columns(&self) -> &'static [Column] {
        &self.columns[..self.key]
    }

    /// Its columns as SQLite calls them, each with this before it.
    pub(super) fn source_names(&self, prefix: &str) -> String {
        let names = self.columns.iter().map(|column| format!("{prefix}\"{}\"", column.source));
        names.collect::<Vec<_>>().join(", ")
    }

    /// Its columns as Postgres calls them, each with this before it.
    pub(super) fn names(&self, prefix: &str) -> String {
        names(self.columns, prefix)
    }

    /// The columns of its key as Postgres calls them, each with this before it.
    pub(super) fn key_names(&self, prefix: &str) -> String {
        names(self.key_columns(), prefix)
    }
}

fn names(columns: &[Column], prefix: &str) -> String {
    let names = columns.iter().map(|column| format!("{prefix}\"{}\"", column.name));
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    #[test]
    fn no_table_or_column_of_the_schema_is_left_out() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(include_str!("../../schema.sql")).unwrap();
        let sql = "SELECT t.name, group_concat(c.name, ' ') FROM sqlite_schema t,
                   pragma_table_info(t.name) c
                   WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' GROUP BY t.name";
        let mut query = db.prepare(sql).unwrap();
        let there = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let there: Vec<(String, String)> = there.map(Result::unwrap).collect();
        assert_eq!(there.len(), TABLES.len());
        for (name, columns) in there {
            let table = TABLES.iter().find(|table| table.name == name).expect(&name);
            let ours: Vec<_> = table.columns.iter().map(|column| column.source).collect();
            assert_eq!(ours.join(" "), columns, "{name}");
        }
    }
}

//! Tables are filled without indices and references, which are built after that: it takes a
//! fifth of the time. Postgres itself says how each was defined in `schema.sql`.

use tokio_postgres::{Client, Row, Transaction};

use super::failure::Result;
use super::tables::TABLES;

/// What was taken from the tables, to be given back.
#[derive(Debug, Default)]
pub(super) struct Constraints {
    indices: Vec<Definition>,
    keys: Vec<Definition>,
    references: Vec<Definition>,
}

/// One index, key or reference.
#[derive(Debug)]
struct Definition {
    table: String,
    name: String,
    sql: String,
}

impl Constraints {
    /// Takes everything that slows down filling.
    pub(super) async fn take(client: &mut Client) -> Result<Self> {
        let names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
        let tx = client.transaction().await?;
        let taken = Self {
            references: definitions(&tx, REFERENCES, &names).await?,
            keys: definitions(&tx, KEYS, &names).await?,
            indices: definitions(&tx, INDICES, &names).await?,
        };
        let mut drop = String::new();
        for Definition { table, name, .. } in taken.references.iter().chain(&taken.keys) {
            drop += &format!("ALTER TABLE \"{table}\" DROP CONSTRAINT \"{name}\";");
        }
        let is_key = |name: &str| taken.keys.iter().any(|key| key.name == name);
        for Definition { name, .. } in taken.indices.iter().filter(|index| !is_key(&index.name)) {
            drop += &format!("DROP INDEX \"{name}\";");
        }
        tx.batch_execute(&drop).await?;
        tx.commit().await?;
        Ok(taken)
    }

    /// Statements that build the indices of a table. They may run at once, and while the table
    /// is read.
    pub(super) fn build_indices<'a>(&'a self, table: &'a str) -> impl Iterator<Item = String> + 'a {
        self.indices.iter().filter(move |index| index.table == table).map(|index| index.sql.clone())
    }

    /// Statements that make keys of built indices, and declare the references without a look at
    /// the rows. They are fast.
    pub(super) fn declare(&self) -> String {
        let mut sql = String::new();
        for Definition { table, name, sql: kind } in &self.keys {
            sql += &format!(
                "ALTER TABLE \"{table}\" ADD CONSTRAINT \"{name}\" {kind} USING INDEX \"{name}\";"
            );
        }
        for Definition { table, name, sql: reference } in &self.references {
            sql += &format!(
                "ALTER TABLE \"{table}\" ADD CONSTRAINT \"{name}\" {reference} NOT VALID;"
            );
        }
        sql
    }

    /// For each table, a statement that checks the declared references and gathers what the
    /// planner wants to know. They may run at once.
    pub(super) fn validate(&self) -> impl Iterator<Item = String> + '_ {
        TABLES.iter().map(|table| {
            let references = self.references.iter().filter(|one| one.table == table.name);
            let mut sql: String = references
                .map(|one| {
                    format!("ALTER TABLE \"{}\" VALIDATE CONSTRAINT \"{}\";", one.table, one.name)
                })
                .collect();
            sql += &format!("ANALYZE \"{}\"", table.name);
            sql
        })
    }
}

async fn definitions(tx: &Transaction<'_>, sql: &str, tables: &[&str]) -> Result<Vec<Definition>> {
    let rows = tx.query(sql, &[&tables]).await?;
    let definition =
        |row: &Row| Definition { table: row.get(0), name: row.get(1), sql: row.get(2) };
    Ok(rows.iter().map(definition).collect())
}

/// References to other tables.
const REFERENCES: &str = "
    SELECT t.relname::text, c.conname::text, pg_get_constraintdef(c.oid)
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    WHERE t.relnamespace = current_schema()::regnamespace AND t.relname = ANY($1)
      AND c.contype = 'f'
    ORDER BY 1, 2";

/// Constraints that an index keeps.
const KEYS: &str = "
    SELECT t.relname::text, c.conname::text,
           CASE c.contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    WHERE t.relnamespace = current_schema()::regnamespace AND t.relname = ANY($1)
      AND c.contype IN ('p', 'u')
    ORDER BY c.contype, 1, 2";

/// All indices, those of keys too.
const INDICES: &str = "
    SELECT t.relname::text, i.relname::text, pg_get_indexdef(i.oid)
    FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
    WHERE t.relnamespace = current_schema()::regnamespace AND t.relname = ANY($1)
    ORDER BY 1, 2";

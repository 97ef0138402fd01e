//! Brings Postgres up to what has changed in SQLite since a change, in one transaction, and
//! compares the changed rows of both sides.

use std::io::Cursor;
use std::pin::pin;

use futures_util::SinkExt;
use rusqlite::params_from_iter;
use tokio_postgres::{Client, Statement};

use super::changes::{self, changed_keys, changed_rows, put_key};
use super::failure::{Failure, Result};
use super::loading::{copy_out, read_back};
use super::reader::{Reader, Tally};
use super::tables::{Kind, TABLES, Table};
use super::wire::{HEADER, TRAILER};

/// Changes that one pass takes: few enough to be held in memory.
const CHANGES: i64 = 20_000;

/// Applies changes through one connection, pass by pass.
pub(super) struct CatchingUp {
    /// The connection, which has the tables to apply changes from.
    pub(super) client: Client,
    /// The last change that has been applied; they are counted from 1.
    pub(super) done: i64,
    statements: Vec<Statements>,
}

/// Prepared once, so that the last pass does not have to.
struct Statements {
    keys: Statement,
    rows: Statement,
    /// Reads back the changed rows.
    changed: Statement,
}

/// The rows of one table that have changed, ready for COPY.
struct Changed {
    table: usize,
    keys: Vec<u8>,
    rows: Vec<u8>,
    tally: Tally,
}

impl CatchingUp {
    /// Makes the tables that changes are applied from.
    pub(super) async fn begin(client: Client) -> Result<Self> {
        let mut statements = Vec::new();
        for table in &TABLES {
            let (name, quoted, keys) = (table.name, table.quoted(), table.key_names(""));
            client
                .batch_execute(&format!(
                    "CREATE TEMP TABLE changed_{name} ON COMMIT DELETE ROWS
                         AS SELECT {keys} FROM {quoted} WITH NO DATA;
                     CREATE TEMP TABLE arriving_{name} ON COMMIT DELETE ROWS
                         AS SELECT {} FROM {quoted} WITH NO DATA;",
                    table.names("")
                ))
                .await?;
            let copy = |to: &str| format!("COPY {to}_{name} FROM STDIN (FORMAT binary)");
            let changed = format!(
                "SELECT {} FROM {quoted} t JOIN changed_{name} USING ({keys})",
                table.names("t.")
            );
            statements.push(Statements {
                keys: client.prepare(&copy("changed")).await?,
                rows: client.prepare(&copy("arriving")).await?,
                changed: client.prepare(&copy_out(&changed)).await?,
            });
        }
        Ok(Self { client, done: 0, statements })
    }

    /// Applies the changes that are noted and not yet applied, in a transaction that is left
    /// open; returns how many. `reader` must be within a transaction of its own.
    pub(super) async fn apply(&mut self, reader: &mut Reader, token: &[u8]) -> Result<i64> {
        if changes::token(&reader.db)?.as_deref() != Some(token) {
            return Err(Failure::new(
                "another migration of the SQLite file has begun, so this one ends: see how that \
                 one ends",
            ));
        }
        let until = changes::last(&reader.db)?.min(self.done + CHANGES);
        self.client.batch_execute("BEGIN").await?;
        if until > self.done {
            let (changed, gone) = read(reader, self.done, until)?;
            self.write(&changed, &gone).await?;
            self.compare(reader, &changed).await?;
        }
        let count = until - self.done;
        self.done = until;
        Ok(count)
    }

    async fn write(&self, changed: &[Changed], gone: &[i64]) -> Result<()> {
        for one in changed {
            let statements = &self.statements[one.table];
            copy(&self.client, &statements.keys, &one.keys).await?;
            copy(&self.client, &statements.rows, &one.rows).await?;
        }
        if !gone.is_empty() {
            // The other tables let go of their users by themselves.
            self.client.execute("DELETE FROM message WHERE author_id = ANY($1)", &[&gone]).await?;
        }
        let mut sql: String = changed.iter().map(|one| replace(&TABLES[one.table])).collect();
        if !gone.is_empty() {
            sql += "DELETE FROM \"user\" u USING changed_user c WHERE u.user_id = c.user_id
                    AND NOT EXISTS (SELECT FROM arriving_user a WHERE a.user_id = u.user_id);";
        }
        Ok(self.client.batch_execute(&sql).await?)
    }

    /// Reads back the changed rows.
    async fn compare(&self, reader: &Reader, changed: &[Changed]) -> Result<()> {
        for one in changed {
            let table = &TABLES[one.table];
            let changed = &self.statements[one.table].changed;
            let here = read_back(&self.client, &reader.key, changed).await?;
            if here != one.tally.arrives {
                return Err(Failure(format!(
                    "rows of {} that changed meanwhile differ between both sides: run it again",
                    table.name
                )));
            }
        }
        Ok(())
    }
}

/// Puts the arriving rows of a table in the place of the changed ones.
fn replace(table: &Table) -> String {
    let (name, quoted, key) = (table.name, table.quoted(), table.key_names(""));
    let insert = format!(
        "INSERT INTO {quoted} ({columns}) SELECT {columns} FROM arriving_{name} ON CONFLICT ({key})",
        columns = table.names("")
    );
    if table.name == "user" {
        // Others refer to users, so they stay; two may have swapped their names.
        return format!(
            "UPDATE \"user\" u SET username = chr(1) || u.user_id
                 FROM changed_user c WHERE u.user_id = c.user_id;
             {insert} DO UPDATE SET username = excluded.username, email = excluded.email,
                 pw_hash = excluded.pw_hash;"
        );
    }
    let same: Vec<_> = table
        .key_columns()
        .iter()
        .map(|column| format!("t.\"{0}\" = c.\"{0}\"", column.name))
        .collect();
    format!(
        "DELETE FROM {quoted} t USING changed_{name} c WHERE {}; {insert} DO NOTHING;",
        same.join(" AND ")
    )
}

/// Reads what has changed, and which users are gone.
fn read(reader: &mut Reader, after: i64, until: i64) -> Result<(Vec<Changed>, Vec<i64>)> {
    let mut all = Vec::new();
    let (mut gone, mut returned) = (Vec::new(), Vec::new());
    for (index, table) in TABLES.iter().enumerate() {
        let mut changed = Changed {
            table: index,
            keys: read_keys(reader, table, after, until)?,
            rows: Vec::new(),
            tally: Tally::default(),
        };
        let is_user = table.name == "user";
        let users = if is_user { read_users(reader, after, until)? } else { Vec::new() };
        users.iter().for_each(|user| _ = reader.rules.users.remove(user));
        if !changed.keys.is_empty() {
            let rows = &mut changed.rows;
            changed.tally = reader.read(table, &changed_rows(table), [after, until], |piece| {
                rows.extend_from_slice(&piece);
                Ok(())
            })?;
        }
        let there = |user: &i64| reader.rules.users.contains(user);
        gone.extend(users.iter().copied().filter(|user| !there(user)));
        let returns = |user: &i64| there(user) && reader.rules.missing.contains(user);
        returned.extend(users.iter().copied().filter(returns));
        // Rows that the users' coming and going concerns, though they have not changed.
        read_of_users(reader, table, &gone, None)?;
        read_of_users(reader, table, &returned, Some(&mut changed.rows))?;
        if !changed.keys.is_empty() || !changed.rows.is_empty() {
            all.push(changed);
        }
    }
    returned.iter().for_each(|user| _ = reader.rules.missing.remove(user));
    Ok((all, gone))
}

fn read_keys(reader: &Reader, table: &Table, after: i64, until: i64) -> Result<Vec<u8>> {
    let sql = format!("SELECT key_1, key_2 FROM {}", changed_keys(table));
    let mut query = reader.db.prepare_cached(&sql)?;
    let mut rows = query.query([after, until])?;
    let mut keys = Vec::new();
    while let Some(row) = rows.next()? {
        put_key(table, row, &mut keys)?;
    }
    Ok(keys)
}

fn read_users(reader: &Reader, after: i64, until: i64) -> Result<Vec<i64>> {
    let sql = format!("SELECT key_1 FROM {}", changed_keys(&TABLES[0]));
    let mut query = reader.db.prepare_cached(&sql)?;
    let users = query.query_map([after, until], |row| row.get(0))?;
    Ok(users.collect::<rusqlite::Result<_>>()?)
}

/// Reads the rows that refer to users; hands on what arrives, if it is to arrive.
fn read_of_users(
    reader: &mut Reader,
    table: &Table,
    users: &[i64],
    mut rows: Option<&mut Vec<u8>>,
) -> Result<()> {
    let refers = table.columns.iter().filter(|column| column.kind == Kind::User);
    let places = vec!["?"; users.len()].join(", ");
    let which: Vec<_> =
        refers.map(|column| format!("t.\"{}\" IN ({places})", column.source)).collect();
    if users.is_empty() || which.is_empty() {
        return Ok(());
    }
    let from = format!("{} t WHERE {}", table.quoted(), which.join(" OR "));
    let params = params_from_iter(users.iter().cycle().take(users.len() * which.len()));
    reader.read(table, &from, params, |piece| {
        if let Some(rows) = &mut rows {
            rows.extend_from_slice(&piece);
        }
        Ok(())
    })?;
    Ok(())
}

async fn copy(client: &Client, statement: &Statement, rows: &[u8]) -> Result<()> {
    let mut sink = pin!(client.copy_in(statement).await?);
    let all = [&HEADER[..], rows, &TRAILER].concat();
    sink.send(Cursor::new(all)).await?;
    sink.finish().await?;
    Ok(())
}

//! Puts what the original left out of the way of our tables, and in the end away.

use rusqlite::{Connection, Transaction, params};

use super::super::schema::{SCHEMA, Trouble};
use super::original::{Column, Original, quote};

/// The original's tables and what hangs on them.
pub(super) struct Originals {
    pub(super) user: Original,
    pub(super) follower: Original,
    pub(super) message: Original,
    triggers: Vec<(String, String)>,
}

impl Originals {
    /// Renames the original's tables, and others with names that we need. Tells `report` of what
    /// does not stay as it was.
    pub(super) fn set_aside(
        tx: &Transaction<'_>,
        report: &mut Vec<String>,
    ) -> Result<Self, Trouble> {
        report_computed_columns(tx, report)?;
        drop_indices(tx, report)?;
        for name in names_we_need()? {
            make_way(tx, &name, report)?;
        }
        let triggers = take_triggers(tx)?;
        // Views, triggers and references keep saying `user`: there will be one again.
        tx.pragma_update(None, "legacy_alter_table", true)?;
        let originals = Self {
            user: set_aside(tx, "user")?,
            follower: set_aside(tx, "follower")?,
            message: set_aside(tx, "message")?,
            triggers,
        };
        tx.pragma_update(None, "legacy_alter_table", false)?;
        Ok(originals)
    }

    /// Gives our tables the columns that operators had added.
    pub(super) fn add_further_columns(&self, tx: &Transaction<'_>) -> Result<(), Trouble> {
        let tables = [
            ("user", &self.user),
            ("follower", &self.follower),
            ("message", &self.message),
            ("orphan_message", &self.message),
        ];
        for (table, original) in tables {
            for Column { name, declaration } in &original.further {
                let name = quote(name);
                tx.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {name} {declaration}"))?;
            }
        }
        Ok(())
    }

    /// Drops the original's tables after all is copied, and puts back their triggers.
    pub(super) fn put_away(
        self,
        tx: &Transaction<'_>,
        report: &mut Vec<String>,
    ) -> Result<(), Trouble> {
        for original in [&self.user, &self.follower, &self.message] {
            tx.execute_batch(&format!("DROP TABLE {}", original.aside))?;
        }
        for original in [&self.user, &self.message] {
            continue_after(tx, original.name, original.last_id.unwrap_or(0))?;
        }
        for (name, sql) in self.triggers {
            if let Err(error) = tx.execute_batch(&sql) {
                report.push(format!("left out the trigger {name}, which no longer works: {error}"));
            }
        }
        Ok(())
    }
}

fn set_aside(tx: &Transaction<'_>, table: &'static str) -> Result<Original, Trouble> {
    let aside = free_name(tx, table)?;
    let original = Original::describe(tx, table, &aside)?;
    rename(tx, table, &aside)?;
    Ok(original)
}

/// Makes new ids of a table start after `id`, unless they do already.
pub(super) fn continue_after(tx: &Transaction<'_>, table: &str, id: i64) -> Result<(), Trouble> {
    tx.execute(
        "INSERT INTO sqlite_sequence (name, seq) SELECT ?1, 0
         WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?1)",
        [table],
    )?;
    tx.execute(
        "UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1",
        params![table, id],
    )?;
    Ok(())
}

/// Names of those tables and indices of ours which the original had not.
fn names_we_need() -> Result<Vec<String>, Trouble> {
    let ours = Connection::open_in_memory()?;
    ours.execute_batch(SCHEMA)?;
    column(
        &ours,
        "SELECT name FROM sqlite_schema
         WHERE name NOT LIKE 'sqlite_%' AND name NOT IN ('user', 'follower', 'message')",
    )
}

/// Takes a name from whatever has it. Triggers may keep theirs: those are names of another kind.
fn make_way(tx: &Transaction<'_>, name: &str, report: &mut Vec<String>) -> Result<(), Trouble> {
    let holder: Option<String> = tx.query_row(
        "SELECT max(type) FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE AND type <> 'trigger'",
        [name],
        |row| row.get(0),
    )?;
    match holder.as_deref() {
        None => {}
        Some("table") => {
            let aside = free_name(tx, name)?;
            rename(tx, name, &aside)?;
            report.push(format!("renamed the table {name} to {aside}: its name is needed"));
        }
        Some("index") => {
            tx.execute_batch(&format!("DROP INDEX {name}"))?;
            report.push(format!("left out the index {name}: its name is needed"));
        }
        Some(_) => {
            return Err(Trouble::Refused(format!(
                "has a view named {name}, a name that MiniTwit needs; it was left as it is: drop \
                 the view, or create it anew under another name"
            )));
        }
    }
    Ok(())
}

/// `original_NAME`, or the same with a number.
fn free_name(tx: &Transaction<'_>, table: &str) -> Result<String, Trouble> {
    let mut taken =
        tx.prepare("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE)")?;
    let mut aside = format!("original_{table}");
    let mut number = 2;
    while taken.query_row([&aside], |row| row.get(0))? {
        aside = format!("original_{table}_{number}");
        number += 1;
    }
    Ok(aside)
}

fn rename(tx: &Transaction<'_>, table: &str, to: &str) -> Result<(), Trouble> {
    Ok(tx.execute_batch(&format!("ALTER TABLE {} RENAME TO {}", quote(table), quote(to)))?)
}

/// Drops the triggers on the three tables: they must neither fire while rows are copied nor go
/// with the tables.
fn take_triggers(tx: &Transaction<'_>) -> Result<Vec<(String, String)>, Trouble> {
    let mut triggers = tx.prepare(
        "SELECT name, sql FROM sqlite_schema
         WHERE type = 'trigger' AND lower(tbl_name) IN ('user', 'follower', 'message')",
    )?;
    let triggers = triggers
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<Vec<(String, String)>, _>>()?;
    for (name, _) in &triggers {
        tx.execute_batch(&format!("DROP TRIGGER {}", quote(name)))?;
    }
    Ok(triggers)
}

/// Drops the indices on the three tables: ours may have the same names, and serve our queries.
fn drop_indices(tx: &Transaction<'_>, report: &mut Vec<String>) -> Result<(), Trouble> {
    let indices = column(
        tx,
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL
         AND lower(tbl_name) IN ('user', 'follower', 'message')",
    )?;
    for name in indices {
        tx.execute_batch(&format!("DROP INDEX {}", quote(&name)))?;
        report.push(format!("left out the index {name}: the tables have others now"));
    }
    Ok(())
}

fn report_computed_columns(tx: &Transaction<'_>, report: &mut Vec<String>) -> Result<(), Trouble> {
    let computed = column(
        tx,
        "SELECT t.value || '.' || c.name
         FROM json_each('[\"user\", \"follower\", \"message\"]') t, pragma_table_xinfo(t.value) c
         WHERE c.hidden > 1",
    )?;
    report.extend(computed.iter().map(|name| format!("left out the computed column {name}")));
    Ok(())
}

fn column(conn: &Connection, sql: &str) -> Result<Vec<String>, Trouble> {
    let mut query = conn.prepare(sql)?;
    Ok(query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

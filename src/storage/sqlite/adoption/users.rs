//! Users, and who keeps a name that several have.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Row, Statement, Transaction, params};

use super::super::schema::Trouble;
use super::notes::{Kind, Notes, Place};
use super::original::Original;
use super::value;
use crate::domain::RESERVED_USERNAMES;

/// Copies all users; returns how many.
///
/// Whom the original found by a name keeps it. So first come those whose name is a text as it
/// should be, then those whose name is a number, each in the order of their ids, which is the
/// order the original searched in. Who could not be found comes last and takes a name that is
/// still free.
pub(super) fn copy(
    tx: &Transaction<'_>,
    from: &Original,
    notes: &mut Notes<'_>,
) -> Result<usize, Trouble> {
    let mut users = Users::new(tx, from, notes)?;
    users.each("typeof(username) = 'text' AND username <> ''", Users::add_text)?;
    users.each("typeof(username) IN ('integer', 'real')", Users::add_number)?;
    users.each("user_id NOT IN (SELECT user_id FROM user)", Users::add_rest)?;
    Ok(users.count)
}

/// Says who is called like a page, so that their own is not reached by `/NAME`.
pub(super) fn unreachable_names(tx: &Transaction<'_>) -> Result<Vec<String>, Trouble> {
    let mut find = tx.prepare("SELECT EXISTS (SELECT 1 FROM user WHERE username = ?1)")?;
    let mut lines = Vec::new();
    for name in RESERVED_USERNAMES {
        if find.query_row([name], |row| row.get(0))? {
            lines.push(format!("the user {name} keeps that name, but /{name} is another page"));
        }
    }
    Ok(lines)
}

struct Users<'a, 'n> {
    tx: &'a Transaction<'a>,
    from: &'a Original,
    insert: Statement<'a>,
    insert_numeric: Statement<'a>,
    notes: &'a mut Notes<'n>,
    count: usize,
}

impl<'a, 'n> Users<'a, 'n> {
    fn new(
        tx: &'a Transaction<'a>,
        from: &'a Original,
        notes: &'a mut Notes<'n>,
    ) -> Result<Self, Trouble> {
        let insert = tx.prepare(&format!(
            "INSERT INTO user (user_id, username, email, pw_hash{}) VALUES (?, ?, ?, ?{})
             ON CONFLICT (username) DO NOTHING",
            from.further_names(""),
            from.further_parameters(),
        ))?;
        let insert_numeric = tx.prepare(
            "INSERT INTO numeric_username (user_id, value) SELECT ?1, ?2
             WHERE NOT EXISTS (SELECT 1 FROM numeric_username WHERE value = ?2)",
        )?;
        Ok(Self { tx, from, insert, insert_numeric, notes, count: 0 })
    }

    fn each(
        &mut self,
        which: &str,
        add: impl Fn(&mut Self, &Row<'_>) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let mut read = self.tx.prepare(&format!(
            "SELECT user_id, username, email, pw_hash{} FROM {} WHERE {which} ORDER BY user_id",
            self.from.further_names(""),
            self.from.aside,
        ))?;
        let mut rows = read.query([])?;
        while let Some(row) = rows.next()? {
            add(self, row)?;
        }
        Ok(())
    }

    fn add_text(&mut self, row: &Row<'_>) -> Result<(), Trouble> {
        if let (name, None) = value::text(row.get_ref(1)?) {
            self.insert(row, &name)?;
        }
        Ok(())
    }

    fn add_number(&mut self, row: &Row<'_>) -> Result<(), Trouble> {
        let number = row.get_ref(1)?;
        let (name, _) = value::text(number);
        if self.insert(row, &name)? {
            self.insert_numeric(row.get(0)?, number)?;
            self.note(row, Kind::Number, 1, &name)?;
        }
        Ok(())
    }

    fn add_rest(&mut self, row: &Row<'_>) -> Result<(), Trouble> {
        let id: i64 = row.get(0)?;
        let stored = row.get_ref(1)?;
        let (mut wanted, mut kind) = value::text(stored);
        if wanted.is_empty() {
            (wanted, kind) = (format!("user {id}").into(), Some(Kind::Nameless));
        }
        let mut name = wanted.to_string();
        let mut number = 1;
        while !self.insert(row, &name)? {
            number += 1;
            name = format!("{wanted} ({number})");
        }
        if matches!(stored, ValueRef::Integer(_) | ValueRef::Real(_)) {
            self.insert_numeric(id, stored)?;
        }
        let kind = if number > 1 { Kind::SameName } else { kind.unwrap_or(Kind::SameName) };
        self.note(row, kind, 1, &name)
    }

    /// Adds the user under that name, unless somebody has it.
    fn insert(&mut self, row: &Row<'_>, name: &str) -> Result<bool, Trouble> {
        let (email, email_changed) = value::text(row.get_ref(2)?);
        let (pw_hash, pw_hash_changed) = value::text(row.get_ref(3)?);
        self.insert.raw_bind_parameter(1, row.get::<_, i64>(0)?)?;
        self.insert.raw_bind_parameter(2, name)?;
        self.insert.raw_bind_parameter(3, &email)?;
        self.insert.raw_bind_parameter(4, &pw_hash)?;
        self.from.bind_further(row, 4, &mut self.insert, 5)?;
        if self.insert.raw_execute()? == 0 {
            return Ok(false);
        }
        self.count += 1;
        if let Some(kind) = email_changed {
            self.note(row, kind, 2, &email)?;
        }
        if let Some(kind) = pw_hash_changed {
            self.note(row, kind, 3, &pw_hash)?;
        }
        Ok(true)
    }

    /// Lets the user be found by every spelling of the number, if the original found them by it.
    fn insert_numeric(&mut self, id: i64, number: ValueRef<'_>) -> Result<(), Trouble> {
        self.insert_numeric.execute(params![id, ToSqlOutput::Borrowed(number)])?;
        Ok(())
    }

    fn note(&mut self, row: &Row<'_>, kind: Kind, index: usize, now: &str) -> Result<(), Trouble> {
        let column = ["user_id", "username", "email", "pw_hash"][index];
        let place = Place { table: self.from.name, row: row.get(0)?, column };
        self.notes.add(kind, place, row.get_ref(index)?, Some(now))
    }
}

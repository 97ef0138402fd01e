//! What becomes of each value: Postgres takes it as it is, or changed, or the row stays behind.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::Value;

use super::literal::literal;
use super::tables::Kind;
use super::wire::{put_bigint, put_bytes, put_integer, put_null};
use crate::storage::postgres::numbers::canonical_number;
use crate::storage::sqlite::source::{as_text, as_whole_number};

/// The longest name in bytes: an entry of a Postgres index has to fit a third of a page of 8 kB.
const LONGEST_NAME: usize = 2_600;

/// Bytes of a session's key, and of the secret.
const KEY_BYTES: usize = 32;

/// Stands for the SQLite file among the servers that noted a `latest`.
pub(super) const FILE_AS_SERVER: [u8; 16] = [0; 16];

/// A value on its way.
#[derive(Debug, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Integer(i32),
    Bigint(i64),
    Text(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
}

impl Cell<'_> {
    /// Writes it as COPY does.
    pub(super) fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => put_null(out),
            Self::Integer(number) => put_integer(out, *number),
            Self::Bigint(number) => put_bigint(out, *number),
            Self::Text(text) => put_bytes(out, text.as_bytes()),
            Self::Bytes(bytes) => put_bytes(out, bytes),
        }
    }

    /// As a report shows what a value has become.
    pub(super) fn in_json(&self) -> Value {
        match self {
            Self::Null | Self::Bytes(_) => Value::Null,
            Self::Integer(number) => (*number).into(),
            Self::Bigint(number) => (*number).into(),
            Self::Text(text) => text.as_ref().into(),
        }
    }
}

/// A cell, and why it is not what the value was, if it is not.
pub(super) type Arrival<'a> = (Cell<'a>, Option<&'static str>);

/// What is known of the rows so far.
pub(super) struct Rules {
    /// Users who have arrived.
    pub(super) users: HashSet<i64>,
    /// Users to whom rows have referred in vain.
    pub(super) missing: HashSet<i64>,
    /// Names that had to be changed: what they were, and are.
    renamed: HashMap<i64, (Vec<u8>, String)>,
    /// The time by Postgres' clock, in unix microseconds: nothing can have been noted later.
    pub(super) now: i64,
}

impl Rules {
    /// Nobody has arrived yet.
    pub(super) fn new() -> Self {
        Self {
            users: HashSet::new(),
            missing: HashSet::new(),
            renamed: HashMap::new(),
            now: i64::MAX,
        }
    }

    /// What becomes of a value in the row of that id; why its row stays behind, if it must.
    pub(super) fn cell<'a>(
        &mut self,
        db: &Connection,
        kind: Kind,
        id: i64,
        value: ValueRef<'a>,
    ) -> Result<Arrival<'a>, String> {
        match kind {
            Kind::Integer => whole_number(value),
            Kind::User => self.user(value),
            Kind::Username => self.username(db, id, value),
            Kind::Text => Ok(text(value)),
            Kind::Key => key(value),
            Kind::Literal => Ok((literal(value).map_or(Cell::Null, as_cell), None)),
            Kind::Number => Ok((as_cell(spelling(value)), None)),
            Kind::NotedAt => {
                let (cell, why) = whole_number(value)?;
                Ok(match cell {
                    Cell::Bigint(noted_at) => (Cell::Bigint(noted_at.min(self.now)), why),
                    other => (other, why),
                })
            }
            Kind::OnlyRow => Ok((Cell::Integer(1), None)),
            Kind::Server => Ok((Cell::Bytes(FILE_AS_SERVER[..].into()), None)),
        }
    }

    fn user(&mut self, value: ValueRef<'_>) -> Result<Arrival<'static>, String> {
        let (cell, why) = whole_number(value)?;
        match cell {
            Cell::Bigint(id) if !self.users.contains(&id) => {
                self.missing.insert(id);
                Err(format!("there is no user {id}"))
            }
            _ => Ok((cell, why)),
        }
    }

    fn username<'a>(
        &mut self,
        db: &Connection,
        id: i64,
        value: ValueRef<'a>,
    ) -> Result<Arrival<'a>, String> {
        let (name, why) = as_text(value);
        if name.is_empty() {
            return Err("the user has no name".into());
        }
        let too_long = name.len() > LONGEST_NAME;
        let why = if too_long { Some("too long for an index of Postgres: cut") } else { why };
        let Some(why) = why else { return Ok((Cell::Text(name), None)) };
        let stored = bytes(value);
        let known = self.renamed.get(&id).filter(|(was, _)| was == stored);
        let now = match known {
            Some((_, now)) => now.clone(),
            None => self.free_name(db, &name).map_err(|error| error.to_string())?,
        };
        self.renamed.insert(id, (stored.to_owned(), now.clone()));
        Ok((Cell::Text(now.into()), Some(why)))
    }

    /// That name, cut to what an index can hold; or the same with a number, if somebody has it.
    fn free_name(&self, db: &Connection, wanted: &str) -> rusqlite::Result<String> {
        let mut taken = db.prepare_cached("SELECT 1 FROM user WHERE username = ?1")?;
        let wanted = &wanted[..wanted.floor_char_boundary(LONGEST_NAME - 20)];
        let mut name = wanted.to_owned();
        let mut number = 1;
        while taken.exists([&name])? || self.renamed.values().any(|(_, given)| *given == name) {
            number += 1;
            name = format!("{wanted} ({number})");
        }
        Ok(name)
    }
}

fn as_cell(text: String) -> Cell<'static> {
    Cell::Text(text.into())
}

fn bytes(value: ValueRef<'_>) -> &[u8] {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes,
        _ => &[],
    }
}

fn text(value: ValueRef<'_>) -> Arrival<'_> {
    let (text, why) = as_text(value);
    (Cell::Text(text), why)
}

fn whole_number(value: ValueRef<'_>) -> Result<Arrival<'static>, String> {
    match (value, as_whole_number(value)) {
        (ValueRef::Integer(number), _) => Ok((Cell::Bigint(number), None)),
        (_, Some(number)) => Ok((Cell::Bigint(number), Some("not a whole number: now it is"))),
        (_, None) => Err("no number that Postgres could hold".into()),
    }
}

fn key(value: ValueRef<'_>) -> Result<Arrival<'_>, String> {
    match value {
        ValueRef::Blob(bytes) if bytes.len() == KEY_BYTES => Ok((Cell::Bytes(bytes.into()), None)),
        _ => Err(format!("not the {KEY_BYTES} bytes of a key")),
    }
}

/// The spelling that stands for every spelling of a number; a text that is none stays itself.
fn spelling(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Real(number) if number.is_infinite() => number.to_string(),
        other => {
            let (text, _) = as_text(other);
            canonical_number(&text).unwrap_or(text.into_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(include_str!("../../schema.sql")).unwrap();
        db
    }

    fn name(rules: &mut Rules, db: &Connection, id: i64, stored: &[u8]) -> String {
        match rules.cell(db, Kind::Username, id, ValueRef::Text(stored)).unwrap().0 {
            Cell::Text(name) => name.into_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_name_that_must_change_takes_nobodys() {
        let db = database();
        db.execute_batch("INSERT INTO user VALUES (1, 'a\u{2400}', '', ''), (2, 'b', '', '')")
            .unwrap();
        let mut rules = Rules::new();
        assert_eq!(name(&mut rules, &db, 2, b"b"), "b");
        assert_eq!(name(&mut rules, &db, 3, b"a\0"), "a\u{2400} (2)");
        assert_eq!(name(&mut rules, &db, 4, b"a\0"), "a\u{2400} (3)");
        assert_eq!(name(&mut rules, &db, 3, b"a\0"), "a\u{2400} (2)", "asked again");
        let long = name(&mut rules, &db, 5, "é".repeat(2_000).as_bytes());
        assert_eq!(long, "é".repeat(1_290));
        assert!(rules.cell(&db, Kind::Username, 6, ValueRef::Text(b"")).is_err());
    }

    #[test]
    fn a_row_needs_its_user() {
        let db = database();
        let mut rules = Rules::new();
        rules.users.insert(1);
        let mut user = |value| rules.cell(&db, Kind::User, 0, value);
        assert_eq!(user(ValueRef::Integer(1)), Ok((Cell::Bigint(1), None)));
        assert_eq!(user(ValueRef::Integer(2)), Err("there is no user 2".into()));
        assert!(user(ValueRef::Null).is_err());
        assert!(rules.missing.contains(&2));
    }

    #[test]
    fn numbers_are_kept_or_made_whole_or_refused() {
        assert_eq!(whole_number(ValueRef::Integer(i64::MIN)).unwrap().1, None);
        let (cell, why) = whole_number(ValueRef::Text(b"12.5")).unwrap();
        assert_eq!((cell, why.is_some()), (Cell::Bigint(12), true));
        assert!(whole_number(ValueRef::Real(1e19)).is_err());
        assert!(whole_number(ValueRef::Null).is_err());
    }

    #[test]
    fn a_number_has_one_spelling() {
        assert_eq!(spelling(ValueRef::Integer(123)), "123");
        assert_eq!(spelling(ValueRef::Real(-7.5)), "-7.5e0");
        assert_eq!(spelling(ValueRef::Real(12345678901234567890.0)), "1.2345678901234567e19");
        assert_eq!(spelling(ValueRef::Real(f64::INFINITY)), "inf");
        assert_eq!(spelling(ValueRef::Real(f64::NEG_INFINITY)), "-inf");
        assert_eq!(spelling(ValueRef::Text(b"no number")), "no number");
    }

    #[test]
    fn nothing_was_noted_in_the_future() {
        let mut rules = Rules::new();
        rules.now = 1_000;
        let mut noted = |at| rules.cell(&database(), Kind::NotedAt, 1, ValueRef::Integer(at));
        assert_eq!(noted(999).unwrap().0, Cell::Bigint(999));
        assert_eq!(noted(2_000).unwrap().0, Cell::Bigint(1_000));
    }
}

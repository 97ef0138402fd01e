//! Makes a database of the original program one of ours, in place.
//!
//! The original (Flask, 2010) had three tables without constraints or indices, and columns
//! declared `string`, which SQLite takes for NUMERIC. Adoption copies them row by row into the
//! tables of `schema.sql`, in the transaction that also marks the file as ours: interrupted at any
//! point, it is the old file or wholly the new one. A copy of the old file is made beside it first
//! and stays there. All this takes free space of two and a half times the file.
//!
//! Nothing that a person wrote is lost, and everybody signs in as before:
//!
//! | found | done |
//! |---|---|
//! | a name, text or address stored as a number | becomes the text that the original showed |
//! | a user whose name is a number | is still found by each spelling of it (`numeric_username`) |
//! | two users with one name | who was found by it keeps it: the lowest id, and text before a number; the others get the first free one of `name (2)`, `name (3)` … |
//! | a user without a name | is called `user N`, N being the id |
//! | a name that is a route, or longer than can be registered now | stays |
//! | bytes that are not UTF-8 | become U+FFFD |
//! | a NUL character | becomes U+2400, its picture |
//! | a text stored as bytes (BLOB) | becomes the text these bytes are |
//! | no text, address or password hash (NULL) | becomes an empty one |
//! | a message whose author is missing | moves to `orphan_message`, unchanged |
//! | a date that is text or a fraction | becomes its whole second |
//! | no date, or none that can be read | becomes the latest date of the messages before it, or 0 |
//! | a flag that is NULL | becomes 0: nobody flagged it |
//! | a flag that is no whole number | becomes its whole number; 1, if that would be 0 or there is none: the original showed no such message either |
//! | somebody follows somebody twice | once |
//! | a follow from or to a missing user | is dropped |
//! | a reference to a user that is a text or a fraction | becomes the number it equals |
//! | ids that had been given to rows which are gone | are not given again |
//! | no column `flagged` | nobody flagged anything |
//! | further columns | are kept, unchanged |
//! | further tables and views | are kept; a table with a name that we need is renamed `original_NAME`, a view with such a name refused |
//! | triggers on the three tables | are kept |
//! | further indices, constraints and computed columns on the three tables | are dropped |
//!
//! Each value that was changed, and each of a row that was dropped, is in the table
//! `adoption_note` as it was. The report counts them and shows the first of each kind.

mod aside;
mod backup;
mod followers;
mod messages;
mod notes;
mod original;
#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod tests;
mod users;
mod value;

use std::path::Path;

use rusqlite::Transaction;

use self::aside::Originals;
pub(super) use self::backup::Backup;
#[cfg(feature = "postgres")]
pub(super) use self::backup::copy;
#[cfg(feature = "postgres")]
pub(super) use self::notes::Kind;
use self::notes::Notes;
pub(super) use self::original::is_original;
#[cfg(feature = "postgres")]
pub(super) use self::value::{text, whole_number};
use super::schema::{SCHEMA, Trouble, Upgrade, add_secret, damaged};

/// Page cache while copying, in KiB if negative. Of a million messages, the index by author alone
/// has 10 MB, which is filled in random order: this size takes 3.5 s for all, the usual 2 MB 6 s.
/// Tests take little, so that pages reach the file in the midst of a small adoption too.
const CACHE_SIZE: i64 = if cfg!(test) { -128 } else { -16 * 1024 };

/// The upgrade step from the original's database to schema version 1. The transaction must hold
/// the write lock, with `foreign_keys` off.
pub(super) fn adopt(
    tx: &Transaction<'_>,
    file: &Path,
    upgrade: &mut Upgrade,
) -> Result<(), Trouble> {
    check_integrity(tx)?;
    let backup = Backup::make(file)?;
    let copy = backup.path().display().to_string();
    upgrade.backup = Some(backup);

    let usual_cache: i64 = tx.pragma_query_value(None, "cache_size", |row| row.get(0))?;
    tx.pragma_update(None, "cache_size", CACHE_SIZE)?;
    let mut report = Vec::new();
    let originals = Originals::set_aside(tx, &mut report)?;
    tx.execute_batch(SCHEMA)?;
    add_secret(tx)?;
    originals.add_further_columns(tx)?;
    let mut notes = Notes::new(tx)?;
    let users = users::copy(tx, &originals.user, &mut notes)?;
    let follows = followers::copy(tx, &originals.follower, &mut notes)?;
    let messages = messages::copy(tx, &originals.message, &mut notes)?;
    let notes = notes.into_report();
    originals.put_away(tx, &mut report)?;
    report.extend(users::unreachable_names(tx)?);
    tx.pragma_update(None, "cache_size", usual_cache)?;

    upgrade.report.push(format!(
        "adopted a database of the original program: {users} users, {follows} follows, {messages} \
         messages; it now has schema version 1"
    ));
    upgrade.report.push(format!("the file as it was is kept as {copy}"));
    upgrade.report.extend(notes);
    upgrade.report.extend(report);
    Ok(())
}

/// A damaged file might lose rows on the way without anybody noticing. Values of unexpected types
/// are no damage: they are what adoption is for.
fn check_integrity(tx: &Transaction<'_>) -> Result<(), Trouble> {
    let mut check = tx.prepare("PRAGMA quick_check")?;
    let mut lines = check.query([])?;
    while let Some(row) = lines.next()? {
        let line: String = row.get(0)?;
        if line != "ok" && !line.contains(" value in ") && !line.starts_with("CHECK ") {
            return Err(Trouble::Refused(damaged(line)));
        }
    }
    Ok(())
}

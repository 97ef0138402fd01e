//! Who follows whom.

use rusqlite::types::ValueRef;
use rusqlite::{Row, Transaction};

use super::super::schema::Trouble;
use super::notes::{Kind, Notes, Place, shown};
use super::original::Original;

/// Columns of the query in [`copy`]; the further ones come after them.
const ROW_ID: usize = 0;
const STORED: [(usize, &str); 2] = [(1, "who_id"), (2, "whom_id")];
const USERS: [usize; 2] = [3, 4];
const FURTHER: usize = 5;

/// Copies each follow once, if there are users at both its ends; returns how many. Users must
/// have been copied.
pub(super) fn copy(
    tx: &Transaction<'_>,
    from: &Original,
    notes: &mut Notes<'_>,
) -> Result<usize, Trouble> {
    // Joined as the original did: where an id is a text, SQLite compares it as a number.
    let mut read = tx.prepare(&format!(
        "SELECT f._rowid_, f.who_id, f.whom_id, who.user_id, whom.user_id{}
         FROM {} f
         LEFT JOIN user who ON who.user_id = f.who_id
         LEFT JOIN user whom ON whom.user_id = f.whom_id
         ORDER BY f._rowid_",
        from.further_names("f."),
        from.aside,
    ))?;
    let mut insert = tx.prepare(&format!(
        "INSERT INTO follower (who_id, whom_id{}) VALUES (?, ?{})
         ON CONFLICT (who_id, whom_id) DO NOTHING",
        from.further_names(""),
        from.further_parameters(),
    ))?;
    let mut count = 0;
    let mut rows = read.query([])?;
    while let Some(row) = rows.next()? {
        let (who, whom): (Option<i64>, Option<i64>) = (row.get(USERS[0])?, row.get(USERS[1])?);
        let (Some(who), Some(whom)) = (who, whom) else {
            drop_row(row, Kind::Dangling, from, notes)?;
            continue;
        };
        insert.raw_bind_parameter(1, who)?;
        insert.raw_bind_parameter(2, whom)?;
        from.bind_further(row, FURTHER, &mut insert, 3)?;
        if insert.raw_execute()? == 0 {
            drop_row(row, Kind::Repeated, from, notes)?;
        } else {
            note_ids(row, notes)?;
            count += 1;
        }
    }
    Ok(count)
}

/// Keeps all values of a row that is dropped.
fn drop_row(
    row: &Row<'_>,
    kind: Kind,
    from: &Original,
    notes: &mut Notes<'_>,
) -> Result<(), Trouble> {
    let row_id = row.get(ROW_ID)?;
    for (index, column) in STORED {
        let place = Place { table: from.name, row: row_id, column };
        notes.keep(kind, place, row.get_ref(index)?)?;
    }
    from.keep_further(row, FURTHER, kind, row_id, notes)?;
    let [who, whom] = STORED.map(|(index, _)| row.get_ref(index));
    let (who, whom) = (shown(who?), shown(whom?));
    notes.tell(kind, || format!("  {} {row_id}: user {who} → user {whom}", from.name));
    Ok(())
}

fn note_ids(row: &Row<'_>, notes: &mut Notes<'_>) -> Result<(), Trouble> {
    for ((stored, column), user) in STORED.into_iter().zip(USERS) {
        let original = row.get_ref(stored)?;
        if !matches!(original, ValueRef::Integer(_)) {
            let place = Place { table: "follower", row: row.get(ROW_ID)?, column };
            let now = row.get::<_, i64>(user)?.to_string();
            notes.add(Kind::Id, place, original, Some(&now))?;
        }
    }
    Ok(())
}

//! How many rows there are, part by part.

use rusqlite::{Connection, OptionalExtension, params};

use crate::storage::counting::range;
use crate::storage::{Countable, Part, Place, Result};

/// Counts up to `limit` rows behind a place.
pub(super) fn count(
    db: &Connection,
    what: Countable,
    behind: Option<Place>,
    limit: u32,
) -> Result<Part> {
    let (statements, (start, skipped)) = (what.statements(), range(behind, limit));
    let end = db
        .prepare_cached(statements.place)?
        .query_row(params![start.0, start.1, skipped], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if end.is_some() {
        return Ok(Part { rows: limit, end });
    }
    let rows = db
        .prepare_cached(statements.rest)?
        .query_row(params![start.0, start.1, limit], |row| row.get(0))?;
    Ok(Part { rows, end })
}

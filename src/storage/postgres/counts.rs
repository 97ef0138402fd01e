//! How many rows there are, part by part.

use super::lanes::Lanes;
use super::value;
use crate::storage::counting::range;
use crate::storage::{Countable, Part, Place, Result};

/// Counts up to `limit` rows behind a place.
pub(super) async fn count(
    lanes: &Lanes,
    what: Countable,
    behind: Option<Place>,
    limit: u32,
) -> Result<Part> {
    let (statements, (start, skipped)) = (what.statements(), range(behind, limit));
    let rows = lanes.read(statements.place, &[&start.0, &start.1, &skipped]).await?;
    if let Some(row) = rows.first() {
        let end = Some((value(row, 0)?, value(row, 1)?));
        return Ok(Part { rows: limit, end });
    }
    let rows = lanes.read(statements.rest, &[&start.0, &start.1, &i64::from(limit)]).await?;
    let rows: i64 = rows.first().map_or(Ok(0), |row| value(row, 0))?;
    Ok(Part { rows: u32::try_from(rows).unwrap_or(limit), end: None })
}

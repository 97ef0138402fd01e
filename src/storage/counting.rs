//! How many rows there are, counted in parts along an index, so that no part takes long. The
//! statements are the same on both databases.

/// What there is a total of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Countable {
    /// Users.
    Users,
    /// Messages that are not flagged.
    Messages,
    /// Pairs of a follower and a followed.
    Follows,
}

/// Where a part of a count ends: a place in the index.
pub type Place = (i64, i64);

/// Before all rows.
const START: Place = (i64::MIN, i64::MIN);

/// A part of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Rows in it.
    pub rows: u32,
    /// Where it ends; `None` if it is the last.
    pub end: Option<Place>,
}

/// What a part is counted with. It begins behind a place ($1, $2).
pub(super) struct Statements {
    /// The place of the row after the next so many ($3), if there is one.
    pub(super) place: &'static str,
    /// How many rows there are, up to a number ($3).
    pub(super) rest: &'static str,
}

/// `ORDER BY` and `LIMIT` make a planner walk the index instead of reading the table.
macro_rules! statements {
    ($table:literal, $key:literal, $condition:literal) => {
        Statements {
            place: concat!(
                "SELECT ",
                $key,
                " FROM ",
                $table,
                " WHERE ",
                $condition,
                " AND (",
                $key,
                ") > ($1, $2) ORDER BY ",
                $key,
                " LIMIT 1 OFFSET $3"
            ),
            rest: concat!(
                "SELECT count(*) FROM (SELECT 1 FROM ",
                $table,
                " WHERE ",
                $condition,
                " AND (",
                $key,
                ") > ($1, $2) ORDER BY ",
                $key,
                " LIMIT $3) part"
            ),
        }
    };
}

const USERS: Statements = statements!("\"user\"", "user_id, CAST(0 AS bigint)", "true");
const MESSAGES: Statements = statements!("message", "pub_date, message_id", "flagged = 0");
const FOLLOWS: Statements = statements!("follower", "who_id, whom_id", "true");

/// All statements of this file.
#[cfg(feature = "postgres")]
pub(super) const ALL: [&str; 6] =
    [USERS.place, USERS.rest, MESSAGES.place, MESSAGES.rest, FOLLOWS.place, FOLLOWS.rest];

impl Countable {
    pub(super) fn statements(self) -> Statements {
        match self {
            Self::Users => USERS,
            Self::Messages => MESSAGES,
            Self::Follows => FOLLOWS,
        }
    }
}

/// Where a part begins that continues another, or none, and how many rows of it are skipped to
/// reach its last.
pub(super) fn range(behind: Option<Place>, limit: u32) -> (Place, i64) {
    (behind.unwrap_or(START), i64::from(limit.max(1)) - 1)
}

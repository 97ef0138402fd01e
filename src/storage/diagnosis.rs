//! What there is to say of a database when its operator asks whether all is well.

use serde::Serialize;

use super::Database;

/// How much something matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Fine,
    /// Worth knowing.
    Notice,
    /// To be put right.
    Problem,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// What was found, in plain words.
    pub text: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Finding {
    /// Something as it should be.
    pub fn fine(text: impl Into<String>) -> Self {
        Self { level: Level::Fine, text: text.into(), advice: None }
    }

    /// Something worth knowing, and what could be done.
    pub fn notice(text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { level: Level::Notice, text: text.into(), advice: Some(advice.into()) }
    }

    /// Something wrong, and what to do.
    pub fn problem(text: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { level: Level::Problem, text: text.into(), advice: Some(advice.into()) }
    }
}

/// Looks at a database and changes nothing, whoever serves it meanwhile.
pub async fn examine(database: &Database) -> Vec<Finding> {
    match database {
        #[cfg(feature = "sqlite")]
        Database::Sqlite(path) => super::sqlite::diagnosis::examine(path),
        #[cfg(feature = "postgres")]
        Database::Postgres(target) => super::postgres::diagnosis::examine(target).await,
    }
}

/// A message whose time has not come yet: some clock was wrong when it was posted, or is now.
pub(super) fn from_the_future(newest: Option<i64>, now: i64) -> Option<Finding> {
    /// Clocks of two machines may differ by that much, in seconds.
    const TOLERANCE: i64 = 60;
    let ahead = newest? - now;
    (ahead > TOLERANCE).then(|| {
        Finding::problem(
            format!("the newest message is {ahead} seconds ahead of the clock"),
            "set the clock right, if it is behind; if it was ahead when that was posted, the \
             message stays on top until then: correct its pub_date, or flag it",
        )
    })
}

/// The time now, in unix seconds.
pub(super) fn now() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// The `CREATE INDEX` statements of a schema, with the names of what they make.
pub(super) fn indices(schema: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    schema.lines().filter_map(|line| {
        let name = line.strip_prefix("CREATE INDEX ")?.split(' ').next()?;
        Some((name, line.trim_end_matches(';')))
    })
}

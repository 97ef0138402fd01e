//! Whether all is well with a MiniTwit, in plain words: its database and what is around it.

mod clock;
mod credentials;
mod disk;
mod limits;
mod permissions;
mod reach;

use std::net::SocketAddr;

use serde::Serialize;

use crate::storage::Database;
use crate::storage::diagnosis::{Finding, Level, examine};

/// What a server would be started with, as far as it is looked at.
pub struct Subject<'a> {
    /// Where the data is.
    pub database: &'a Database,
    /// Where it would listen.
    pub listen: SocketAddr,
    /// Whether a proxy is believed, behind which strangers are.
    pub behind_proxy: bool,
    /// The simulator's credentials, if any were chosen.
    pub simulator_auth: Option<&'a str>,
    /// Where people find it.
    pub public_url: Option<&'a str>,
}

/// One thing that was looked at, and what it belongs to.
#[derive(Debug, Serialize)]
pub struct Entry {
    /// What it belongs to, as a heading.
    pub area: &'static str,
    /// What was found.
    #[serde(flatten)]
    pub finding: Finding,
}

/// Looks at everything and changes nothing.
pub async fn examine_all(subject: &Subject<'_>) -> Vec<Entry> {
    // First, because opening a file may clear away what others have left beside it.
    let permissions = permissions::examine(subject.database);
    let areas = [
        ("database", examine(subject.database).await),
        ("disk", disk::examine(subject.database)),
        ("permissions", permissions),
        ("clock", clock::examine(subject.database)),
        ("credentials", credentials::examine(subject)),
        ("limits", limits::examine()),
        ("public address", reach::examine(subject.public_url)),
    ];
    let entries = areas.into_iter().flat_map(|(area, findings)| {
        findings.into_iter().map(move |finding| Entry { area, finding })
    });
    entries.collect()
}

/// How many of them are to be put right.
pub fn problems(entries: &[Entry]) -> usize {
    entries.iter().filter(|entry| entry.finding.level == Level::Problem).count()
}

/// The file, if the database is one that is there.
fn file(database: &Database) -> Option<std::path::PathBuf> {
    match database {
        #[cfg(feature = "sqlite")]
        Database::Sqlite(path) => std::fs::canonicalize(path).ok(),
        #[cfg(feature = "postgres")]
        Database::Postgres(_) => None,
    }
}

//! The Postgres that a file's data goes to, or has gone to.

use std::fmt;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use tokio_postgres::Client;

use super::announcement::Announcement;
use super::presence;
use crate::storage::postgres::{PostgresStorage, Target};
use crate::storage::sqlite::seal::Seal;
use crate::storage::{Error, InitReport, OpenError, Result};

/// A Postgres that this server could go over to at once.
pub(super) struct Next {
    /// Where it was announced.
    pub(super) announcement: Announcement,
    /// Its open connections.
    pub(super) storage: Arc<PostgresStorage>,
    target: Target,
    /// One more connection, for what is done once.
    client: Client,
    /// Says to the migration that this server is ready.
    _ready: Option<File>,
}

impl Next {
    /// Opens the connections to the Postgres that is announced.
    pub(super) async fn prepare(announcement: &Announcement, file: &Path) -> Result<Self> {
        let target = announcement.target().ok_or_else(|| {
            let path = Announcement::path(file);
            unavailable(format!("{} names no Postgres", path.display()))
        })?;
        let (storage, client) = PostgresStorage::follow(&target)
            .await
            .map_err(|error| unavailable(format!("this server cannot follow its data: {error}")))?;
        Ok(Self {
            announcement: announcement.clone(),
            storage: Arc::new(storage),
            target,
            client,
            _ready: presence::hold(&Announcement::path(file)),
        })
    }

    /// As [`Next::prepare`], for a file that is sealed already.
    pub(super) async fn sealed(seal: &Seal, file: &Path) -> Result<Self> {
        let announced = Announcement::read(file).map_err(|e| Error::Unavailable(e.into()))?;
        match announced.filter(|announced| announced.token == seal.token) {
            Some(announced) => Self::prepare(&announced, file).await,
            None => Err(unavailable(format!(
                "{seal}, and {} does not say how to get there: start this server with that \
                 database (--database, DATABASE_URL)",
                Announcement::path(file).display()
            ))),
        }
    }

    /// Completes the move, if the migration was ended before it could, and brings over a
    /// `latest` with the time it was noted, which the file could not take any more.
    pub(super) async fn complete(&self, seal: &Seal, noted: Option<(i64, i64)>) -> Result<()> {
        let failed = |error: tokio_postgres::Error| {
            unavailable(format!("{seal}, which does not answer as it should: {error}"))
        };
        let ready = "UPDATE minitwit SET state = 'ready' WHERE token = $1 RETURNING 1";
        let done = self.client.query_opt(ready, &[&seal.token]).await.map_err(failed)?;
        if done.is_none() {
            return Err(unavailable(format!("{}: is not where the data has moved", self.target)));
        }
        if let Some((latest, noted_at)) = noted {
            let insert = "INSERT INTO latest (server, latest, noted_at) VALUES (gen_random_uuid(),
                $1, least($2, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint))";
            self.client.execute(insert, &[&latest, &noted_at]).await.map_err(failed)?;
        }
        Ok(())
    }
}

impl fmt::Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.target.fmt(f)
    }
}

/// Opens the Postgres that a file's data has moved to; `None` if the file has no seal, or does
/// not say how to get there, which opening the file itself explains.
pub(super) async fn open_moved(
    path: &Path,
) -> std::result::Result<Option<(PostgresStorage, InitReport)>, OpenError> {
    let file = std::fs::canonicalize(path).unwrap_or(path.to_owned());
    let Ok(Some(announced)) = Announcement::read(&file) else { return Ok(None) };
    let Some(seal) = crate::storage::sqlite::seal_of(&file) else { return Ok(None) };
    let Some(target) = announced.target().filter(|_| announced.token == seal.token) else {
        return Ok(None);
    };
    let next = Next::prepare(&announced, &file).await.map_err(|e| OpenError(e.to_string()))?;
    next.complete(&seal, None).await.map_err(|e| OpenError(e.to_string()))?;
    crate::storage::Storage::close(&*next.storage).await;
    let (storage, mut report) = PostgresStorage::open(&target).await?;
    log::warn!(
        "{} has moved to {target}, which is served: give that database (--database, \
         DATABASE_URL) when the server is started next",
        path.display()
    );
    report.0.push(format!("following {} to {target}", path.display()));
    Ok(Some((storage, report)))
}

fn unavailable(text: String) -> Error {
    Error::Unavailable(text.into())
}

//! `minitwit user end-sessions`

use clap::Args;

use super::Who;
use crate::cli::Stop;
use crate::cli::database::DatabaseFlag;
use crate::cli::listing::printable;
use crate::cli::opened::{failed, with_storage};

/// Sign a user out everywhere.
#[derive(Args)]
pub(super) struct EndSessions {
    #[command(flatten)]
    who: Who,

    #[command(flatten)]
    database: DatabaseFlag,
}

impl EndSessions {
    pub(super) fn run(&self) -> Result<(), Stop> {
        with_storage(&self.database, async |storage| {
            let user = self.who.find(storage).await?;
            let ended = storage.end_sessions(user.id).await.map_err(failed)?;
            let browsers = if ended == 1 { "browser" } else { "browsers" };
            println!("{} was signed out of {ended} {browsers}", printable(&user.username));
            Ok(())
        })
    }
}

//! `minitwit user rename`

use clap::Args;

use super::Who;
use crate::cli::database::DatabaseFlag;
use crate::cli::listing::printable;
use crate::cli::opened::{failed, with_storage};
use crate::cli::{Stop, bad_flag};
use crate::domain::{MAX_USERNAME_CHARS, Username, UsernameError};
use crate::storage::Error;

/// Give a user another name. They stay signed in; the old name is free for others.
#[derive(Args)]
pub(super) struct Rename {
    #[command(flatten)]
    who: Who,

    #[command(flatten)]
    database: DatabaseFlag,

    /// What they shall be called
    #[arg(long, value_name = "NAME")]
    to: String,
}

impl Rename {
    pub(super) fn run(&self) -> Result<(), Stop> {
        let name = Username::parse(&self.to).map_err(|error| bad_flag("--to", why(error)))?;
        with_storage(&self.database, async |storage| {
            let user = self.who.find(storage).await?;
            storage.rename(user.id, &name).await.map_err(|error| match error {
                Error::UsernameTaken => {
                    Stop::Failure(format!("the name {} is taken", printable(&self.to)))
                }
                other => failed(other),
            })?;
            println!("{} is now called {}", printable(&user.username), printable(&self.to));
            Ok(())
        })
    }
}

fn why(error: UsernameError) -> String {
    match error {
        UsernameError::Empty => "a name cannot be empty".to_owned(),
        UsernameError::TooLong => format!("a name has at most {MAX_USERNAME_CHARS} characters"),
        UsernameError::Nul => "a name cannot hold U+0000".to_owned(),
        UsernameError::Reserved => "that is a page of MiniTwit, and nobody can be called so".into(),
    }
}

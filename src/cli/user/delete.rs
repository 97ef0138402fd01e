//! `minitwit user delete`

use std::io::{self, IsTerminal};

use clap::{Args, ValueEnum};

use super::Who;
use crate::cli::database::DatabaseFlag;
use crate::cli::listing::printable;
use crate::cli::opened::{failed, with_storage};
use crate::cli::{Stop, ask};
use crate::domain::{Account, LeftBehind};
use crate::storage::delete_gently;

/// Delete a user with their sessions and follows.
///
/// Messages that are kept are shown under the name [deleted N], which nobody can sign in to; the
/// user's own name is free again, and whoever takes it has none of these messages.
#[derive(Args)]
pub(super) struct Delete {
    #[command(flatten)]
    who: Who,

    #[command(flatten)]
    database: DatabaseFlag,

    /// What becomes of their messages
    #[arg(long, value_enum)]
    messages: Messages,

    /// Do not ask
    #[arg(long)]
    yes: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Messages {
    /// They are deleted
    Delete,
    /// They stay, without the user's name
    Keep,
}

impl Delete {
    pub(super) fn run(&self) -> Result<(), Stop> {
        if !self.yes && !io::stdin().is_terminal() {
            return Err(Stop::Usage(
                "deleting a user asks first, and nobody can answer here: give --yes".to_owned(),
            ));
        }
        with_storage(&self.database, async |storage| {
            let user = self.who.find(storage).await?;
            let account = storage.account(user.id, 0).await.map_err(failed)?;
            if !self.yes && !ask::yes_or_no(&self.question(&account))? {
                return Err(Stop::Failure("nothing was deleted".to_owned()));
            }
            let left_behind = match self.messages {
                Messages::Delete => LeftBehind::Nothing,
                Messages::Keep => LeftBehind::Messages,
            };
            delete_gently(storage, user.id, left_behind).await.map_err(failed)?;
            println!("{} is deleted", printable(&user.username));
            Ok(())
        })
    }

    fn question(&self, account: &Account) -> String {
        let Account { user, messages, flagged, follows, followers, .. } = account;
        let fate = match self.messages {
            Messages::Delete => "will be deleted too",
            Messages::Keep => "will stay, without the name",
        };
        format!(
            "Delete {} (number {}), who follows {follows} and is followed by {followers}? Their {} \
             messages {fate}. This cannot be undone.",
            printable(&user.username),
            user.id,
            messages + flagged
        )
    }
}

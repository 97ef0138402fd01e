//! `minitwit user`: one file for each thing that is done to a user.

mod delete;
mod end_sessions;
mod list;
mod rename;
mod reset_password;
mod show;

use clap::{Args, Subcommand};

use super::Stop;
use super::listing::printable;
use super::opened::failed;
use crate::domain::{User, UserId};
use crate::storage::{Error, Storage};

/// Look after the people: list, show, rename, reset-password, end-sessions, delete.
#[derive(Args)]
pub(super) struct UserCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    List(list::List),
    Show(show::Show),
    Rename(rename::Rename),
    ResetPassword(reset_password::ResetPassword),
    EndSessions(end_sessions::EndSessions),
    Delete(delete::Delete),
}

impl UserCommand {
    pub(super) fn run(&self) -> Result<(), Stop> {
        match &self.action {
            Action::List(action) => action.run(),
            Action::Show(action) => action.run(),
            Action::Rename(action) => action.run(),
            Action::ResetPassword(action) => action.run(),
            Action::EndSessions(action) => action.run(),
            Action::Delete(action) => action.run(),
        }
    }
}

/// Which user.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Who {
    /// Their name, spelled exactly
    #[arg(value_name = "NAME")]
    name: Option<String>,

    /// Their number, as list shows it
    #[arg(long, value_name = "N")]
    id: Option<UserId>,
}

impl Who {
    async fn find(&self, storage: &dyn Storage) -> Result<User, Stop> {
        match (&self.name, self.id) {
            (_, Some(id)) => match storage.account(id, 0).await {
                Ok(account) => Ok(account.user),
                Err(Error::UnknownUser) => {
                    Err(Stop::Failure(format!("there is no user number {id}")))
                }
                Err(error) => Err(failed(error)),
            },
            (name, None) => find(storage, name.as_deref().unwrap_or_default()).await,
        }
    }
}

/// The user of that name.
pub(super) async fn find(storage: &dyn Storage, name: &str) -> Result<User, Stop> {
    match storage.user(name).await {
        Err(Error::UnknownUser) => Err(Stop::Failure(format!(
            "there is no user called {}: small and capital letters make different names",
            printable(name)
        ))),
        found => found.map_err(failed),
    }
}

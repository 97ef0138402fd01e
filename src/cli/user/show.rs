//! `minitwit user show`

use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;

use super::Who;
use crate::cli::Stop;
use crate::cli::database::DatabaseFlag;
use crate::cli::listing::printable;
use crate::cli::moment::shown;
use crate::cli::opened::{failed, with_storage};
use crate::domain::Account;

/// Show what there is of a user.
#[derive(Args)]
pub(super) struct Show {
    #[command(flatten)]
    who: Who,

    #[command(flatten)]
    database: DatabaseFlag,
}

impl Show {
    pub(super) fn run(&self) -> Result<(), Stop> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let account = with_storage(&self.database, async |storage| {
            let user = self.who.find(storage).await?;
            storage.account(user.id, now.as_secs().cast_signed()).await.map_err(failed)
        })?;
        print(&account);
        Ok(())
    }
}

fn print(account: &Account) {
    let last = account.last_message.map_or("never".to_owned(), shown);
    let password = if account.has_password { "yes" } else { "no: the account was deleted" };
    println!("name       {}", printable(&account.user.username));
    println!("number     {}", account.user.id);
    println!("e-mail     {}", printable(&account.user.email));
    println!("password   {password}");
    println!("sessions   {}", account.sessions);
    println!("messages   {}, and {} flagged", account.messages, account.flagged);
    println!("last post  {last}");
    println!("follows    {}", account.follows);
    println!("followers  {}", account.followers);
}

//! `minitwit user reset-password`

use clap::Args;

use super::Who;
use crate::accounts::{BcryptCost, HashingPool};
use crate::cli::database::DatabaseFlag;
use crate::cli::listing::printable;
use crate::cli::opened::{failed, with_storage};
use crate::cli::{Stop, ask};
use crate::domain::Password;

/// Letters and digits that are not taken for each other.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Give a user a new password, which is printed, and sign them out everywhere.
#[derive(Args)]
pub(super) struct ResetPassword {
    #[command(flatten)]
    who: Who,

    #[command(flatten)]
    database: DatabaseFlag,

    /// Read the new password from stdin: its first line, or typed twice on a terminal
    #[arg(long)]
    stdin: bool,

    /// Work factor of the password hash: one more takes twice the time
    #[arg(
        long,
        env = "MINITWIT_BCRYPT_COST",
        value_name = "4..31",
        default_value_t = BcryptCost::default()
    )]
    bcrypt_cost: BcryptCost,
}

impl ResetPassword {
    pub(super) fn run(&self) -> Result<(), Stop> {
        with_storage(&self.database, async |storage| {
            let user = self.who.find(storage).await?;
            let password = if self.stdin { ask::new_password()? } else { generated()? };
            let hashing = HashingPool::new(self.bcrypt_cost).map_err(failure)?;
            let hash = hashing.hash(Password::new(password.as_str())).await.map_err(failure)?;
            storage.set_password(user.id, None, &hash, None).await.map_err(failed)?;
            if self.stdin {
                println!("{} has the new password", printable(&user.username));
            } else {
                println!("{password}");
            }
            Ok(())
        })
    }
}

/// A hundred random bits, in groups that can be read out.
fn generated() -> Result<String, Stop> {
    let mut bytes = [0; 20];
    getrandom::fill(&mut bytes).map_err(failure)?;
    let letters = bytes.map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
    let groups: Vec<String> = letters.chunks(5).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}

fn failure(error: impl std::fmt::Display) -> Stop {
    Stop::Failure(error.to_string())
}

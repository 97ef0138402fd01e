//! `minitwit flag` and `minitwit unflag`

use clap::Args;

use super::Stop;
use super::database::DatabaseFlag;
use super::opened::{failed, with_storage};
use crate::domain::MessageId;

/// Messages flagged in one transaction, so that nobody's write waits long.
const PART: usize = 500;

/// Hide messages from every page and call, at once and on all servers.
///
/// What is flagged stays in the database: `unflag` shows it again. Exit status 1 if an ID is no
/// message's; the others are done.
#[derive(Args)]
pub(super) struct Flag {
    #[command(flatten)]
    messages: Messages,
}

/// Show flagged messages again.
///
/// Exit status 1 if an ID is no message's; the others are done.
#[derive(Args)]
pub(super) struct Unflag {
    #[command(flatten)]
    messages: Messages,
}

#[derive(Args)]
struct Messages {
    #[command(flatten)]
    database: DatabaseFlag,

    /// Which messages, as list-messages shows them
    #[arg(value_name = "ID", required = true)]
    ids: Vec<MessageId>,
}

impl Flag {
    pub(super) fn run(&self) -> Result<(), Stop> {
        self.messages.set_flagged(true, "Flagged")
    }
}

impl Unflag {
    pub(super) fn run(&self) -> Result<(), Stop> {
        self.messages.set_flagged(false, "Unflagged")
    }
}

impl Messages {
    /// Says what was done in the words of the original's tool.
    fn set_flagged(&self, flagged: bool, done: &str) -> Result<(), Stop> {
        let unknown = with_storage(&self.database, async |storage| {
            let mut unknown = Vec::new();
            for part in self.ids.chunks(PART) {
                unknown.extend(storage.set_flagged(part, flagged).await.map_err(failed)?);
            }
            Ok(unknown)
        })?;
        for id in self.ids.iter().filter(|id| !unknown.contains(id)) {
            println!("{done} entry: {id}");
        }
        if unknown.is_empty() {
            return Ok(());
        }
        let ids: Vec<String> = unknown.iter().map(MessageId::to_string).collect();
        Err(Stop::Failure(format!("there is no message {}", ids.join(", "))))
    }
}

//! `minitwit list-messages`

use clap::Args;

use super::database::DatabaseFlag;
use super::listing::{Column, Format, Kind, Listing};
use super::moment::parse_moment;
use super::opened::{failed, with_storage};
use super::{Stop, user};
use crate::domain::{Search, StoredMessage, UnixSeconds};
use crate::storage::Storage;

/// Messages looked at in one go.
const PART: usize = 2_000;

const COLUMNS: [Column; 6] = [
    Column { name: "message_id", heading: "ID", kind: Kind::Number },
    Column { name: "author_id", heading: "", kind: Kind::ForMachines },
    Column { name: "pub_date", heading: "POSTED (UTC)", kind: Kind::Moment },
    Column { name: "flagged", heading: "FLAGGED", kind: Kind::Word },
    Column { name: "author", heading: "AUTHOR", kind: Kind::Name },
    Column { name: "text", heading: "TEXT", kind: Kind::Text },
];

/// List messages, flagged ones too, the last stored first.
#[derive(Args)]
pub(super) struct ListMessages {
    #[command(flatten)]
    database: DatabaseFlag,

    /// Only those of this user
    #[arg(long, value_name = "NAME")]
    author: Option<String>,

    /// Only those that hold this text, in capital or small letters
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,

    /// Only those posted at this time or later: 2026-01-31, "2026-01-31 18:30" (UTC) or unix
    /// seconds
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    since: Option<UnixSeconds>,

    /// Only those posted before this time
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    until: Option<UnixSeconds>,

    /// Only flagged ones
    #[arg(long, conflicts_with = "unflagged")]
    flagged: bool,

    /// Only those that are not flagged
    #[arg(long)]
    unflagged: bool,

    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,

    /// For people, for spreadsheets, or for programs
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

impl ListMessages {
    pub(super) fn run(&self) -> Result<(), Stop> {
        with_storage(&self.database, async |storage| self.list(storage).await)
    }

    async fn list(&self, storage: &dyn Storage) -> Result<(), Stop> {
        let author = match &self.author {
            Some(name) => Some(user::find(storage, name).await?.id),
            None => None,
        };
        let sought = Search {
            author,
            text: self.text.clone(),
            since: self.since,
            until: self.until,
            flagged: (self.flagged || self.unflagged).then_some(self.flagged),
        };
        let mut listing = Listing::begin(self.format, &COLUMNS)?;
        let (mut before, mut left) = (None, self.limit);
        while left > 0 {
            let found = storage.search(&sought, before, PART).await.map_err(failed)?;
            for message in found.messages.into_iter().take(left) {
                left -= 1;
                listing.row(&cells(message))?;
            }
            let Some(last) = found.last else { break };
            before = Some(last);
        }
        listing.end()
    }
}

fn cells(message: StoredMessage) -> [serde_json::Value; 6] {
    let StoredMessage { id, author_id, author, text, pub_date, flagged } = message;
    [id.into(), author_id.into(), pub_date.into(), flagged.into(), author.into(), text.into()]
}

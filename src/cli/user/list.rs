//! `minitwit user list`

use clap::Args;

use crate::cli::Stop;
use crate::cli::database::DatabaseFlag;
use crate::cli::listing::{Column, Format, Kind, Listing};
use crate::cli::opened::{failed, with_storage};

/// Users read in one go.
const PART: usize = 1_000;

const COLUMNS: [Column; 3] = [
    Column { name: "user_id", heading: "ID", kind: Kind::Number },
    Column { name: "username", heading: "NAME", kind: Kind::Name },
    Column { name: "email", heading: "E-MAIL", kind: Kind::Text },
];

/// List all users, those who came first at the top.
#[derive(Args)]
pub(super) struct List {
    #[command(flatten)]
    database: DatabaseFlag,

    /// For people, for spreadsheets, or for programs
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

impl List {
    pub(super) fn run(&self) -> Result<(), Stop> {
        with_storage(&self.database, async |storage| {
            let mut listing = Listing::begin(self.format, &COLUMNS)?;
            let mut after = None;
            loop {
                let users = storage.users(after, PART).await.map_err(failed)?;
                let Some(last) = users.last() else { return listing.end() };
                after = Some(last.id);
                for user in users {
                    listing.row(&[user.id.into(), user.username.into(), user.email.into()])?;
                }
            }
        })
    }
}

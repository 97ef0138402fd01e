//! The programs that `scripts/bench` compares MiniTwit with, and the one that makes its data.

mod calls;
mod ceiling;
mod data_set;
mod group_commit;
mod one_transaction_each;
mod posted;

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use actix_web::rt::System;
use clap::Parser;
use minitwit::storage::Database;

#[derive(Parser)]
#[command(about)]
enum Program {
    /// Answers with a constant page from memory, and with an empty 204 to a small JSON POST: as
    /// fast as any program on this HTTP stack can be.
    Ceiling {
        /// Size of the page.
        #[arg(long)]
        bytes: usize,
    },
    /// Stores each posted message in a transaction of its own, as most programs would.
    OneTransactionEach {
        /// A file that `minitwit init-db` made.
        #[arg(long)]
        database: PathBuf,
    },
    /// Commits posted messages in groups, and does nothing else: as fast as MiniTwit could be.
    GroupCommit {
        /// A file that `minitwit init-db` made.
        #[arg(long)]
        database: PathBuf,
    },
    /// Fills an empty database with users, follows and messages, always the same.
    DataSet {
        /// A file that `minitwit init-db` made.
        #[arg(long)]
        database: PathBuf,
        /// How many messages; users are always 10,000 and follows 100,000.
        #[arg(long)]
        messages: i64,
    },
    /// Times every call of the storage trait that a page or a call of the simulator makes, with
    /// nothing kept between them. Prints, as JSON, for each database and call: microseconds, one
    /// mean for each round, and how many rows came back on average. It writes to the databases.
    Calls {
        /// A database with what `data-set` makes, as for `minitwit serve`. Several take turns.
        #[arg(long, required = true)]
        database: Vec<Database>,
        /// How often each call is timed.
        #[arg(long)]
        rounds: usize,
        /// How long one call is repeated in one round.
        #[arg(long)]
        millis: u64,
    },
}

fn main() -> Result<(), Box<dyn Error>> {
    match Program::parse() {
        Program::Ceiling { bytes } => System::new().block_on(ceiling::serve(bytes))?,
        Program::OneTransactionEach { database } => {
            System::new().block_on(one_transaction_each::serve(&database))?;
        }
        Program::GroupCommit { database } => {
            System::new().block_on(group_commit::serve(&database))?;
        }
        Program::DataSet { database, messages } => data_set::fill(&database, messages)?,
        Program::Calls { database, rounds, millis } => {
            let round = Duration::from_millis(millis);
            let timings = System::new().block_on(calls::time(&database, rounds, round))?;
            println!("{}", serde_json::to_string(&timings)?);
        }
    }
    Ok(())
}

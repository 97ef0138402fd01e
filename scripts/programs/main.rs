//! The programs that `scripts/bench` compares MiniTwit with, and the one that makes its data.

mod ceiling;
mod data_set;
mod one_transaction_each;
mod timelines;

use std::error::Error;
use std::path::PathBuf;

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
    /// Fills an empty database with users, follows and messages, always the same.
    DataSet {
        /// A file that `minitwit init-db` made.
        #[arg(long)]
        database: PathBuf,
        /// How many messages; users are always 10,000 and follows 100,000.
        #[arg(long)]
        messages: i64,
    },
    /// Times the timelines' read queries through the storage trait. Prints, as JSON, microseconds
    /// for each timeline and round.
    Timelines {
        /// A database with what `data-set` makes, as for `minitwit serve`.
        #[arg(long)]
        database: Database,
        /// How often each timeline is timed.
        #[arg(long)]
        rounds: usize,
    },
}

fn main() -> Result<(), Box<dyn Error>> {
    match Program::parse() {
        Program::Ceiling { bytes } => System::new().block_on(ceiling::serve(bytes))?,
        Program::OneTransactionEach { database } => {
            System::new().block_on(one_transaction_each::serve(&database))?;
        }
        Program::DataSet { database, messages } => data_set::fill(&database, messages)?,
        Program::Timelines { database, rounds } => {
            let timings = System::new().block_on(timelines::time(&database, rounds))?;
            println!("{}", serde_json::to_string(&timings)?);
        }
    }
    Ok(())
}

//! What there was and what has arrived, table by table.

use std::fmt;

use tokio_postgres::Client;

use super::failure::{Failure, Result};
use super::loading::{copy_out, read_back};
use super::progress::grouped;
use super::reader::{Reader, Tally};
use super::tables::TABLES;
use super::wire::{Digest, DigestKey};

/// Both sides of every table.
#[derive(Debug)]
pub(super) struct Comparison(Vec<Compared>);

#[derive(Debug)]
struct Compared {
    table: &'static str,
    there: Tally,
    here: Digest,
    here_now: u64,
}

impl Comparison {
    /// Reads back everything and compares it with what was read, row by row.
    pub(super) async fn of_all(
        client: &Client,
        key: &DigestKey,
        tallies: Vec<Tally>,
    ) -> Result<Self> {
        let mut compared = Vec::new();
        for (table, there) in TABLES.iter().zip(tallies) {
            let query = format!("SELECT {} FROM {}", table.names(""), table.quoted());
            let here = read_back(client, key, &*copy_out(&query)).await?;
            compared.push(Compared { table: table.name, there, here, here_now: here.rows });
        }
        Ok(Self(compared))
    }

    /// The same with the numbers of rows as both sides' transactions see them now: what has
    /// changed since was compared when it was brought over.
    pub(super) async fn counted_again(self, reader: &Reader, client: &Client) -> Result<Self> {
        let mut again = self;
        for (table, compared) in TABLES.iter().zip(&mut again.0) {
            let count = format!("SELECT count(*) FROM {}", table.quoted());
            let here: i64 = client.query_one(&count, &[]).await?.get(0);
            let there: i64 = reader.db.query_row(&count, [], |row| row.get(0))?;
            compared.there.read = there as u64;
            compared.here_now = here as u64;
        }
        Ok(again)
    }

    /// Fails if anything that should have arrived has not, or is not the same.
    pub(super) fn check(&self) -> Result<()> {
        if self.0.iter().all(Compared::is_same) {
            return Ok(());
        }
        Err(Failure(format!(
            "the contents of both sides differ, so Postgres is not used: run it again\n{self}"
        )))
    }
}

impl Compared {
    fn is_same(&self) -> bool {
        self.there.arrives == self.here && self.here_now <= self.there.read
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<17}{:>13}{:>13}  same contents", "table", "rows there", "rows here")?;
        for compared in &self.0 {
            let (there, here) = (grouped(compared.there.read), grouped(compared.here_now));
            write!(f, "\n{:<17}{there:>13}{here:>13}  ", compared.table)?;
            let behind = compared.there.read.saturating_sub(compared.here_now);
            match (compared.is_same(), behind) {
                (true, 0) => f.write_str("yes")?,
                (true, behind) => write!(f, "yes, {} stayed behind", grouped(behind))?,
                (false, _) => f.write_str("NO")?,
            }
        }
        Ok(())
    }
}

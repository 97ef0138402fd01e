//! Fills the tables: one thread reads SQLite, one connection copies, two more build indices.

use std::io::Cursor;
use std::pin::pin;
use std::thread;

use futures_util::{SinkExt, TryStreamExt};
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::{Client, ToStatement};

use super::builders::Builders;
use super::constraints::Constraints;
use super::failure::{Failure, Result};
use super::reader::{Reader, Tally};
use super::tables::{TABLES, Table};
use super::wire::{Digest, DigestKey, HEADER, TRAILER, row_of_message};

/// Pieces that may wait between reading and copying: each is a quarter of a megabyte.
const WAITING: usize = 16;

/// What the reading thread hands on.
enum Part {
    Rows(Vec<u8>),
    End(Tally),
}

/// Copies every table, each followed at once by its indices. Returns what was read of each.
pub(super) async fn load(
    reader: Reader,
    client: &Client,
    constraints: &Constraints,
    builders: &Builders,
) -> Result<(Reader, Vec<Tally>)> {
    let (parts, mut arriving) = mpsc::channel(WAITING);
    let (back, reader_comes_back) = oneshot::channel();
    thread::Builder::new().name("sqlite-reader".into()).spawn(move || {
        let mut reader = reader;
        let outcome = read_all(&mut reader, &parts);
        // Nobody listens when copying has failed.
        let _ = back.send((reader, outcome));
    })?;
    let mut tallies = Vec::new();
    for table in &TABLES {
        let Some(tally) = copy(table, client, &mut arriving).await? else { break };
        tallies.push(tally);
        constraints.build_indices(table.name).for_each(|sql| builders.build(sql));
    }
    // Tells the thread, if it still reads, that nobody waits for it.
    drop(arriving);
    let (reader, outcome) =
        reader_comes_back.await.map_err(|_| Failure::new("the reading thread died"))?;
    outcome?;
    Ok((reader, tallies))
}

fn read_all(reader: &mut Reader, parts: &mpsc::Sender<Part>) -> Result<()> {
    let hand_on = |part| parts.blocking_send(part).map_err(|_| Failure::new("copying failed"));
    for table in &TABLES {
        let tally = reader.read_all(table, |rows| hand_on(Part::Rows(rows)))?;
        hand_on(Part::End(tally))?;
    }
    Ok(())
}

/// Copies one table; `None` if reading failed.
async fn copy(
    table: &Table,
    client: &Client,
    arriving: &mut mpsc::Receiver<Part>,
) -> Result<Option<Tally>> {
    let name = table.quoted();
    // In the transaction that empties a table, rows can be written as old ones that everybody
    // sees: nobody has to mark them so later.
    client.batch_execute(&format!("BEGIN; TRUNCATE {name}")).await?;
    let sql = format!("COPY {name} ({}) FROM STDIN (FORMAT binary, FREEZE true)", table.names(""));
    let mut sink = pin!(client.copy_in(&sql).await?);
    sink.feed(Cursor::new(HEADER.to_vec())).await?;
    let tally = loop {
        match arriving.recv().await {
            Some(Part::Rows(rows)) => sink.feed(Cursor::new(rows)).await?,
            Some(Part::End(tally)) => break tally,
            None => return Ok(None),
        }
    };
    sink.send(Cursor::new(TRAILER.to_vec())).await?;
    sink.finish().await?;
    client.batch_execute("COMMIT").await?;
    Ok(Some(tally))
}

/// The statement that reads back what a query of all columns of a table finds.
pub(super) fn copy_out(query: &str) -> String {
    format!("COPY ({query}) TO STDOUT (FORMAT binary)")
}

/// Reads back what a statement of [`copy_out`] finds.
pub(super) async fn read_back<T: ?Sized + ToStatement>(
    client: &Client,
    key: &DigestKey,
    statement: &T,
) -> Result<Digest> {
    let mut messages = pin!(client.copy_out(statement).await?);
    let mut digest = Digest::default();
    while let Some(message) = messages.try_next().await? {
        if let Some(row) = row_of_message(&message) {
            digest.add(key, row);
        }
    }
    Ok(digest)
}

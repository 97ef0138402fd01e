//! What version the database is of, and how an empty one becomes MiniTwit's.
//!
//! The database says so itself, in the table `minitwit`. Whoever makes or changes the schema
//! holds one lock for all, so that two that start at once do not trip over each other.

use tokio_postgres::{Client, GenericClient, SimpleQueryMessage, Transaction};

use super::errors::{self, Trouble};
use crate::storage::InitReport;

/// The tables of [`VERSION`].
pub(crate) const SCHEMA: &str = include_str!("schema.sql");

/// The version this program makes and serves.
pub(crate) const VERSION: i32 = 1;

/// The oldest server that has all we use (`pg_current_snapshot`), as `server_version_num`.
const OLDEST_SERVER: i32 = 130_000;

/// Names the lock among those of other programs on the database: `MTWT`.
const LOCK: i64 = i32::from_be_bytes(*b"MTWT") as i64;

/// Every table of [`SCHEMA`].
pub(crate) const TABLES: [&str; 10] = [
    "adoption_note",
    "follower",
    "latest",
    "message",
    "minitwit",
    "numeric_username",
    "orphan_message",
    "secret",
    "session",
    "user",
];

/// What the database holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// None of our tables.
    Nothing,
    /// Tables that are called as ours are and that no MiniTwit made.
    Foreign(Vec<String>),
    /// A MiniTwit.
    MiniTwit {
        /// Of the schema.
        version: i32,
        /// `ready`, or which part of a migration is under way.
        state: String,
        /// The SHA-256 of the secret of the file it is migrated from.
        source: Option<Vec<u8>>,
    },
}

/// Checks that the server is one we can work with. Nothing is prepared for that: behind a pooler
/// the statement might be lost, or somebody else's.
pub(crate) async fn check_server(client: &Client) -> Result<(), Trouble> {
    let settings = "
        SELECT current_setting('server_version_num'), current_setting('server_version'),
               current_setting('server_encoding'), current_setting('plan_cache_mode')";
    let answer = client.simple_query(settings).await?;
    let row = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let setting = |column| row.and_then(|row| row.get(column)).unwrap_or_default();
    // What we asked for when we connected.
    if setting(3) != "force_generic_plan" {
        return Err(Trouble::Refused(errors::POOLER.to_owned()));
    }
    if setting(0).parse().unwrap_or(0) < OLDEST_SERVER {
        return Err(Trouble::Refused(format!(
            "the server is Postgres {}: MiniTwit needs 13 or later",
            setting(1)
        )));
    }
    if setting(2) != "UTF8" {
        return Err(Trouble::Refused(format!(
            "the database is encoded in {}, which cannot hold every text: create one with \
             ENCODING 'UTF8' TEMPLATE template0",
            setting(2)
        )));
    }
    Ok(())
}

/// Takes the lock that whoever changes the schema holds, until the transaction ends.
pub(crate) async fn lock(tx: &Transaction<'_>) -> Result<(), Trouble> {
    tx.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
    Ok(())
}

/// Looks at what the database holds.
pub(crate) async fn recognise(client: &impl GenericClient) -> Result<Found, Trouble> {
    let ours = &TABLES[..];
    let rows = client
        .query(
            "SELECT relname::text FROM pg_class
             WHERE relname = ANY($1) AND relkind IN ('r', 'p', 'v', 'm', 'f')
               AND pg_table_is_visible(oid) AND relnamespace <> 'pg_catalog'::regnamespace
             ORDER BY relname",
            &[&ours],
        )
        .await?;
    let tables = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>()?;
    if tables.is_empty() {
        return Ok(Found::Nothing);
    }
    if !tables.iter().any(|table| table == "minitwit") {
        return Ok(Found::Foreign(tables));
    }
    let mark = client
        .query_opt("SELECT schema_version, state, source FROM minitwit WHERE only_row = 1", &[])
        .await;
    match mark {
        Ok(Some(row)) => Ok(Found::MiniTwit {
            version: row.try_get(0)?,
            state: row.try_get(1)?,
            source: row.try_get(2)?,
        }),
        // A table of that name, but not ours: it lacks the row, or the columns.
        Ok(None) => Ok(Found::Foreign(tables)),
        Err(error) if error.as_db_error().is_some_and(|db| db.code().code() == "42703") => {
            Ok(Found::Foreign(tables))
        }
        Err(error) => Err(error.into()),
    }
}

/// Creates all tables, in a database that has none of them, in the state `state`.
pub(crate) async fn create(
    tx: &Transaction<'_>,
    state: &str,
    source: Option<&[u8]>,
) -> Result<(), Trouble> {
    tx.batch_execute(SCHEMA).await?;
    let insert = "INSERT INTO minitwit (only_row, schema_version, state, source)
                  VALUES (1, $1, $2, $3)";
    tx.execute(insert, &[&VERSION, &state, &source]).await?;
    Ok(())
}

/// Refuses tables of others, and versions and states that cannot be served.
pub(crate) fn check(found: &Found) -> Result<(), Trouble> {
    let refused = |text: String| Err(Trouble::Refused(text));
    match found {
        Found::Nothing => Ok(()),
        Found::Foreign(tables) => refused(format!(
            "there are tables that are not MiniTwit's ({}): use another, empty database",
            tables.join(", ")
        )),
        Found::MiniTwit { version, .. } if *version != VERSION => refused(format!(
            "its schema is of version {version}, and this program knows {VERSION}: use a newer \
             MiniTwit"
        )),
        Found::MiniTwit { state, .. } if state != "ready" => refused(
            "a migration into this database has not finished: run migrate-to-postgres again"
                .to_owned(),
        ),
        Found::MiniTwit { .. } => Ok(()),
    }
}

/// Makes the schema unless it is there, in one transaction.
pub(super) async fn prepare(client: &mut Client) -> Result<InitReport, Trouble> {
    check_server(client).await?;
    let tx = client.transaction().await?;
    lock(&tx).await?;
    let found = recognise(&tx).await?;
    check(&found)?;
    let report = if found == Found::Nothing {
        create(&tx, "ready", None).await?;
        tx.execute("INSERT INTO secret (only_row, bytes) VALUES (1, $1)", &[&&random::<32>()?[..]])
            .await?;
        format!("created the schema, version {VERSION}")
    } else {
        format!("found schema version {VERSION}, up to date")
    };
    tx.commit().await?;
    Ok(InitReport(vec![report]))
}

/// Random bytes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Trouble> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Trouble::Refused(format!("needs random numbers: {error}")))?;
    Ok(bytes)
}

//! The Postgres that is moved into: what it holds, and whether it may be filled.

use std::fmt;
use std::time::{Duration, Instant};

use tokio_postgres::Client;

use super::failure::{Failure, Result};
use crate::storage::postgres::schema::{self, Found, TABLES};
use crate::storage::postgres::{Target, Trouble};

/// Names the lock that the one migration into a database holds: `MTWM`.
const LOCK: i64 = i32::from_be_bytes(*b"MTWM") as i64;

/// How long a migration that was killed may take to be gone from the server.
const LOCK_PATIENCE: Duration = Duration::from_secs(20);

/// Settings for connections that fill and build. What they do counts only once a later commit
/// has waited for the disk, and the write-ahead log keeps the order.
const FILLING: &str = "SET synchronous_commit = off; SET maintenance_work_mem = '256MB'";

/// A connection to the target, and what is known about it.
pub(super) struct Destination {
    target: Target,
    /// For everything but filling and building; it holds the lock.
    pub(super) client: Client,
}

/// Whether a database may be filled.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It holds nothing.
    Empty,
    /// A migration of the same source has not finished here; `sealing` says how far it came.
    Unfinished {
        /// Whether all had arrived.
        sealing: bool,
        /// The token of that migration.
        token: Option<Vec<u8>>,
    },
    /// A migration of the same source has finished here.
    Finished {
        /// The token of that migration.
        token: Option<Vec<u8>>,
    },
}

impl Destination {
    /// Connects, and checks that this is a server and a user that will do.
    pub(super) async fn connect(target: &Target) -> Result<Self> {
        let explain = |trouble: Trouble| Failure::from(trouble.explain(target));
        let client = target.clone().patient().connect().await.map_err(explain)?;
        schema::check_server(&client).await.map_err(explain)?;
        let destination = Self { target: target.clone().patient(), client };
        destination.check_permissions().await?;
        Ok(destination)
    }

    /// One more connection, to fill tables and build indices.
    pub(super) async fn filler(&self) -> Result<Client> {
        let client = self.target.connect().await.map_err(|trouble| self.explain(trouble))?;
        client.batch_execute(FILLING).await?;
        Ok(client)
    }

    async fn check_permissions(&self) -> Result<()> {
        let row = self
            .client
            .query_one(
                "SELECT coalesce(current_schema()::text, ''),
                        coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),
                        has_database_privilege(current_database(), 'TEMP')",
                &[],
            )
            .await?;
        let (schema, create, temporary): (String, bool, bool) =
            (row.get(0), row.get(1), row.get(2));
        if !create {
            let schema = if schema.is_empty() { "public" } else { &schema };
            return Err(self.refuse(format_args!(
                "the user may not create tables in the schema {schema}: make it the owner of the \
                 database"
            )));
        }
        if !temporary {
            return Err(self.refuse(
                "the user may not create temporary tables: make it the owner of the database",
            ));
        }
        Ok(())
    }

    /// Keeps other migrations out as long as the connection lasts.
    pub(super) async fn lock(&self) -> Result<()> {
        let start = Instant::now();
        loop {
            let row = self.client.query_one("SELECT pg_try_advisory_lock($1)", &[&LOCK]).await?;
            if row.get(0) {
                return Ok(());
            }
            if start.elapsed() > LOCK_PATIENCE {
                return Err(self.refuse(
                    "another migration into this database is running: wait for its end, or end it",
                ));
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Says whether it may be filled from the source of that identity.
    pub(super) async fn standing(&self, identity: &[u8; 32]) -> Result<Standing> {
        let found = schema::recognise(&self.client).await.map_err(|t| self.explain(t))?;
        let (version, state, source) = match found {
            Found::Nothing => return self.check_empty().await,
            Found::Foreign(tables) => {
                return Err(self.refuse(format_args!(
                    "there are tables that are not MiniTwit's ({}): use another, empty database",
                    tables.join(", ")
                )));
            }
            Found::MiniTwit { version, state, source } => (version, state, source),
        };
        let same = source.as_deref() == Some(&identity[..]);
        match (state.as_str(), same) {
            (_, true) if version != schema::VERSION => Err(self.refuse(format_args!(
                "its schema is of version {version}, and this program knows {}: use a newer \
                 MiniTwit",
                schema::VERSION
            ))),
            ("ready", true) => Ok(Standing::Finished { token: self.token().await? }),
            (state, true) => {
                let sealing = state == "sealing";
                Ok(Standing::Unfinished { sealing, token: self.token().await? })
            }
            ("ready", false) => Err(self.refuse(
                "it is a MiniTwit's already, and its people's data stays: use another, empty \
                 database",
            )),
            (_, false) => Err(self.refuse(
                "a migration of another file into it has not finished: finish that one, or use \
                 another, empty database",
            )),
        }
    }

    /// Refuses a schema that holds anything but what extensions have put there.
    async fn check_empty(&self) -> Result<Standing> {
        let rows = self
            .client
            .query(
                "SELECT relname::text FROM pg_class c
                 WHERE relnamespace = current_schema()::regnamespace
                   AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
                   AND NOT EXISTS (SELECT FROM pg_depend d
                                   WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                                     AND d.deptype IN ('e', 'i', 'a'))
                 ORDER BY relname LIMIT 8",
                &[],
            )
            .await?;
        if rows.is_empty() {
            return Ok(Standing::Empty);
        }
        let names: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        Err(self.refuse(format_args!(
            "it holds other data ({}): use another, empty database",
            names.join(", ")
        )))
    }

    async fn token(&self) -> Result<Option<Vec<u8>>> {
        Ok(self.client.query_one("SELECT token FROM minitwit", &[]).await?.get(0))
    }

    /// Makes all tables anew and empty, in the place of those of an unfinished migration.
    pub(super) async fn begin(&mut self, identity: &[u8; 32], token: &[u8]) -> Result<()> {
        let target = self.target.clone();
        let explain = |trouble: Trouble| Failure::from(trouble.explain(&target));
        let tx = self.client.transaction().await?;
        schema::lock(&tx).await.map_err(explain)?;
        let tables = TABLES.map(|table| format!("\"{table}\"")).join(", ");
        tx.batch_execute("SET LOCAL client_min_messages = warning").await?;
        tx.batch_execute(&format!("DROP TABLE IF EXISTS {tables}")).await?;
        schema::create(&tx, "copying", Some(identity)).await.map_err(explain)?;
        tx.execute("UPDATE minitwit SET token = $1", &[&token]).await?;
        Ok(tx.commit().await?)
    }

    /// The time by its clock, in unix microseconds.
    pub(super) async fn now(&self) -> Result<i64> {
        let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
        Ok(self.client.query_one(sql, &[]).await?.get(0))
    }

    /// A failure that names the database.
    pub(super) fn refuse(&self, text: impl std::fmt::Display) -> Failure {
        Failure::new(format_args!("{}: {text}", self.target))
    }

    fn explain(&self, trouble: Trouble) -> Failure {
        trouble.explain(&self.target).into()
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.target.fmt(f)
    }
}

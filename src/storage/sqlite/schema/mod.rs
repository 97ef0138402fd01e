//! What version the database file is of, and how an older one becomes a current one.
//!
//! The file says so itself: `PRAGMA application_id` that it is MiniTwit's, `PRAGMA user_version`
//! which version of `schema.sql` it follows. Version 0 is a database of the original program,
//! which knew no versions.

mod file;
mod inspection;
mod recognise;
#[cfg(test)]
mod tests;
mod trouble;

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

#[cfg(feature = "postgres")]
pub(super) use self::inspection::inspect;
pub(super) use self::inspection::look;
pub(super) use self::recognise::{Found, recognise};
pub(super) use self::trouble::{Trouble, damaged};
use super::adoption::{self, Backup};
use super::place::Place;
use super::seal;
use crate::storage::{InitReport, OpenError};

/// The tables of [`VERSION`].
pub(super) const SCHEMA: &str = include_str!("../../../../schema.sql");

/// The version this program makes and serves: one more than that of the last step's start.
const VERSION: i32 = STEPS.len() as i32;

/// `MTWT`, in `PRAGMA application_id` of every database of ours.
const APPLICATION_ID: i32 = i32::from_be_bytes(*b"MTWT");

/// How long another process may keep the file locked before we give up.
const PATIENCE: Duration = Duration::from_secs(10);

/// Above this many bytes the write-ahead log is cut when it starts over: more than it has when the
/// writer has it copied, for to make a file longer again takes the disk longer.
const JOURNAL_BYTES: i64 = 64 * 1024 * 1024;

/// Brings a database one version further. It must not commit.
type Step = fn(&Transaction<'_>, &Path, &mut Upgrade) -> Result<(), Trouble>;

/// The step at index N leads from version N to N + 1. `adopt` fills the tables of [`SCHEMA`]:
/// when that moves on to version 2, the text of version 1 has to stay for it.
const STEPS: [Step; 1] = [adoption::adopt];

/// What has been done to a file so far.
#[derive(Default)]
pub(super) struct Upgrade {
    /// Told to the operator, line by line.
    pub(super) report: Vec<String>,
    /// The file as it was, where a step made a copy of it.
    pub(super) backup: Option<Backup>,
}

/// Opens the file for reading and writing, creates it if there is none, and brings it to the
/// current version in one transaction. The connection has the settings of one that writes.
///
/// A file that is refused, and one that could not be brought up to date, are left as they were.
pub(super) fn prepare(path: &Path) -> Result<(Connection, InitReport), OpenError> {
    connect(path, PATIENCE).map_err(|trouble| trouble.explain(path))
}

fn connect(path: &Path, patience: Duration) -> Result<(Connection, InitReport), Trouble> {
    let file = file::locate(path)?;
    let unseen = |error: io::Error| Trouble::Refused(format!("cannot be opened: {error}"));
    let place = Place::of(&file).map_err(unseen)?;
    let mut conn = open(&file, patience)?;
    match patiently(patience, || bring_up_to_date(&mut conn, &file)) {
        Ok(report) => {
            let opened = configured(conn, report, patience)?;
            // A restore may have put another file there while its lock was waited for. From now
            // on it would find ours.
            match place.check() {
                Ok(()) => Ok(opened),
                Err(_) => Err(Trouble::Refused(
                    "was replaced while it was being opened: start again".into(),
                )),
            }
        }
        Err(trouble) => {
            // The last to close a file moves its write-ahead log into it: not into one of others.
            let has_log = file::has_write_ahead_log(&file);
            conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, has_log)?;
            Err(trouble)
        }
    }
}

fn configured(
    conn: Connection,
    report: Vec<String>,
    patience: Duration,
) -> Result<(Connection, InitReport), Trouble> {
    if let Err(trouble) = patiently(patience, || configure(&conn)) {
        // What has been done stays, and would not be told a second time.
        report.iter().for_each(|line| log::warn!("{line}"));
        return Err(trouble);
    }
    Ok((conn, InitReport(report)))
}

fn open(file: &Path, patience: Duration) -> Result<Connection, Trouble> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(file, flags)?;
    // Before all else, because each statement from here on may meet another process' lock.
    conn.busy_timeout(patience)?;
    if conn.is_readonly("main")? {
        return Err(Trouble::read_only());
    }
    Ok(conn)
}

/// Repeats what failed because another process was in the way. SQLite itself does not wait where
/// two could wait for each other, as when both want to switch the file to write-ahead logging.
fn patiently<T>(
    patience: Duration,
    mut attempt: impl FnMut() -> Result<T, Trouble>,
) -> Result<T, Trouble> {
    let start = Instant::now();
    loop {
        match attempt() {
            Err(trouble) if trouble.is_busy() && start.elapsed() < patience => {
                std::thread::sleep(Duration::from_millis(20));
            }
            outcome => return outcome,
        }
    }
}

/// Returns what it found and did, line by line.
fn bring_up_to_date(conn: &mut Connection, file: &Path) -> Result<Vec<String>, Trouble> {
    // A step may rebuild a table that others refer to. It has no effect within a transaction.
    conn.pragma_update(None, "foreign_keys", false)?;
    let tx = conn.transaction()?;
    if let Found::Version(version) = recognise(&tx)? {
        refuse_if_sealed(&tx)?;
        if version == VERSION {
            return Ok(vec![up_to_date()]);
        }
    }
    drop(tx);
    let mut upgrade = Upgrade::default();
    if let Err(trouble) = run(conn, file, &mut upgrade) {
        // Looking at the file makes SQLite undo at once what a full disk left half written.
        let found = recognise(conn);
        if let (Ok(Found::Version(0)), Some(backup)) = (found, upgrade.backup) {
            backup.discard();
        }
        return Err(trouble);
    }
    Ok(upgrade.report)
}

/// What has moved away is neither served nor changed here.
fn refuse_if_sealed(conn: &Connection) -> Result<(), Trouble> {
    let Some(seal) = seal::read(conn)? else { return Ok(()) };
    Err(Trouble::Refused(format!(
        "is sealed, because its data has moved to {}: give that database instead (--database, \
         DATABASE_URL)",
        seal.target
    )))
}

/// Does all there is to do in one transaction.
fn run(conn: &mut Connection, file: &Path, upgrade: &mut Upgrade) -> Result<(), Trouble> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Looked at again, because another process may have been faster.
    match recognise(&tx)? {
        Found::Version(VERSION) => upgrade.report.push(up_to_date()),
        Found::Version(version) => run_steps(&tx, file, version, upgrade)?,
        Found::Nothing => create(&tx, upgrade)?,
        Found::Unmarked => upgrade.report.push(format!(
            "found the tables of schema version {VERSION} without its mark, as a copy made with \
             .dump has them: marked it"
        )),
    }
    mark(&tx)?;
    Ok(tx.commit()?)
}

fn up_to_date() -> String {
    format!("found schema version {VERSION}, up to date")
}

fn run_steps(
    tx: &Transaction<'_>,
    file: &Path,
    version: i32,
    upgrade: &mut Upgrade,
) -> Result<(), Trouble> {
    STEPS.iter().skip(version as usize).try_for_each(|step| step(tx, file, upgrade))
}

fn create(tx: &Transaction<'_>, upgrade: &mut Upgrade) -> Result<(), Trouble> {
    tx.execute_batch(SCHEMA)?;
    add_secret(tx)?;
    upgrade.report.push(format!("created the schema, version {VERSION}"));
    Ok(())
}

/// Fills the table `secret`.
pub(super) fn add_secret(tx: &Transaction<'_>) -> Result<(), Trouble> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Trouble::Refused(format!("needs random numbers: {error}")))?;
    tx.execute("INSERT INTO secret (only_row, bytes) VALUES (1, ?1)", [bytes])?;
    Ok(())
}

fn mark(tx: &Transaction<'_>) -> Result<(), Trouble> {
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", VERSION)?;
    Ok(())
}

/// The settings of a connection that writes, once the file is known to be ours.
fn configure(conn: &Connection) -> Result<(), Trouble> {
    // Readers and the writer do not wait for each other. It changes the file, hence only now.
    let mode: String =
        conn.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode != "wal" {
        return Err(Trouble::Refused(format!(
            "cannot be switched to write-ahead logging (it stays at {mode}): \
             put it on a local disk"
        )));
    }
    // What is answered as stored must be on disk: NORMAL would sync at checkpoints only.
    conn.pragma_update(None, "synchronous", "FULL")?;
    // Otherwise the log keeps for ever the size of its busiest hour, or of an adoption.
    conn.pragma_update_and_check(None, "journal_size_limit", JOURNAL_BYTES, |_| Ok(()))?;
    // SQLite leaves it to each connection whether REFERENCES means anything.
    conn.pragma_update(None, "foreign_keys", true)?;
    Ok(())
}

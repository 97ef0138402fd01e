//! Copies a database page by page, as of one moment, without getting in the way of who serves it.

use std::fs::File;
use std::path::Path;
use std::thread::sleep;
use std::time::Instant;

use rusqlite::backup::{Backup as Copying, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::Contents;
use super::contents::is_damage;
use crate::storage::sqlite::schema::Trouble;

/// Pages that are copied at once: 1 MiB of SQLite's usual 4 KiB pages.
const PAGES: i32 = 256;

/// How fast to copy.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Half of the time is left to others.
    Gentle,
    /// Nobody else is there.
    Swift,
}

/// Copies to a file that is there and empty. Returns what is in it, counted in the original.
///
/// One transaction reads from beginning to end, so that what is written meanwhile neither gets
/// into the copy nor makes it start over. Each piece is on disk before the next one is read: a
/// server's commits, which wait for the same disk, wait for one piece at most.
pub(super) fn copy(from: &Connection, to: &Path, pace: Pace) -> Result<Contents, Trouble> {
    let written = |error| Trouble::Copy(to.into(), error);
    let file = File::options().write(true).open(to).map_err(written)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut target = Connection::open_with_flags(to, flags)?;
    // What is not whole is thrown away, so nothing has to be undone.
    target.pragma_update_and_check(None, "journal_mode", "off", |_| Ok(()))?;
    target.pragma_update(None, "synchronous", "off")?;
    let tx = from.unchecked_transaction()?;
    let contents = Contents::read(&tx).map_err(of_original)?;
    let copying = Copying::new(from, &mut target)?;
    loop {
        let began = Instant::now();
        match copying.step(PAGES).map_err(|error| full(error, to))? {
            StepResult::Done => break,
            StepResult::More => {}
            other => return Err(Trouble::Refused(format!("could not be copied ({other:?})"))),
        }
        if pace == Pace::Gentle {
            file.sync_data().map_err(written)?;
            sleep(began.elapsed());
        }
    }
    drop(copying);
    drop(tx);
    target.close().map_err(|(_, error)| full(error, to))?;
    file.sync_all().map_err(written)?;
    Ok(contents)
}

/// What went wrong with the disk of the copy is not told of the original.
fn full(error: rusqlite::Error, to: &Path) -> Trouble {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => {
            Trouble::Copy(to.into(), std::io::ErrorKind::StorageFull.into())
        }
        _ => of_original(error),
    }
}

/// A database that cannot be read is damaged, whatever its copy would be.
fn of_original(error: rusqlite::Error) -> Trouble {
    match is_damage(&error) {
        true => Trouble::Refused(format!("is damaged ({error})")),
        false => error.into(),
    }
}

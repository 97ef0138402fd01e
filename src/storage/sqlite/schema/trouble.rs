//! Everything that can stand in the way of serving a file, as one line for the operator.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::PATIENCE;
use crate::storage::OpenError;
use crate::storage::sqlite::place::folder_of;

/// What SQLite reports when another process is in the way.
const BUSY: [ErrorCode; 3] =
    [ErrorCode::DatabaseBusy, ErrorCode::DatabaseLocked, ErrorCode::FileLockingProtocolFailed];

/// Why a file cannot be served.
#[derive(Debug, thiserror::Error)]
pub(in crate::storage::sqlite) enum Trouble {
    /// SQLite failed.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// The copy of a database could not be written.
    #[error("{0}: {1}")]
    Copy(PathBuf, io::Error),
    /// We do not want it. The text follows the name of the file.
    #[error("{0}")]
    Refused(String),
}

impl Trouble {
    /// The file can be read but not written.
    pub(super) fn read_only() -> Self {
        Self::Refused(
            "is read-only: allow this user to write to it, or mount its disk writable".into(),
        )
    }

    /// Whether another process was in the way.
    pub(in crate::storage::sqlite) fn is_busy(&self) -> bool {
        let Self::Sqlite(error) = self else { return false };
        error.sqlite_error_code().is_some_and(|code| BUSY.contains(&code))
    }

    /// One line: the file, what is the matter, what to do.
    pub(in crate::storage::sqlite) fn explain(self, path: &Path) -> OpenError {
        let text = match &self {
            Self::Refused(reason) => reason.clone(),
            Self::Copy(copy, error) => format!(
                "cannot be adopted, because its copy {} could not be made: {error}; it was left \
                 as it is: see to it that this user can create files there",
                copy.display()
            ),
            Self::Sqlite(error) => explain_sqlite(error, path),
        };
        OpenError(format!("{} {}", path.display(), text.replace('\n', " ")))
    }
}

fn explain_sqlite(error: &rusqlite::Error, path: &Path) -> String {
    use ErrorCode as Code;
    match error.sqlite_error_code() {
        Some(code) if BUSY.contains(&code) => format!(
            "is in use: another process has kept it locked for more than {} seconds; end that \
             process or its transaction, and start again",
            PATIENCE.as_secs()
        ),
        Some(Code::NotADatabase) => {
            "is not a SQLite database; it was left as it is: give another path".into()
        }
        Some(Code::DatabaseCorrupt) => damaged(error),
        Some(Code::DiskFull) => {
            "cannot be written because its disk is full: free some space, and start again".into()
        }
        Some(Code::ReadOnly | Code::CannotOpen | Code::PermissionDenied) => format!(
            "cannot be opened: this user must be allowed to read and write it, and to create \
             files in its folder ({})",
            folder_of(path).display()
        ),
        Some(Code::SystemIoFailure) => format!(
            "cannot be read or written ({error}): look at the free space and the health of its \
             disk"
        ),
        _ => format!("cannot be used: {error}"),
    }
}

/// What is said of a file that SQLite finds inconsistent.
pub(in crate::storage::sqlite) fn damaged(detail: impl std::fmt::Display) -> String {
    format!(
        "is damaged ({detail}); it was left as it is: restore a backup of it, or save what can \
         be read with the sqlite3 shell's .recover"
    )
}

//! What is in a file, and whether it is sound.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::domain::UnixSeconds;
use crate::storage::sqlite::schema::{Found, Trouble, recognise};

/// What a database holds, as far as two states of one need to be told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contents {
    /// How many there are.
    pub(crate) users: i64,
    /// How many there are, flagged ones too.
    pub(crate) messages: i64,
    /// How many there are.
    pub(crate) follows: i64,
    /// When the newest message was posted.
    pub(crate) newest: Option<UnixSeconds>,
    /// What was made with the database: another one has another.
    pub(super) secret: Vec<u8>,
    /// The highest id of a user.
    pub(super) last_user: i64,
    /// The highest id of a message.
    pub(super) last_message: i64,
    /// When the simulator's `latest` was noted, in unix microseconds.
    pub(super) noted_at: i64,
}

impl Contents {
    /// Counts what is in a database.
    pub(super) fn read(db: &Connection) -> rusqlite::Result<Self> {
        let sql = "SELECT (SELECT count(*) FROM user), (SELECT count(*) FROM message),
                   (SELECT count(*) FROM follower), (SELECT max(pub_date) FROM message),
                   coalesce((SELECT bytes FROM secret), x''),
                   coalesce((SELECT max(user_id) FROM user), 0),
                   coalesce((SELECT max(message_id) FROM message), 0),
                   coalesce((SELECT max(noted_at) FROM latest), 0)";
        db.query_row(sql, [], |row| {
            Ok(Self {
                users: row.get(0)?,
                messages: row.get(1)?,
                follows: row.get(2)?,
                newest: row.get(3)?,
                secret: row.get(4)?,
                last_user: row.get(5)?,
                last_message: row.get(6)?,
                noted_at: row.get(7)?,
            })
        })
    }

    /// Whether nobody has ever used it.
    pub(super) fn is_fresh(&self) -> bool {
        self.last_user == 0 && self.last_message == 0
    }
}

/// Makes a copy one file that can be read from anywhere, checks every page and index of it, and
/// says what it holds.
pub(super) fn check(copy: &Path) -> Result<Contents, Trouble> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(copy, flags)?;
    // Nobody else has it: no file beside it is needed, nor will be left.
    db.pragma_update_and_check(None, "locking_mode", "exclusive", |_| Ok(()))?;
    db.pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(()))?;
    integrity(&db)?;
    match recognise(&db)? {
        Found::Nothing | Found::Version(0) => {
            return Err(Trouble::Refused("holds no MiniTwit".into()));
        }
        Found::Version(_) | Found::Unmarked => {}
    }
    let contents = Contents::read(&db)?;
    db.close().map_err(|(_, error)| error)?;
    Ok(contents)
}

/// Refuses a database of which a page, a row or an index is not as it should be.
pub(super) fn integrity(db: &Connection) -> Result<(), Trouble> {
    let damage = match db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)) {
        Err(error) if is_damage(&error) => error.to_string(),
        damage => damage?,
    };
    match damage.trim() {
        "ok" => Ok(()),
        damage => Err(Trouble::Refused(format!("is damaged ({})", damage.replace('\n', " ")))),
    }
}

/// Whether a file is to blame: it cannot be read, is no database any more, or lacks a table.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode as Code;
    matches!(
        error.sqlite_error_code(),
        Some(Code::DatabaseCorrupt | Code::NotADatabase | Code::SystemIoFailure | Code::Unknown)
    )
}

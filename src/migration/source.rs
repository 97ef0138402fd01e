//! The file that is moved, or the adopted copy of one that the original program made.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension};
use sha2::{Digest, Sha256};

use super::failure::{Failure, Result};
use crate::storage::sqlite::source::{self, Origin};

/// Where to read, and what is known before.
pub(super) struct Source {
    /// The operator's file, absolute, links resolved.
    pub(super) file: PathBuf,
    /// Whose it is.
    pub(super) origin: Origin,
    /// What adoption of the copy has changed, line by line.
    pub(super) adoption: Vec<String>,
    /// Tells this source from all others, and is the same when it is opened again.
    pub(super) identity: [u8; 32],
    copy: Option<Copy>,
}

impl Source {
    /// Looks at a file without changing it.
    pub(super) fn look(from: &Path) -> Result<Self> {
        let (origin, file) = source::inspect(from)?;
        let identity = identity(&connect(&file)?, origin)?;
        Ok(Self { file, origin, adoption: Vec::new(), identity, copy: None })
    }

    /// Copies a file of the original program to `work_dir`, or beside itself, and adopts the
    /// copy; does nothing to one of ours.
    pub(super) fn adopt(&mut self, work_dir: Option<&Path>) -> Result<()> {
        if self.origin == Origin::MiniTwit {
            return Ok(());
        }
        let copy = Copy::begin(&self.file, work_dir)?;
        source::copy(&self.file, &copy.file)?;
        let (connection, report) = source::open(&copy.file)?;
        drop(connection);
        // The adoption keeps a copy of what is a copy already: of no use to anybody.
        self.adoption = report.into_iter().filter(|line| !line.contains(" is kept as ")).collect();
        self.copy = Some(copy);
        Ok(())
    }

    /// The file that is read.
    pub(super) fn read_file(&self) -> &Path {
        self.copy.as_ref().map_or(&self.file, |copy| &copy.file)
    }

    /// A connection that reads, from now on always the same: what is stored later is not there.
    pub(super) fn snapshot(&self) -> Result<Connection> {
        let db = connect(self.read_file())?;
        db.execute_batch("BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1")?;
        Ok(db)
    }

    /// Its size in bytes.
    pub(super) fn bytes(&self) -> u64 {
        fs::metadata(&self.file).map_or(0, |file| file.len())
    }
}

/// A connection that cannot write.
pub(super) fn connect(file: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(file, flags)?;
    db.busy_timeout(std::time::Duration::from_secs(10))?;
    db.pragma_update(None, "query_only", true)?;
    db.set_prepared_statement_cache_capacity(64);
    Ok(db)
}

/// The SHA-256 of the file's secret. The original had none: there, of its first user's salted
/// password.
fn identity(db: &Connection, origin: Origin) -> Result<[u8; 32]> {
    let mut hash = Sha256::new();
    match origin {
        Origin::MiniTwit => {
            let sql = "SELECT bytes FROM secret";
            let secret: Option<Vec<u8>> = db.query_row(sql, [], |row| row.get(0)).optional()?;
            let secret = secret.filter(|secret| secret.len() == 32);
            hash.update(secret.ok_or_else(|| {
                Failure::new("the table secret of the SQLite file lacks its row: restore a backup")
            })?);
        }
        Origin::Original => {
            let sql = "SELECT quote(user_id) || quote(username) || quote(pw_hash) FROM user
                       ORDER BY user_id LIMIT 1";
            let first: Option<String> = db.query_row(sql, [], |row| row.get(0)).optional()?;
            hash.update(b"a database of the original program");
            hash.update(first.unwrap_or_default());
        }
    }
    Ok(hash.finalize().into())
}

/// A folder for a copy, which goes with it.
struct Copy {
    folder: PathBuf,
    file: PathBuf,
    /// Held as long as the folder is in use, so that one that was left behind is known.
    _lock: File,
}

impl Copy {
    fn begin(file: &Path, work_dir: Option<&Path>) -> Result<Self> {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let parent = work_dir.or_else(|| file.parent()).unwrap_or(Path::new("."));
        let folder = parent.join(format!("{name}.adopting"));
        let made = Self::make(&folder, &name);
        made.map_err(|error| {
            let folder = folder.display();
            Failure::new(format_args!(
                "{folder}: cannot be made for the copy that is adopted: {error}; see to it that \
                 this user can create files there, or choose another folder with --work-dir"
            ))
        })
    }

    fn make(folder: &Path, name: &str) -> io::Result<Self> {
        match fs::create_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => other?,
        }
        let lock = File::open(folder)?;
        lock.try_lock().map_err(|_| io::Error::other("another migration is using it"))?;
        // What is there now, an interrupted migration has left.
        for entry in fs::read_dir(folder)? {
            fs::remove_file(entry?.path())?;
        }
        Ok(Self { folder: folder.to_owned(), file: folder.join(name), _lock: lock })
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // What remains is cleared away by the next migration.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

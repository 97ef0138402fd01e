//! Where the file is: whether it is still the one that was opened, and what lies beside it.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;
use time::macros::format_description;

use crate::storage::{Error, Result};

/// A path and the file that was there. A file that is removed or replaced while it is open can
/// still be written to, and is gone with the last who has it open: nothing stored there lasts.
#[derive(Clone)]
pub(super) struct Place {
    path: PathBuf,
    file: (u64, u64),
}

impl Place {
    /// The place of a file that has been opened.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), file: identity(path)? })
    }

    /// Fails if the path leads elsewhere, or nowhere, by now. Costs one system call.
    pub(super) fn check(&self) -> Result<()> {
        match identity(&self.path) {
            Ok(file) if file == self.file => Ok(()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::Unavailable(error.into()))
            }
            _ => Err(Error::Unavailable(
                format!(
                    "{} was removed or replaced while it was served: put it back, or start the \
                     server again",
                    self.path.display()
                )
                .into(),
            )),
        }
    }
}

/// The name of a file beside another: the same with more at its end.
pub(crate) fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// `FILE` with `suffix` and a time at its end, as in `m.db.original-20261123T093000Z`; with `-2`,
/// `-3` … if there is such a file already.
pub(super) fn free_name(file: &Path, suffix: &str, at: OffsetDateTime) -> PathBuf {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    let at = at.format(&format).unwrap_or_default();
    let first = beside(file, &format!("{suffix}{at}"));
    let further = (2..).map(|n| beside(&first, &format!("-{n}")));
    let mut names = std::iter::once(first.clone()).chain(further);
    names.find(|name| fs::symlink_metadata(name).is_err()).unwrap_or(first)
}

/// A moment in UTC, as people write it.
pub(crate) fn in_words(at: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    at.to_offset(time::UtcOffset::UTC).format(&format).unwrap_or_default()
}

/// The folder a file is in.
pub(super) fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// What tells files apart: device and inode.
fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let found = fs::metadata(path)?;
    Ok((found.dev(), found.ino()))
}

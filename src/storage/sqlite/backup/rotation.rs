//! Which earlier backups stay. The newest has the plain name; the one before is renamed to it
//! with the time that it is of: `minitwit.db.20261123T093000Z`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use super::target::Target;
use super::{Result, cannot_write};
use crate::storage::sqlite::place::{folder_of, free_name};

/// What became of earlier backups.
#[derive(Default)]
pub(super) struct Rotated {
    /// Where the one is that had the name.
    pub(super) earlier: Option<PathBuf>,
    /// Those that there were too many of.
    pub(super) removed: Vec<PathBuf>,
}

/// Gives the new backup its name and removes the oldest, until `keep` are left. At any moment
/// there is a whole backup of that name, if there was one before.
pub(super) fn rotate(target: &Target, keep: usize) -> Result<Rotated> {
    rename(target, keep).map_err(|error| cannot_write(&target.file, error))
}

fn rename(target: &Target, keep: usize) -> io::Result<Rotated> {
    let file = &target.file;
    let mut rotated = Rotated::default();
    if keep > 1
        && let Ok(there) = fs::metadata(file)
    {
        let as_of: OffsetDateTime = there.modified()?.into();
        let earlier = free_name(file, ".", as_of);
        // Not every file system knows two names for one file.
        fs::hard_link(file, &earlier).or_else(|_| fs::rename(file, &earlier))?;
        rotated.earlier = Some(earlier);
    }
    fs::rename(&target.unfinished, file)?;
    let earlier = earlier_ones(file)?;
    // A backup kept for its own sake, by `keep` = 1, says nothing about those of other days.
    let many = if keep > 1 { earlier.len().saturating_sub(keep - 1) } else { 0 };
    for path in earlier.into_iter().take(many) {
        fs::remove_file(&path)?;
        rotated.removed.push(path);
    }
    File::open(folder_of(file))?.sync_all()?;
    Ok(rotated)
}

/// The earlier backups of that name, oldest first.
fn earlier_ones(file: &Path) -> io::Result<Vec<PathBuf>> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut found = Vec::new();
    for entry in fs::read_dir(folder_of(file))? {
        let entry = entry?;
        let its_name = entry.file_name();
        let its_name = its_name.to_string_lossy();
        let time = its_name.strip_prefix(&name).and_then(|rest| rest.strip_prefix('.'));
        if time.is_some_and(is_time) && entry.file_type()?.is_file() {
            found.push(entry.path());
        }
    }
    found.sort_by_key(|path| order(path, &name));
    Ok(found)
}

/// By time, and of one second the one with the higher number later.
fn order(path: &Path, name: &str) -> (String, u64) {
    let its_name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let time = its_name.get(name.len()..).unwrap_or_default();
    let (time, number) = time.split_once('-').unwrap_or((time, "1"));
    (time.to_owned(), number.parse().unwrap_or(1))
}

/// Whether it is as in `20261123T093000Z` or `20261123T093000Z-2`.
fn is_time(text: &str) -> bool {
    let (time, number) = text.split_once('-').unwrap_or((text, "1"));
    let fits = |(at, byte): (usize, u8)| match at {
        8 => byte == b'T',
        15 => byte == b'Z',
        _ => byte.is_ascii_digit(),
    };
    time.len() == 16 && time.bytes().enumerate().all(fits) && number.parse::<u64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_earlier_backups_of_the_same_name_are_counted_oldest_first() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("m.db");
        for name in [
            "m.db",
            "m.db.20261123T093000Z-10",
            "m.db.20261123T093000Z-2",
            "m.db.20261123T093000Z",
            "m.db.20251123T093000Z",
            "m.db.original-20261123T093000Z",
            "m.db.unfinished",
            "m.db.20261123T09300Z",
            "other.db.20261123T093000Z",
        ] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        let names: Vec<_> = earlier_ones(&file).unwrap();
        let names: Vec<_> = names.iter().map(|path| path.file_name().unwrap()).collect();
        assert_eq!(
            names,
            [
                "m.db.20251123T093000Z",
                "m.db.20261123T093000Z",
                "m.db.20261123T093000Z-2",
                "m.db.20261123T093000Z-10"
            ]
        );
    }
}

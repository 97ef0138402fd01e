//! Who may read and write the database.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use super::file;
use crate::storage::Database;
use crate::storage::diagnosis::Finding;

/// The file and those that SQLite puts beside it.
const ENDS: [&str; 3] = ["", "-wal", "-shm"];

/// Looks at a file, what is beside it, and its folder.
pub(super) fn examine(database: &Database) -> Vec<Finding> {
    let Some(file) = file(database) else { return Vec::new() };
    let folder = file.parent().unwrap_or(Path::new("/"));
    let mut findings: Vec<_> = ENDS
        .iter()
        .filter_map(|end| {
            let path = named(&file, end);
            let found = fs::metadata(&path).ok()?;
            too_open(&path, &found)
        })
        .collect();
    findings.extend(not_writable(&file, folder));
    findings.extend(of_others(&file));
    findings.extend(open_folder(folder));
    if findings.is_empty() {
        findings.push(Finding::fine("only its owner can read and write the database"));
    }
    findings
}

fn named(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Password hashes and e-mail addresses are in it.
fn too_open(path: &Path, found: &Metadata) -> Option<Finding> {
    let path = path.display();
    let advice = format!("chmod o= '{path}'");
    match found.mode() {
        mode if mode & 0o002 != 0 => {
            Some(Finding::problem(format!("everybody on this machine can write {path}"), advice))
        }
        mode if mode & 0o004 != 0 => Some(Finding::problem(
            format!("everybody on this machine can read {path}, with its password hashes"),
            advice,
        )),
        _ => None,
    }
}

fn not_writable(file: &Path, folder: &Path) -> Option<Finding> {
    let both = Access::READ_OK | Access::WRITE_OK;
    let (what, path) = if access(file, both).is_err() {
        ("read and write", file)
    } else if access(folder, both | Access::EXEC_OK).is_err() {
        ("make files in", folder)
    } else {
        return None;
    };
    Some(Finding::problem(
        format!("this user cannot {what} {}", path.display()),
        "run this as the user that the server runs as; if it is, chown the folder to it and mount \
         the disk writable",
    ))
}

/// Files that root has made beside the database, and the server cannot use.
fn of_others(file: &Path) -> Option<Finding> {
    let owner = fs::metadata(file).ok()?.uid();
    let other = ENDS[1..]
        .iter()
        .map(|end| named(file, end))
        .find(|path| fs::metadata(path).is_ok_and(|found| found.uid() != owner))?;
    Some(Finding::problem(
        format!("{} belongs to another user than the database", other.display()),
        format!("chown --reference='{}' '{}'", file.display(), other.display()),
    ))
}

fn open_folder(folder: &Path) -> Option<Finding> {
    let mode = fs::metadata(folder).ok()?.mode();
    let (writable, sticky) = (mode & 0o002 != 0, mode & 0o1000 != 0);
    (writable && !sticky).then(|| {
        let folder = folder.display();
        Finding::problem(
            format!("everybody on this machine can replace the files in {folder}"),
            format!("chmod o-w '{folder}'"),
        )
    })
}

//! Who else has a database open.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::storage::sqlite::place::beside;

/// Other processes that have the file, its log or its log's index open, as in `minitwit (process
/// 4711)`. Only those this user may ask about, and only where there is a `/proc`.
pub(super) fn find(database: &Path) -> Vec<String> {
    let identity = |path: &Path| fs::metadata(path).map(|file| (file.dev(), file.ino())).ok();
    let files: Vec<_> =
        ["", "-wal", "-shm"].iter().filter_map(|end| identity(&beside(database, end))).collect();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let own = std::process::id().to_string();
    processes
        .filter_map(|process| {
            let id = process.file_name().into_string().ok()?;
            let is_process = id.bytes().all(|byte| byte.is_ascii_digit()) && id != own;
            let mut open = fs::read_dir(process.path().join("fd")).ok().filter(|_| is_process)?;
            // Through the link to the file itself, whatever it is called by now.
            open.any(|file| file.is_ok_and(|file| is_one_of(&files, identity(&file.path()))))
                .then(|| format!("{} (process {id})", name(&process.path())))
        })
        .collect()
}

fn is_one_of(files: &[(u64, u64)], file: Option<(u64, u64)>) -> bool {
    file.is_some_and(|file| files.contains(&file))
}

fn name(process: &Path) -> String {
    let name = fs::read_to_string(process.join("comm")).unwrap_or_default();
    name.trim().to_owned()
}

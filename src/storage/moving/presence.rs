//! Who is there: servers on a file, and those of them that are ready to go over. Each says so
//! with a shared lock on a file, which the system takes away when it ends.

use std::fs::{File, TryLockError};
use std::path::Path;

/// Whether some process holds a shared lock on the file.
pub(crate) fn is_held(file: &File) -> bool {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => true,
        Ok(()) => {
            // Cannot fail: the lock is ours.
            let _ = file.unlock();
            false
        }
        Err(TryLockError::Error(_)) => false,
    }
}

/// Holds a shared lock on the file as long as the result lives; `None` if it is not there.
pub(super) fn hold(path: &Path) -> Option<File> {
    let file = File::open(path).ok()?;
    file.try_lock_shared().ok()?;
    Some(file)
}

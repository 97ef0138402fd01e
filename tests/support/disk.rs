use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A small disk of its own, until it is dropped.
pub struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    /// `None`, with the reason printed, where one may not mount.
    pub fn mount(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={megabytes}m");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path());
        let why = match mount.output() {
            Ok(output) if output.status.success() => return Some(Self { folder }),
            Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
            Err(error) => error.to_string(),
        };
        println!("skipped: no small disk can be mounted here: {}", why.trim());
        None
    }

    /// The path of a file on it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(self.folder.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()), "{:?}", self.folder);
    }
}

/// Writes zeros until there is no room.
pub fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    // A page at a time, so that not even one is left.
    while file.write_all(&[0; 4096]).is_ok() {}
}

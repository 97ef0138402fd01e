//! Where `scripts/test` puts what the tests need and Cargo does not bring.
#![allow(dead_code, unreachable_pub, reason = "each test crate uses a part of it")]

use std::path::{Path, PathBuf};
use std::process::Command;

fn target() -> &'static Path {
    // Cargo names target/tmp, wherever `target` was moved to.
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// A file that `scripts/test` installs. Fails, saying so, where it is missing.
pub fn installed(path: &str) -> PathBuf {
    let file = target().join("test-tools").join(path);
    assert!(file.exists(), "{} is missing: run scripts/test, which installs it", file.display());
    file
}

/// A program that `scripts/test` installs. Fails, saying so, where it is missing.
pub fn program(name: &str) -> Command {
    let found = Command::new(name).arg("--version").output();
    assert!(found.is_ok(), "{name} is missing: run scripts/test, which installs it");
    Command::new(name)
}

/// A folder of `target/` for people to look into after a run.
pub fn results(name: &str) -> PathBuf {
    let folder = target().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

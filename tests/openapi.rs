//! The description at `/openapi.json` is true: schemathesis makes up calls from it, right and
//! wrong ones, and compares every answer with what the description promises.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a panic in a test is a failed test with a place")]

#[path = "support/mod.rs"]
mod support;
#[path = "tools/mod.rs"]
mod tools;

use std::process::Command;

use support::{Simulator, TestServer};

#[test]
fn schemathesis_finds_nothing() {
    let server = TestServer::start();
    // Some of the calls are about her, so that not all end with "no such user".
    Simulator::of(&server).register("Ada").expect(204);
    // Where it may leave what it remembers.
    let folder = tempfile::tempdir().unwrap();
    let verdict = Command::new(tools::installed("venv/bin/schemathesis"))
        .current_dir(folder.path())
        .args([
            "--config-file",
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tools/schemathesis.toml"),
        ])
        .args(["run", &format!("{}/openapi.json", server.url())])
        .args(["--auth", "simulator:super_safe!", "--no-color"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&verdict.stdout);
    assert!(verdict.status.success(), "{said}{}", String::from_utf8_lossy(&verdict.stderr));
    println!("{said}");
}

//! `minitwit backup` and `minitwit restore`, the built binary, on real files.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a panic in a test is a failed test with a place")]

#[path = "../support/mod.rs"]
mod support;

mod commands;
mod making;
mod refusals;
mod restoring;
mod rotation;
mod safety;

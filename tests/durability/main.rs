//! What MiniTwit withstands: crashes, a full disk, a crowd. Nothing acknowledged is ever lost.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a panic in a test is a failed test with a place")]

#[path = "../support/mod.rs"]
mod support;

mod crashes;
mod crowds;
mod full_disk;
mod ledger;

//! `minitwit migrate-to-postgres`, the built binary, into a real Postgres.
#![cfg(all(feature = "sqlite", feature = "postgres"))]
#![allow(clippy::unwrap_used, reason = "a panic in a test is a failed test with a place")]

#[path = "../support/mod.rs"]
mod support;

mod arrival;
mod crashes;
mod live;
mod migration;
mod oddities;
mod original;
mod refusals;

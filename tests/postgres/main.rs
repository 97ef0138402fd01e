//! What comes of the data being on a server: several MiniTwits share it, and it can go away.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, reason = "a panic in a test is a failed test with a place")]

#[path = "../support/mod.rs"]
mod support;

mod discretion;
mod encryption;
mod outages;
mod pooler;
mod probes;
mod replicas;
mod targets;

//! MiniTwit as its users meet it: the built binary, over real HTTP, on SQLite.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a panic in a test is a failed test with a place")]

#[path = "../support/mod.rs"]
mod support;

mod accounts;
mod any_text;
mod avatars;
mod caching;
mod caring;
mod command_line;
mod flagging;
mod following;
mod handing_over;
mod healthcheck;
mod impatience;
mod logging;
#[cfg(feature = "metrics")]
mod metrics;
mod names;
mod older_messages;
mod one_file;
mod original_database;
mod other_processes;
mod own_account;
mod posting;
mod protocol;
mod protocol_bodies;
mod ready_pages;
mod safety;
mod sessions;
mod simulator_access;
mod simulator_follows;
mod simulator_latest;
mod simulator_messages;
mod simulator_mistakes;
mod simulator_registration;
mod stopping;
mod throttling;
mod timelines;

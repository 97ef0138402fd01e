//! `minitwit doctor`, the built binary, on things that are really broken.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a panic in a test is a failed test with a place")]

#[path = "../support/mod.rs"]
mod support;

mod command;
mod file;
#[cfg(feature = "postgres")]
mod on_postgres;
#[cfg(feature = "simulate")]
mod reach;
mod settings;
mod surroundings;

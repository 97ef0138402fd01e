//! MiniTwit as people meet it: in a real Chromium, driven through WebDriver.
//!
//! `scripts/test` installs what this needs. Screenshots are left in `target/screenshots`.
#![cfg(feature = "sqlite")]
#![allow(unreachable_pub, reason = "a test crate has no public side")]
#![allow(clippy::unwrap_used, reason = "a panic in a test is a failed test with a place")]

#[path = "../support/mod.rs"]
mod support;
#[path = "../tools/mod.rs"]
mod tools;

mod browser;
mod chromium;
mod every_page;
mod first_day;
mod forms;
mod inspection;
mod keyboard;
mod look;
mod other_settings;
mod own_account;
mod tour;
mod webdriver;
mod world;

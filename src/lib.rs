//! MiniTwit: a microblog in one binary. See `README.md` for a picture of the rooms.

#[cfg(not(any(feature = "sqlite", feature = "postgres")))]
compile_error!(
    "MiniTwit needs a storage backend: build with the feature `sqlite` or `postgres`, or both"
);

pub mod accounts;
pub mod cli;
pub mod doctor;
pub mod domain;
#[cfg(all(feature = "sqlite", feature = "postgres"))]
pub mod migration;
#[cfg(feature = "simulate")]
pub mod simulate;
pub mod storage;
pub mod supervision;
pub mod telemetry;
pub mod web;

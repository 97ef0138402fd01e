//! MiniTwit: a microblog in one binary.

pub mod domain;

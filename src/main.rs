//! MiniTwit: a microblog in one binary.

fn main() {}

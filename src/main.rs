//! MiniTwit: a microblog in one binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    minitwit::cli::run()
}

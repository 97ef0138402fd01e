//! What every black-box test starts with: a server of its own with a database of its own, and
//! the people and programs that talk to it.
#![allow(dead_code, unused_imports, unreachable_pub, reason = "each test crate uses a part of it")]

mod answer;
mod exchange;
mod html;
mod patience;
mod raw;
mod server;
mod simulator;
mod visitor;

pub use answer::Answer;
pub use exchange::{encoded, form};
pub use html::{Element, elements, unescaped};
pub use patience::{PATIENCE, eventually};
pub use raw::{Raw, hang_up_after, raw, rest};
pub use server::{Launch, TestServer, run};
pub use simulator::{Simulator, basic};
pub use visitor::Visitor;

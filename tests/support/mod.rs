//! What every black-box test starts with: a server of its own with a database of its own, and
//! the people and programs that talk to it.
#![allow(dead_code, unused_imports, unreachable_pub, reason = "each test crate uses a part of it")]

mod answer;
#[cfg(feature = "postgres")]
mod cluster;
mod disk;
mod exchange;
mod html;
mod metrics;
mod patience;
mod proxy;
mod raw;
mod server;
mod simulator;
mod sql;
mod visitor;

pub use answer::Answer;
#[cfg(feature = "postgres")]
pub use cluster::{Cluster, append, as_user, free_port, psql, said, tool};
pub use disk::{SmallDisk, fill};
pub use exchange::{encoded, form};
pub use html::{Element, elements, unescaped};
pub use metrics::{Metrics, Operator, Sample};
pub use patience::{PATIENCE, eventually};
pub use raw::{Raw, hang_up_after, raw, rest};
pub use server::{Launch, TestServer, run};
pub use simulator::{Simulator, basic};
pub use sql::Sql;
pub use visitor::Visitor;

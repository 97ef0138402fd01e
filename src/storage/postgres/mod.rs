//! A Postgres that several servers share.

mod connect;
mod errors;
pub(crate) mod schema;
mod target;
mod tls;

use std::time::{Duration, Instant};

pub(crate) use connect::Trouble;
pub use target::{Target, TargetError};

use super::{InitReport, OpenError};

/// How long to pause between two attempts to reach a database that is away.
const PAUSE: Duration = Duration::from_millis(250);

/// Makes or upgrades the schema; see [`super::init`]. An absent server is waited for.
pub(super) async fn init(target: &Target) -> Result<InitReport, OpenError> {
    let outcome = async {
        let mut client = patiently(target, || target.connect()).await?;
        schema::prepare(&mut client).await
    };
    outcome.await.map_err(|trouble| trouble.explain(target))
}

/// Repeats what fails because the database is away, and says once that it does.
async fn patiently<T, F: Future<Output = Result<T, Trouble>>>(
    target: &Target,
    attempt: impl Fn() -> F,
) -> Result<T, Trouble> {
    let (start, wait) = (Instant::now(), target.wait());
    let mut told = false;
    loop {
        match attempt().await {
            Err(Trouble::Absent(reason)) if start.elapsed() < wait => {
                if !told {
                    log::warn!("{target}: {reason}; waiting for it, up to {} s", wait.as_secs());
                    told = true;
                }
            }
            outcome => return outcome,
        }
        tokio::time::sleep(PAUSE.min(wait)).await;
    }
}

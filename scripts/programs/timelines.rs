//! What reading a timeline costs, without HTTP and rendering.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::{Duration, Instant};

use minitwit::domain::{PAGE_SIZE, TimelineOf};
use minitwit::storage::{self, Database, Storage};

use crate::data_set::{FOLLOWS_100, FOLLOWS_1000_ACTIVE, FOLLOWS_1000_SILENT, FOLLOWS_NOBODY};

/// How long one timeline is read over and over in one round.
const ROUND: Duration = Duration::from_millis(300);

/// Microseconds by timeline: one mean for each round. The rounds of all timelines alternate, so
/// that a disturbance hits all of them.
pub(crate) async fn time(
    database: &Database,
    rounds: usize,
) -> Result<BTreeMap<&'static str, Vec<f64>>, Box<dyn Error>> {
    let (storage, _) = storage::open(database).await?;
    let mut timelines = vec![("everybody", TimelineOf::Everybody)];
    for name in [FOLLOWS_100, FOLLOWS_1000_ACTIVE, FOLLOWS_1000_SILENT, FOLLOWS_NOBODY] {
        timelines.push((name, TimelineOf::Reader(storage.user(name).await?.id)));
    }
    let mut timings = BTreeMap::<_, Vec<f64>>::new();
    for _ in 0..rounds {
        for (name, of) in &timelines {
            timings.entry(*name).or_default().push(mean_micros(&*storage, *of).await?);
        }
    }
    storage.close().await;
    Ok(timings)
}

async fn mean_micros(storage: &dyn Storage, of: TimelineOf<'_>) -> storage::Result<f64> {
    let start = Instant::now();
    let mut reads = 0;
    while start.elapsed() < ROUND {
        storage.timeline(of, None, PAGE_SIZE + 1).await?;
        reads += 1;
    }
    Ok(start.elapsed().as_secs_f64() * 1e6 / f64::from(reads))
}

use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long anything may take before a test gives up on it. Generous: a slow machine is no fault.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Asks again and again until there is something to return; panics when [`PATIENCE`] ends.
#[track_caller]
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "waited {PATIENCE:?} in vain for {what}");
        sleep(Duration::from_millis(10));
    }
}

//! A log that the same trouble, met by every request, cannot fill.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a line that was logged is not logged again.
const PAUSE: Duration = Duration::from_secs(60);

/// Lets a line pass that differs from the one before, or comes a minute after it.
#[derive(Debug, Default)]
pub struct Seldom {
    last: Mutex<Option<(String, Instant)>>,
}

impl Seldom {
    /// Nothing has been logged yet.
    pub const fn new() -> Self {
        Self { last: Mutex::new(None) }
    }

    /// Whether a line that comes now is to be logged.
    pub fn passes(&self, line: &str, now: Instant) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let passes =
            last.as_ref().is_none_or(|(told, at)| told != line || now.duration_since(*at) >= PAUSE);
        if passes {
            *last = Some((line.to_owned(), now));
        }
        passes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_line_passes_once_a_minute_and_another_at_once() {
        let (seldom, start) = (Seldom::new(), Instant::now());
        assert!(seldom.passes("a", start));
        assert!(!seldom.passes("a", start + PAUSE / 2));
        assert!(seldom.passes("b", start + PAUSE / 2));
        assert!(seldom.passes("a", start + PAUSE / 2));
        assert!(seldom.passes("a", start + PAUSE * 2));
    }
}

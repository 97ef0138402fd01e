//! What keeps a log from being filled by the same trouble, met by every request.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long lines of a kind are counted together.
const PAUSE: Duration = Duration::from_secs(60);

/// Kinds that are told apart. Beyond that, new ones have to wait for the end of another's minute:
/// so there is a bound on what is logged in a minute, whatever happens.
const MAX_KINDS: usize = 64;

/// Lets a number of lines of each kind pass a minute, and counts those that it holds back.
#[derive(Debug)]
pub(crate) struct Seldom {
    a_minute: u32,
    kinds: Mutex<Vec<Kind>>,
}

#[derive(Debug)]
struct Kind {
    name: String,
    since: Instant,
    passed: u32,
    held_back: u64,
}

/// That a line passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Passage {
    /// Lines of its kind that were held back before it.
    pub(crate) held_back: u64,
    /// Whether it is the last of its kind for this minute.
    pub(crate) is_last: bool,
}

impl Seldom {
    /// Nothing has been logged yet. So many lines of each kind may pass a minute.
    pub(crate) const fn new(a_minute: u32) -> Self {
        Self { a_minute, kinds: Mutex::new(Vec::new()) }
    }

    /// Whether a line of that kind which comes now is to be logged.
    pub(crate) fn passes(&self, kind: &str, now: Instant) -> Option<Passage> {
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let is_past = |kind: &Kind| now.duration_since(kind.since) >= PAUSE;
        let mut held_back = 0;
        match kinds.iter().position(|known| known.name == kind) {
            Some(place) if is_past(&kinds[place]) => held_back = kinds.remove(place).held_back,
            Some(place) => return kinds[place].count(self.a_minute),
            None if kinds.len() >= MAX_KINDS => kinds.retain(|kind| !is_past(kind)),
            None => {}
        }
        if kinds.len() >= MAX_KINDS {
            return None;
        }
        kinds.push(Kind { name: kind.to_owned(), since: now, passed: 1, held_back: 0 });
        Some(Passage { held_back, is_last: self.a_minute == 1 })
    }
}

impl Kind {
    fn count(&mut self, a_minute: u32) -> Option<Passage> {
        if self.passed == a_minute {
            self.held_back += 1;
            return None;
        }
        self.passed += 1;
        Some(Passage { held_back: 0, is_last: self.passed == a_minute })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Option<Passage> = Some(Passage { held_back: 0, is_last: false });
    const LAST: Option<Passage> = Some(Passage { held_back: 0, is_last: true });

    #[test]
    fn a_few_lines_of_a_kind_pass_a_minute_and_others_at_once() {
        let (seldom, start) = (Seldom::new(2), Instant::now());
        assert_eq!(seldom.passes("a", start), FIRST);
        assert_eq!(seldom.passes("a", start), LAST);
        assert_eq!(seldom.passes("a", start + PAUSE / 2), None);
        assert_eq!(seldom.passes("b", start + PAUSE / 2), FIRST);
        assert_eq!(seldom.passes("a", start + PAUSE / 2), None);
        let next = Passage { held_back: 2, is_last: false };
        assert_eq!(seldom.passes("a", start + PAUSE), Some(next));
        assert_eq!(seldom.passes("b", start + PAUSE), LAST);
    }

    #[test]
    fn there_is_a_bound_on_kinds_too() {
        let (seldom, start) = (Seldom::new(1), Instant::now());
        let pass = |from: usize, at: Instant| {
            (from..from + 1_000).filter(|n| seldom.passes(&n.to_string(), at).is_some()).count()
        };
        assert_eq!(pass(0, start), MAX_KINDS);
        assert_eq!(pass(1_000, start + PAUSE / 2), 0);
        assert_eq!(pass(2_000, start + PAUSE), MAX_KINDS);
    }
}

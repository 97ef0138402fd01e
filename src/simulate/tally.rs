//! What came of the calls, counted.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use super::action::{Action, Kind};
use super::client::Trouble;
use super::ledger::Ledger;

/// Everything seen so far.
pub(super) struct Tally {
    pub(super) began: Instant,
    pub(super) kinds: BTreeMap<Kind, OfKind>,
    pub(super) ledger: Ledger,
    pub(super) gaps: Vec<Gap>,
    gap_began: Option<Instant>,
}

/// The calls of one kind.
pub(super) struct OfKind {
    pub(super) succeeded: u64,
    pub(super) troubles: BTreeMap<Trouble, u64>,
    /// Of all calls, in microseconds.
    pub(super) latencies: Histogram<u64>,
}

/// A time in which no call succeeded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    /// When, from the start.
    pub(super) after: Duration,
    pub(super) lasted: Duration,
}

impl Default for OfKind {
    fn default() -> Self {
        // Three digits are all that a latency means.
        let latencies = Histogram::new(3).expect("3 is a number of digits that can be kept");
        Self { succeeded: 0, troubles: BTreeMap::new(), latencies }
    }
}

impl OfKind {
    pub(super) fn calls(&self) -> u64 {
        self.latencies.len()
    }
}

impl Tally {
    pub(super) fn new() -> Self {
        Self {
            began: Instant::now(),
            kinds: BTreeMap::new(),
            ledger: Ledger::default(),
            gaps: Vec::new(),
            gap_began: None,
        }
    }

    /// Counts a call that began then and has just ended.
    pub(super) fn count(&mut self, kind: Kind, began: Instant, outcome: &Result<(), Trouble>) {
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let of_kind = self.kinds.entry(kind).or_default();
        // It grows with what it gets, and 64 bits of microseconds are enough for anything.
        let _ = of_kind.latencies.record(micros.max(1));
        match outcome {
            Ok(()) => {
                of_kind.succeeded += 1;
                self.end_gap(began);
            }
            Err(trouble) => {
                *of_kind.troubles.entry(trouble.clone()).or_default() += 1;
                if trouble.is_uncertain() {
                    self.gap_began.get_or_insert(began);
                }
            }
        }
    }

    /// Notes what has to be there after an action whose last call began then.
    pub(super) fn note(&mut self, action: &Action, began: Instant, outcome: &Result<(), Trouble>) {
        self.ledger.note(action, began, outcome);
    }

    /// A gap ends with a call that began after it and succeeded.
    fn end_gap(&mut self, began: Instant) {
        if let Some(gap_began) = self.gap_began.take_if(|gap| began > *gap) {
            let after = gap_began.duration_since(self.began);
            self.gaps.push(Gap { after, lasted: gap_began.elapsed() });
        }
    }

    pub(super) fn calls(&self) -> u64 {
        self.kinds.values().map(OfKind::calls).sum()
    }

    pub(super) fn errors(&self) -> u64 {
        self.kinds.values().flat_map(|kind| kind.troubles.values()).sum()
    }
}

//! Counts failures by key and forgets them one after the other.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Keys that one table remembers: about 2 MB, whatever strangers send.
const MAX_KEYS: usize = 50_000;

/// How many failures are put up with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowance {
    /// So many at once.
    pub(super) burst: u32,
    /// One failure is forgotten in this time.
    pub(super) forgets_one_in: Duration,
}

/// The failures of many keys, by the generic cell rate algorithm: of each key only the time is
/// kept at which its last failure will be forgotten.
#[derive(Debug)]
pub(super) struct Failures {
    allowance: Allowance,
    keys: HashMap<u64, Record>,
}

#[derive(Debug)]
struct Record {
    forgotten_at: Instant,
    under_way: u32,
}

impl Failures {
    pub(super) fn new(allowance: Allowance) -> Self {
        Self { allowance, keys: HashMap::new() }
    }

    /// How long until another attempt may fail, if those under way all fail; zero if it may now.
    pub(super) fn wait(&self, key: u64, now: Instant) -> Duration {
        let Allowance { burst, forgets_one_in } = self.allowance;
        self.until_forgotten(key, now).saturating_sub(forgets_one_in * burst.saturating_sub(1))
    }

    /// How long until nothing is remembered, if those under way all fail; zero if nothing is.
    pub(super) fn until_forgotten(&self, key: u64, now: Instant) -> Duration {
        let Some(record) = self.keys.get(&key) else { return Duration::ZERO };
        let failed = record.forgotten_at.saturating_duration_since(now);
        failed + self.allowance.forgets_one_in * record.under_way
    }

    /// Notes that an attempt is under way.
    pub(super) fn begin(&mut self, key: u64, now: Instant) {
        self.record(key, now).under_way += 1;
    }

    /// Notes that an attempt that began at `began` is no longer under way.
    pub(super) fn end(&mut self, key: u64, began: Instant) {
        let Some(record) = self.keys.get_mut(&key) else { return };
        record.under_way = record.under_way.saturating_sub(1);
        if record.under_way == 0 && record.forgotten_at <= began {
            self.keys.remove(&key);
        }
    }

    /// Remembers a failure. More than a burst are not remembered, so that an attack of any length
    /// is forgotten in the same time.
    pub(super) fn add(&mut self, key: u64, now: Instant) {
        let Allowance { burst, forgets_one_in } = self.allowance;
        let record = self.record(key, now);
        let failed = record.forgotten_at.saturating_duration_since(now) + forgets_one_in;
        record.forgotten_at = now + failed.min(forgets_one_in * burst);
    }

    /// Forgets all failures of a key, by a time that has passed.
    pub(super) fn forget(&mut self, key: u64, past: Instant) {
        if let Some(record) = self.keys.get_mut(&key) {
            record.forgotten_at = past;
        }
    }

    fn record(&mut self, key: u64, now: Instant) -> &mut Record {
        if self.keys.len() >= MAX_KEYS && !self.keys.contains_key(&key) {
            self.make_room(now);
        }
        self.keys.entry(key).or_insert(Record { forgotten_at: now, under_way: 0 })
    }

    /// Drops what is forgotten anyway. If that is not a quarter of all, it also drops those that
    /// would be forgotten next, so that it is long until there is no room again; attempts under
    /// way come last.
    fn make_room(&mut self, now: Instant) {
        self.keys.retain(|_, record| record.under_way > 0 || record.forgotten_at > now);
        let too_many = self.keys.len().saturating_sub(MAX_KEYS / 4 * 3);
        if too_many == 0 {
            return;
        }
        let worth = |record: &Record| (record.under_way > 0, record.forgotten_at);
        let mut worths: Vec<_> = self.keys.values().map(worth).collect();
        let (_, &mut last_dropped, _) = worths.select_nth_unstable(too_many - 1);
        self.keys.retain(|_, record| worth(record) > last_dropped);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn failures(burst: u32) -> Failures {
        Failures::new(Allowance { burst, forgets_one_in: SECOND })
    }

    #[test]
    fn a_burst_is_put_up_with_then_one_at_a_time() {
        let (mut failures, now) = (failures(3), Instant::now());
        for _ in 0..3 {
            assert_eq!(failures.wait(1, now), Duration::ZERO);
            failures.add(1, now);
        }
        assert_eq!(failures.wait(1, now), SECOND);
        assert_eq!(failures.until_forgotten(1, now), 3 * SECOND);
        assert_eq!(failures.wait(1, now + SECOND), Duration::ZERO);
        failures.add(1, now + SECOND);
        assert_eq!(failures.wait(1, now + SECOND), SECOND);
        assert_eq!(failures.until_forgotten(1, now + 4 * SECOND), Duration::ZERO);
        assert_eq!(failures.wait(2, now), Duration::ZERO, "another key");
    }

    #[test]
    fn what_is_under_way_counts_until_it_ends() {
        let (mut failures, now) = (failures(2), Instant::now());
        failures.begin(1, now);
        failures.begin(1, now);
        assert_eq!(failures.wait(1, now), SECOND);
        assert_eq!(failures.wait(1, now + 60 * SECOND), SECOND, "no time forgets it");
        failures.end(1, now);
        assert_eq!(failures.wait(1, now), Duration::ZERO);
        failures.end(1, now);
        assert_eq!(failures.keys.len(), 0);
    }

    #[test]
    fn no_attack_is_so_long_that_it_is_remembered_longer() {
        let (mut failures, now) = (failures(3), Instant::now());
        for _ in 0..1_000 {
            failures.add(1, now);
        }
        assert_eq!(failures.until_forgotten(1, now), 3 * SECOND);
    }

    #[test]
    fn a_full_table_keeps_the_worst_and_those_under_way() {
        let (mut failures, now) = (failures(3), Instant::now());
        let (worst, under_way) = (u64::MAX, u64::MAX - 1);
        failures.add(worst, now);
        failures.add(worst, now);
        failures.begin(under_way, now);
        for stranger in 0..3 * MAX_KEYS as u64 {
            failures.add(stranger, now + Duration::from_nanos(stranger));
            assert!(failures.keys.len() <= MAX_KEYS, "{}", failures.keys.len());
        }
        assert!(failures.until_forgotten(worst, now) > SECOND);
        assert_eq!(failures.until_forgotten(under_way, now), SECOND);
        failures.add(worst - 2, now + 10 * SECOND);
        assert!(failures.keys.len() <= MAX_KEYS, "{}", failures.keys.len());
    }

    #[test]
    fn what_is_forgotten_makes_room_first() {
        let (mut failures, now) = (failures(1), Instant::now());
        for stranger in 0..MAX_KEYS as u64 {
            failures.add(stranger, now);
        }
        failures.add(u64::MAX, now + 2 * SECOND);
        assert_eq!(failures.keys.len(), 1);
    }

    #[test]
    fn a_table_of_nothing_but_attempts_under_way_stays_bounded() {
        let (mut failures, now) = (failures(1), Instant::now());
        for stranger in 0..2 * MAX_KEYS as u64 {
            failures.begin(stranger, now + Duration::from_nanos(stranger));
        }
        assert!(failures.keys.len() <= MAX_KEYS, "{}", failures.keys.len());
        for stranger in 0..2 * MAX_KEYS as u64 {
            failures.end(stranger, now + SECOND);
        }
        assert_eq!(failures.keys.len(), 0);
    }
}

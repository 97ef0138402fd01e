//! Whether the clock can be believed: messages are shown by their time, sessions end by it.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::file;
use crate::storage::Database;
use crate::storage::diagnosis::Finding;

/// This program was written after 2026-01-01.
const WRITTEN: Duration = Duration::from_secs(1_767_225_600);

/// File systems round, and machines differ by a moment.
const TOLERANCE: Duration = Duration::from_secs(60);

/// What to do.
const ADVICE: &str = "let the clock be set by NTP: timedatectl set-ntp true";

/// Compares the clock with what is known, and asks whether somebody sets it.
pub(super) fn examine(database: &Database) -> Vec<Finding> {
    let changed = file(database).and_then(|file| fs::metadata(file).ok()?.modified().ok());
    vec![wrong(SystemTime::now(), changed).unwrap_or_else(|| match is_set_by_others() {
        Some(true) => Finding::fine("the clock is set by NTP"),
        Some(false) => Finding::notice("nobody sets the clock, which will drift", ADVICE),
        None => Finding::fine("the clock is later than all that is stored"),
    })]
}

/// What shows that the clock is wrong. `changed` is when the database was changed last.
fn wrong(now: SystemTime, changed: Option<SystemTime>) -> Option<Finding> {
    if now < UNIX_EPOCH + WRITTEN {
        return Some(Finding::problem("the clock is years behind", ADVICE));
    }
    let ahead = changed?.duration_since(now).ok().filter(|ahead| *ahead > TOLERANCE)?;
    Some(Finding::problem(
        format!(
            "the database was changed {} seconds from now: the clock is behind, or was ahead",
            ahead.as_secs()
        ),
        ADVICE,
    ))
}

/// What systemd says, where there is one.
fn is_set_by_others() -> Option<bool> {
    let mut ask = Command::new("timedatectl");
    ask.args(["show", "--property=NTPSynchronized", "--value"]);
    let said = ask.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    match said.stdout.trim_ascii() {
        b"yes" => Some(true),
        b"no" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_started_anew_is_noticed() {
        let found = wrong(UNIX_EPOCH + Duration::from_secs(86_400), None).unwrap();
        assert_eq!(found.text, "the clock is years behind");
    }

    #[test]
    fn a_moment_more_or_less_is_no_matter() {
        let now = UNIX_EPOCH + WRITTEN + TOLERANCE;
        for changed in [now - WRITTEN, now + TOLERANCE] {
            assert_eq!(wrong(now, Some(changed)), None);
        }
        assert!(wrong(now, Some(now + 2 * TOLERANCE)).is_some());
    }
}

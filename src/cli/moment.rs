//! Moments as people write and read them: in UTC, as the pages show them.

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

use crate::domain::UnixSeconds;

/// Reads `2026-01-31`, `2026-01-31 18:30`, `2026-01-31T18:30:05Z` or unix seconds.
pub(super) fn parse_moment(text: &str) -> Result<UnixSeconds, &'static str> {
    let seconds = text.parse().ok().or_else(|| in_calendar(text.trim()));
    seconds.ok_or("give a date (2026-01-31), a date and a time (2026-01-31 18:30) or unix seconds")
}

fn in_calendar(text: &str) -> Option<UnixSeconds> {
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, "00:00"));
    let mut date = date.splitn(3, '-');
    let year = date.next()?.parse().ok()?;
    let month = Month::try_from(date.next()?.parse::<u8>().ok()?).ok()?;
    let date = Date::from_calendar_date(year, month, date.next()?.parse().ok()?).ok()?;
    let mut time = time.strip_suffix('Z').unwrap_or(time).splitn(3, ':');
    let (hour, minute) = (time.next()?.parse().ok()?, time.next()?.parse().ok()?);
    let second = time.next().map_or(Ok(0), str::parse).ok()?;
    let time = Time::from_hms(hour, minute, second).ok()?;
    Some(PrimitiveDateTime::new(date, time).assume_utc().unix_timestamp())
}

/// `2026-01-31 18:30`; the number itself, if no calendar holds it.
pub(super) fn shown(seconds: UnixSeconds) -> String {
    match OffsetDateTime::from_unix_timestamp(seconds) {
        Ok(at) => {
            let (date, month) = (at.date(), u8::from(at.month()));
            let (year, day) = (date.year(), date.day());
            format!("{year:04}-{month:02}-{day:02} {:02}:{:02}", at.hour(), at.minute())
        }
        Err(_) => seconds.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_it_is_shown() {
        for (text, seconds) in [
            ("1970-01-01", 0),
            ("2023-11-14 22:13", 1_699_999_980),
            ("2023-11-14T22:13:20Z", 1_700_000_000),
            ("1700000000", 1_700_000_000),
            ("-5", -5),
        ] {
            assert_eq!(parse_moment(text), Ok(seconds), "{text}");
        }
        assert_eq!(shown(1_700_000_000), "2023-11-14 22:13");
        assert_eq!(shown(i64::MAX), i64::MAX.to_string());
    }

    #[test]
    fn what_is_no_moment_is_told() {
        for text in ["", "yesterday", "2023-13-01", "2023-02-30", "2023-11-14 25:00", "2023-11"] {
            assert!(parse_moment(text).is_err(), "{text}");
        }
    }
}

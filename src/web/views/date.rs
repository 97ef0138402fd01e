//! When a message was posted.

use maud::Render;
use time::OffsetDateTime;

use crate::domain::UnixSeconds;

/// A moment as a `<time>` element that shows `YYYY-MM-DD @ HH:MM`, in UTC.
#[derive(Clone, Copy, Debug)]
pub(super) struct Posted(pub(super) UnixSeconds);

impl Render for Posted {
    fn render_to(&self, out: &mut String) {
        let Some(moment) = in_calendar(self.0) else {
            return out.push_str("at an unknown time");
        };
        out.push_str("<time datetime=\"");
        push_date(out, moment);
        out.push('T');
        push_time(out, moment);
        out.push_str("Z\">");
        push_date(out, moment);
        out.push_str(" @ ");
        push_time(out, moment);
        out.push_str("</time>");
    }
}

/// The moment, if it can be written: any number can be stored, HTML knows the years 1 to 9999.
fn in_calendar(seconds: UnixSeconds) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(seconds).ok().filter(|m| (1..=9999).contains(&m.year()))
}

fn push_date(out: &mut String, moment: OffsetDateTime) {
    let year = moment.year();
    push_two_digits(out, year / 100);
    push_two_digits(out, year % 100);
    out.push('-');
    push_two_digits(out, u8::from(moment.month()).into());
    out.push('-');
    push_two_digits(out, moment.day().into());
}

fn push_time(out: &mut String, moment: OffsetDateTime) {
    push_two_digits(out, moment.hour().into());
    out.push(':');
    push_two_digits(out, moment.minute().into());
}

/// Writes a number from 0 to 99. Sixty dates are written on a page: `format!` would cost more
/// than all the rest of it.
fn push_two_digits(out: &mut String, number: i32) {
    for digit in [number / 10, number % 10] {
        out.push(char::from(b'0' + digit as u8));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(seconds: UnixSeconds) -> String {
        Posted(seconds).render().into_string()
    }

    #[test]
    fn a_moment_is_shown_in_utc() {
        assert_eq!(
            shown(1_700_000_000),
            r#"<time datetime="2023-11-14T22:13Z">2023-11-14 @ 22:13</time>"#
        );
        assert_eq!(shown(0), r#"<time datetime="1970-01-01T00:00Z">1970-01-01 @ 00:00</time>"#);
        assert_eq!(shown(-1), r#"<time datetime="1969-12-31T23:59Z">1969-12-31 @ 23:59</time>"#);
        assert!(shown(253_402_300_799).contains("9999-12-31 @ 23:59"));
        assert!(shown(-62_135_596_800).contains("0001-01-01 @ 00:00"));
    }

    #[test]
    fn what_no_calendar_holds_is_not_shown_as_a_date() {
        for seconds in [253_402_300_800, -62_135_596_801, i64::MAX, i64::MIN, 1_700_000_000_000] {
            assert_eq!(shown(seconds), "at an unknown time");
        }
    }

    proptest! {
        #[test]
        fn any_number_can_be_shown(seconds: i64) {
            prop_assert!(!shown(seconds).is_empty());
        }

        #[test]
        fn the_calendar_is_always_well_formed(seconds in -62_135_596_800_i64..253_402_300_800) {
            let shown = shown(seconds);
            prop_assert_eq!(shown.len(), r#"<time datetime="2023-11-14T22:13Z">2023-11-14 @ 22:13</time>"#.len());
        }
    }
}

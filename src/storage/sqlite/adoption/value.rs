//! What single values become.

use std::borrow::Cow;

use rusqlite::types::ValueRef;

use super::notes::Kind;

/// The text that a stored value becomes, and what was wrong with it, if anything.
pub(in crate::storage::sqlite) fn text(value: ValueRef<'_>) -> (Cow<'_, str>, Option<Kind>) {
    match value {
        ValueRef::Null => ("".into(), Some(Kind::Missing)),
        ValueRef::Integer(number) => (number.to_string().into(), Some(Kind::Number)),
        ValueRef::Real(number) => (python_repr(number).into(), Some(Kind::Number)),
        ValueRef::Text(bytes) => decode(bytes, None),
        ValueRef::Blob(bytes) => decode(bytes, Some(Kind::Bytes)),
    }
}

fn decode(bytes: &[u8], kind: Option<Kind>) -> (Cow<'_, str>, Option<Kind>) {
    let text = String::from_utf8_lossy(bytes);
    let kind = if matches!(text, Cow::Owned(_)) { Some(Kind::NotUtf8) } else { kind };
    if text.contains('\0') {
        return (text.replace('\0', "\u{2400}").into(), kind.or(Some(Kind::Nul)));
    }
    (text, kind)
}

/// A REAL as Python shows it, and so the original did: the shortest digits that mean this number,
/// in exponential form below 1e-4 and from 1e16 on.
pub(super) fn python_repr(number: f64) -> String {
    let size = number.abs();
    if number.is_infinite() {
        return if number > 0.0 { "inf".into() } else { "-inf".into() };
    }
    if size == 0.0 || (1e-4..1e16).contains(&size) {
        return format!("{number:?}");
    }
    let shortest = format!("{number:e}");
    match shortest.split_once('e') {
        Some((digits, exponent)) => {
            let (sign, exponent) = match exponent.strip_prefix('-') {
                Some(exponent) => ('-', exponent),
                None => ('+', exponent),
            };
            format!("{digits}e{sign}{exponent:0>2}")
        }
        None => shortest,
    }
}

/// The whole number that a stored value is or spells, towards zero; `None` if it is neither, or
/// beyond 64 bits.
pub(in crate::storage::sqlite) fn whole_number(value: ValueRef<'_>) -> Option<i64> {
    match value {
        ValueRef::Integer(number) => Some(number),
        ValueRef::Real(number) => truncate(number),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            let text = std::str::from_utf8(bytes).ok()?.trim();
            text.parse().ok().or_else(|| truncate(text.parse().ok()?))
        }
        ValueRef::Null => None,
    }
}

fn truncate(number: f64) -> Option<i64> {
    // i64::MAX as f64 is one too many; -2^63 is exact.
    let in_range = number >= i64::MIN as f64 && number < i64::MAX as f64;
    in_range.then_some(number as i64)
}

/// What `message.flagged` becomes: 0 where nobody set it. Everything but a 0 was hidden by the
/// original and stays hidden.
pub(super) fn flag(value: ValueRef<'_>) -> i64 {
    match value {
        ValueRef::Integer(flag) => flag,
        ValueRef::Null => 0,
        ValueRef::Real(0.0) | ValueRef::Text(b"0") => 0,
        other => whole_number(other).filter(|&flag| flag != 0).unwrap_or(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_look_as_python_shows_them() {
        // Each checked with repr() of Python 3.11.
        let shown = [
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (12345678901234567890.0, "1.2345678901234567e+19"),
            (9999999999999998.0, "9999999999999998.0"),
            (123.25, "123.25"),
            (0.1, "0.1"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (-1.25e-7, "-1.25e-07"),
            (5e-324, "5e-324"),
            (100.0, "100.0"),
            (-0.0, "-0.0"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (number, text) in shown {
            assert_eq!(python_repr(number), text);
        }
    }

    #[test]
    fn texts_lose_only_what_cannot_be_kept() {
        let of = |value| {
            let (text, kind) = text(value);
            (text.into_owned(), kind)
        };
        assert_eq!(of(ValueRef::Text(b"plain")), ("plain".into(), None));
        assert_eq!(of(ValueRef::Text(b"")), ("".into(), None));
        assert_eq!(of(ValueRef::Null), ("".into(), Some(Kind::Missing)));
        assert_eq!(of(ValueRef::Integer(-7)), ("-7".into(), Some(Kind::Number)));
        assert_eq!(of(ValueRef::Text(b"a\0b")), ("a\u{2400}b".into(), Some(Kind::Nul)));
        assert_eq!(of(ValueRef::Text(b"a\xffb")), ("a\u{fffd}b".into(), Some(Kind::NotUtf8)));
        assert_eq!(of(ValueRef::Text(b"\xff\0")), ("\u{fffd}\u{2400}".into(), Some(Kind::NotUtf8)));
        assert_eq!(of(ValueRef::Blob(b"bytes")), ("bytes".into(), Some(Kind::Bytes)));
    }

    #[test]
    fn whole_numbers_are_found_in_whatever_stands_for_one() {
        assert_eq!(whole_number(ValueRef::Real(1234.9)), Some(1234));
        assert_eq!(whole_number(ValueRef::Real(-0.5)), Some(0));
        assert_eq!(whole_number(ValueRef::Text(b" 12 ")), Some(12));
        assert_eq!(whole_number(ValueRef::Text(b"12.7")), Some(12));
        assert_eq!(whole_number(ValueRef::Blob(b"12")), Some(12));
        for none in [ValueRef::Null, ValueRef::Real(1e19), ValueRef::Real(f64::INFINITY)] {
            assert_eq!(whole_number(none), None);
        }
        for none in ["", "soon", "nan", "1e400", "9223372036854775808"] {
            assert_eq!(whole_number(ValueRef::Text(none.as_bytes())), None, "{none}");
        }
    }

    #[test]
    fn what_was_hidden_stays_hidden() {
        assert_eq!(flag(ValueRef::Null), 0);
        assert_eq!(flag(ValueRef::Real(0.0)), 0);
        assert_eq!(flag(ValueRef::Integer(-3)), -3);
        assert_eq!(flag(ValueRef::Real(0.5)), 1);
        assert_eq!(flag(ValueRef::Text(b"2")), 2);
        assert_eq!(flag(ValueRef::Text(b"spam")), 1);
        assert_eq!(flag(ValueRef::Blob(b"")), 1);
    }

    proptest! {
        #[test]
        fn a_shown_number_means_the_same_number(number in any::<f64>()) {
            prop_assert_eq!(python_repr(number).parse::<f64>(), Ok(number));
        }
    }
}

//! Usernames that the original program took for numbers.
//!
//! Its column had SQLite's NUMERIC affinity, so `00123`, `123` and `1.23e2` were one name. Users
//! who were adopted from there are in the table `numeric_username`, with one spelling that stands
//! for all of them, and are found by each.

/// The spelling that stands for all texts which SQLite's NUMERIC affinity makes equal to this
/// one; `None` for a text that it leaves a text (<https://sqlite.org/datatype3.html>, section 3).
pub(crate) fn canonical_number(text: &str) -> Option<String> {
    // What SQLite takes for white space.
    let number = text.trim_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    if !is_number(number) {
        return None;
    }
    if let Ok(integer) = number.parse::<i64>() {
        return Some(integer.to_string());
    }
    let real: f64 = number.parse().ok()?;
    // A real and an integer of one value are equal.
    let integers = i64::MIN as f64..-(i64::MIN as f64);
    let is_integer = real.fract() == 0.0 && integers.contains(&real);
    Some(if is_integer { (real as i64).to_string() } else { format!("{real:e}") })
}

/// Whether it is a literal: sign, digits with a point among them, exponent.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_digits = !whole.is_empty() || !fraction.is_empty();
    let exponent = exponent.map(|e| e.strip_prefix(['+', '-']).unwrap_or(e));
    has_digits
        && digits(whole)
        && digits(fraction)
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}

#[cfg(test)]
mod tests {
    use super::canonical_number;

    #[test]
    fn spellings_of_one_number_are_one() {
        for (number, spellings) in [
            ("123", &["123", "00123", "+123", "123.0", "1.23e2", " 123\n", "12300e-2"][..]),
            ("0", &["0", "-0", "0.0", "-0.0", ".0", "0."]),
            ("-7", &["-7", "-7.", "-0.7E1"]),
            ("1.5e0", &["1.5", "01.50", "15e-1", "+1.5"]),
            ("9223372036854775807", &["9223372036854775807"]),
            ("9.223372036854776e18", &["9223372036854775808", "9223372036854775809"]),
            ("1e300", &["1e300", "1e+300", "10e299"]),
            ("inf", &["1e999", "2e999"]),
        ] {
            for spelling in spellings {
                assert_eq!(canonical_number(spelling).as_deref(), Some(number), "{spelling:?}");
            }
        }
    }

    #[test]
    fn other_texts_are_no_numbers() {
        for text in [
            "", " ", "ada", "1a", "1e", "e5", "1e+", ".", "-", "+-1", "1 2", "0x1f", "inf", "nan",
            "1_000", "1.2.3", "١", "\u{a0}1", "1e5.0",
        ] {
            assert_eq!(canonical_number(text), None, "{text:?}");
        }
    }

    /// SQLite itself is asked.
    #[cfg(feature = "sqlite")]
    mod beside_sqlite {
        use super::*;
        use proptest::prelude::*;

        fn equal_to_sqlite(a: &str, b: &str) -> bool {
            let db = rusqlite::Connection::open_in_memory().unwrap();
            db.execute_batch("CREATE TABLE t (value NUMERIC)").unwrap();
            db.execute("INSERT INTO t VALUES (?)", [a]).unwrap();
            let query = "SELECT typeof(value) <> 'text' AND value = ? FROM t";
            db.query_row(query, [b], |row| row.get(0)).unwrap()
        }

        proptest! {
            #[test]
            fn the_same_texts_are_equal(
                a in "[ +-]?[0-9]{0,3}[.]?[0-9]{0,2}([eE][+-]?[0-9]{0,2})?[ x]?",
                b in "[ +-]?[0-9]{0,3}[.]?[0-9]{0,2}([eE][+-]?[0-9]{0,2})?[ x]?",
            ) {
                let (x, y) = (canonical_number(&a), canonical_number(&b));
                prop_assert_eq!(x.is_some() && x == y, equal_to_sqlite(&a, &b));
                prop_assert_eq!(canonical_number(&a).is_some(), equal_to_sqlite(&a, &a));
            }
        }
    }
}

//! Values of whatever type as literals of SQLite's, for columns that keep what once was.

use std::fmt::Write;

use rusqlite::types::ValueRef;

/// The literal that SQLite reads as this value; `None` for NULL.
pub(super) fn literal(value: ValueRef<'_>) -> Option<String> {
    Some(match value {
        ValueRef::Null => return None,
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) if number == f64::INFINITY => "9e999".into(),
        ValueRef::Real(number) if number == f64::NEG_INFINITY => "-9e999".into(),
        ValueRef::Real(number) => format!("{number:?}"),
        ValueRef::Blob(bytes) => blob(bytes),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => format!("'{}'", text.replace('\'', "''")),
            // Postgres could not hold the characters themselves.
            _ => format!("CAST({} AS TEXT)", blob(bytes)),
        },
    })
}

fn blob(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(2 * bytes.len() + 3);
    hex.push_str("X'");
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02X}");
    }
    hex.push('\'');
    hex
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;
    use rusqlite::types::Value;

    #[test]
    fn sqlite_reads_back_the_same_value() {
        let db = Connection::open_in_memory().unwrap();
        let values = [
            Value::Integer(i64::MIN + 1),
            Value::Real(0.1),
            Value::Real(1e300),
            Value::Real(100.0),
            Value::Real(f64::INFINITY),
            Value::Real(f64::NEG_INFINITY),
            Value::Text("it's \"quoted\" ☃".into()),
            Value::Text("a\0b".into()),
            Value::Blob(vec![0, 255, 16]),
            Value::Blob(vec![]),
        ];
        for value in values {
            let literal = literal(ValueRef::from(&value)).unwrap();
            let read: Value =
                db.query_row(&format!("SELECT {literal}"), [], |row| row.get(0)).unwrap();
            assert_eq!(read, value, "{literal}");
            assert!(!literal.contains('\0'));
        }
        assert_eq!(literal(ValueRef::Null), None);
        assert_eq!(literal(ValueRef::Text(b"\xff")).unwrap(), "CAST(X'FF' AS TEXT)");
    }
}

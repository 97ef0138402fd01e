//! Rows as Postgres' binary COPY writes and reads them, and a digest of many.
//!
//! See the section "Binary Format" of <https://www.postgresql.org/docs/current/sql-copy.html>.

use std::hash::{BuildHasher, Hasher, RandomState};

/// What comes before the first row: the signature, no flags, no extension.
pub(super) const HEADER: [u8; 19] = *b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// What comes after the last row.
pub(super) const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();

/// Begins a row of so many values.
pub(super) fn begin_row(out: &mut Vec<u8>, values: usize) {
    out.extend_from_slice(&(values as i16).to_be_bytes());
}

/// Adds a NULL.
pub(super) fn put_null(out: &mut Vec<u8>) {
    out.extend_from_slice(&(-1_i32).to_be_bytes());
}

/// Adds a `bigint`.
pub(super) fn put_bigint(out: &mut Vec<u8>, number: i64) {
    put_bytes(out, &number.to_be_bytes());
}

/// Adds an `integer`.
pub(super) fn put_integer(out: &mut Vec<u8>, number: i32) {
    put_bytes(out, &number.to_be_bytes());
}

/// Adds a `text`, a `bytea` or a `uuid`.
pub(super) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    // SQLite's values have at most 2^31 - 1 bytes, Postgres' half of that; it says so itself.
    out.extend_from_slice(&(bytes.len() as i32).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// Tells digests of one run from those of another, so that nobody can prepare rows that collide.
#[derive(Clone, Default)]
pub(super) struct DigestKey(RandomState);

/// A digest of rows in any order: two of the same key are equal if the rows are the same, each as
/// often, and different otherwise but for one case in 2^64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Digest {
    /// How many rows.
    pub(super) rows: u64,
    sum: u128,
}

impl Digest {
    /// Counts a row, as it is on the wire.
    pub(super) fn add(&mut self, key: &DigestKey, row: &[u8]) {
        let mut hasher = key.0.build_hasher();
        hasher.write(row);
        self.rows += 1;
        self.sum += u128::from(hasher.finish());
    }
}

/// Takes the rows out of the messages of a COPY TO: each is one row, but for the header before
/// the first and the trailer at the end.
pub(super) fn row_of_message(message: &[u8]) -> Option<&[u8]> {
    let row = message.strip_prefix(&HEADER).unwrap_or(message);
    (!row.is_empty() && row != TRAILER).then_some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_written_as_postgres_documents_it() {
        let mut out = Vec::new();
        begin_row(&mut out, 4);
        put_bigint(&mut out, -2);
        put_null(&mut out);
        put_bytes(&mut out, b"hi");
        put_integer(&mut out, 1);
        let expected = [
            &[0, 4][..],
            &[0, 0, 0, 8, 255, 255, 255, 255, 255, 255, 255, 254],
            &[255, 255, 255, 255],
            &[0, 0, 0, 2, b'h', b'i'],
            &[0, 0, 0, 4, 0, 0, 0, 1],
        ];
        assert_eq!(out, expected.concat());
    }

    #[test]
    fn a_digest_depends_on_the_rows_and_not_on_their_order() {
        let key = DigestKey::default();
        let of = |rows: &[&[u8]]| {
            let mut digest = Digest::default();
            rows.iter().for_each(|row| digest.add(&key, row));
            digest
        };
        assert_eq!(of(&[b"a", b"b"]), of(&[b"b", b"a"]));
        assert_ne!(of(&[b"a", b"b"]), of(&[b"a", b"c"]));
        assert_ne!(of(&[b"a"]), of(&[b"a", b"a"]));
        assert_ne!(of(&[b"a", b"a"]), of(&[b"b", b"b"]));
    }

    #[test]
    fn rows_are_found_in_messages() {
        assert_eq!(row_of_message(&HEADER), None);
        assert_eq!(row_of_message(&TRAILER), None);
        assert_eq!(row_of_message(b"\0\x01xyz"), Some(&b"\0\x01xyz"[..]));
        assert_eq!(row_of_message(&[&HEADER[..], b"\0\x01x"].concat()), Some(&b"\0\x01x"[..]));
    }
}

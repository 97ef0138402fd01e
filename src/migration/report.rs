//! The report file: what did not arrive, or not as it was, a line of JSON for each.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rusqlite::types::ValueRef;
use serde_json::{Map, Value, json};

/// Writes the file as there is something to write. It holds what only the operator may see.
pub(super) struct Report {
    path: PathBuf,
    file: Option<BufWriter<File>>,
    /// Rows that stay behind.
    pub(super) left_behind: u64,
    /// Values that arrive changed.
    pub(super) changed: u64,
    /// Further things that an operator may miss.
    pub(super) remarks: u64,
}

/// A row's values by the names of their columns.
pub(super) type Values = Map<String, Value>;

impl Report {
    /// Begins a report, in the place of an earlier one.
    pub(super) fn begin(path: &Path) -> io::Result<Self> {
        let (file, path) = (None, path.to_owned());
        let mut report = Self { path, file, left_behind: 0, changed: 0, remarks: 0 };
        // Tells at once if it cannot be written.
        report.file()?;
        Ok(report)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether everything arrives as it was.
    pub(super) fn is_empty(&self) -> bool {
        self.left_behind + self.changed + self.remarks == 0
    }

    /// A row that stays behind, and why.
    pub(super) fn left_behind(&mut self, table: &str, row: Values, why: &str) -> io::Result<()> {
        self.left_behind += 1;
        self.line(&json!({ "left behind": table, "row": row, "why": why }))
    }

    /// Values of columns that are not MiniTwit's; the row itself arrives.
    pub(super) fn left_behind_in_part(&mut self, table: &str, row: Values) -> io::Result<()> {
        self.remarks += 1;
        let why = "columns that are not MiniTwit's; the rest of the row arrives";
        self.line(&json!({ "left behind in part": table, "row": row, "why": why }))
    }

    /// A value that arrives changed, in the row of that key.
    pub(super) fn changed(&mut self, table: &str, key: Values, change: &Change) -> io::Result<()> {
        let Change { column, was, now, why } = change;
        self.changed += 1;
        self.line(&json!({
            "changed": table, "row": key, "column": column, "was": was, "now": now, "why": why,
        }))
    }

    /// What adoption of the original program's database has changed.
    pub(super) fn adopted(&mut self, note: Values) -> io::Result<()> {
        self.changed += 1;
        self.line(&json!({ "adopted": note }))
    }

    /// Something else that an operator may miss.
    pub(super) fn remark(&mut self, text: &str) -> io::Result<()> {
        self.remarks += 1;
        self.line(&json!({ "remark": text }))
    }

    /// Writes out what has been reported so far.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), BufWriter::flush)
    }

    /// Brings it to disk; if there was nothing to report, there is no file.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        let Some(mut file) = self.file.take() else { return Ok(()) };
        if self.is_empty() {
            return match std::fs::remove_file(&self.path) {
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                outcome => outcome,
            };
        }
        file.flush()?;
        file.get_ref().sync_all()
    }

    fn line(&mut self, value: &Value) -> io::Result<()> {
        let file = self.file()?;
        serde_json::to_writer(&mut *file, value)?;
        file.write_all(b"\n")
    }

    fn file(&mut self) -> io::Result<&mut BufWriter<File>> {
        let file = match self.file.take() {
            Some(file) => file,
            None => BufWriter::new(
                OpenOptions::new()
                    .write(true)
                    .create(true)
                    .truncate(true)
                    .mode(0o600)
                    .open(&self.path)?,
            ),
        };
        Ok(self.file.insert(file))
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        if self.is_empty() && self.file.take().is_some() {
            // An empty file says nothing, and hurts nobody either.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// A value that does not arrive as it was.
#[derive(Debug, PartialEq)]
pub(super) struct Change {
    /// The column.
    pub(super) column: &'static str,
    /// What it was.
    pub(super) was: Value,
    /// What it is now.
    pub(super) now: Value,
    /// Why.
    pub(super) why: &'static str,
}

/// A value of SQLite's in JSON, so that nothing of it is lost.
pub(super) fn in_json(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        // JSON knows no infinity.
        ValueRef::Real(number) if number.is_finite() => number.into(),
        ValueRef::Real(number) => json!({ "real": number.to_string() }),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => json!({ "text in base64": STANDARD.encode(bytes) }),
        },
        ValueRef::Blob(bytes) => json!({ "blob in base64": STANDARD.encode(bytes) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn nothing_of_a_value_is_lost() {
        let shown = |value| in_json(value).to_string();
        assert_eq!(shown(ValueRef::Null), "null");
        assert_eq!(shown(ValueRef::Integer(i64::MAX)), "9223372036854775807");
        assert_eq!(shown(ValueRef::Real(0.1)), "0.1");
        assert_eq!(shown(ValueRef::Real(f64::NEG_INFINITY)), r#"{"real":"-inf"}"#);
        assert_eq!(shown(ValueRef::Text(b"a\0\"")), r#""a\u0000\"""#);
        assert_eq!(shown(ValueRef::Text(b"\xff")), r#"{"text in base64":"/w=="}"#);
        assert_eq!(shown(ValueRef::Blob(b"a")), r#"{"blob in base64":"YQ=="}"#);
    }

    #[test]
    fn there_is_a_private_file_if_there_is_something_to_report() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report");
        let mut report = Report::begin(&path).unwrap();
        report.finish().unwrap();
        assert!(!path.exists());

        let mut report = Report::begin(&path).unwrap();
        let row = Values::from_iter([("message_id".to_owned(), 7.into())]);
        report.left_behind("message", row, "no author").unwrap();
        report.finish().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            text,
            "{\"left behind\":\"message\",\"row\":{\"message_id\":7},\"why\":\"no author\"}\n"
        );
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!report.is_empty());
    }
}

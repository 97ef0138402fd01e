//! Rows for people, for spreadsheets, or for programs.

use std::io::{self, BufWriter, ErrorKind, StdoutLock, Write};

use clap::ValueEnum;
use serde_json::Value;

use super::Stop;
use super::moment::shown;

/// Who is to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// People: aligned, one line for each row, times in UTC
    Table,
    /// Spreadsheets: with a line of headings, as RFC 4180 has it
    Csv,
    /// Programs: an array of objects, times in unix seconds
    Json,
}

/// A column of a listing.
pub(super) struct Column {
    /// As programs and spreadsheets know it.
    pub(super) name: &'static str,
    /// As people know it.
    pub(super) heading: &'static str,
    /// What is in it.
    pub(super) kind: Kind,
}

/// What a column holds, and so how people see it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number, aligned to the right.
    Number,
    /// Unix seconds, shown as a date.
    Moment,
    /// A word, or yes and no.
    Word,
    /// A name or address.
    Name,
    /// Anything; comes last.
    Text,
    /// Nothing for people.
    ForMachines,
}

/// A listing on its way to stdout.
pub(super) struct Listing {
    out: BufWriter<StdoutLock<'static>>,
    format: Format,
    columns: &'static [Column],
    rows: usize,
}

impl Listing {
    /// Writes what comes before the rows.
    pub(super) fn begin(format: Format, columns: &'static [Column]) -> Result<Self, Stop> {
        let out = BufWriter::new(io::stdout().lock());
        let mut listing = Self { out, format, columns, rows: 0 };
        let names = |name: fn(&Column) -> &'static str| -> Vec<Value> {
            columns.iter().map(|column| name(column).into()).collect()
        };
        let text = match format {
            Format::Table => table_line(columns, &names(|column| column.heading)),
            Format::Csv => csv_line(&names(|column| column.name)),
            Format::Json => "[".to_owned(),
        };
        listing.write(&text)?;
        Ok(listing)
    }

    /// Writes a row, whose values are those of the columns.
    pub(super) fn row(&mut self, values: &[Value]) -> Result<(), Stop> {
        let text = match self.format {
            Format::Table => table_line(self.columns, values),
            Format::Csv => csv_line(values),
            Format::Json => {
                let separator = if self.rows == 0 { "\n" } else { ",\n" };
                format!("{separator}{}", object(self.columns, values))
            }
        };
        self.rows += 1;
        self.write(&text)
    }

    /// Writes what comes after the rows.
    pub(super) fn end(mut self) -> Result<(), Stop> {
        match (self.format, self.rows) {
            (Format::Json, 0) => self.write("]\n")?,
            (Format::Json, _) => self.write("\n]\n")?,
            _ => {}
        }
        told(self.out.flush())
    }

    fn write(&mut self, text: &str) -> Result<(), Stop> {
        told(self.out.write_all(text.as_bytes()))
    }
}

/// Who reads no further, as `head` does, has seen enough.
fn told(written: io::Result<()>) -> Result<(), Stop> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        written => written.map_err(|error| Stop::Failure(format!("stdout: {error}"))),
    }
}

fn table_line(columns: &[Column], values: &[Value]) -> String {
    let mut line = String::new();
    let shown = columns.iter().zip(values).filter(|(column, _)| column.kind != Kind::ForMachines);
    for (column, value) in shown {
        let text = match (column.kind, value) {
            (Kind::Moment, Value::Number(seconds)) => shown_moment(seconds),
            _ => printable(&plain(value, ["", "yes"])),
        };
        line += &match column.kind {
            Kind::Number => format!("{text:>8}"),
            Kind::Moment => format!("{text:<16}"),
            Kind::Word => format!("{text:<7}"),
            Kind::Name => format!("{text:<20}"),
            Kind::Text | Kind::ForMachines => text,
        };
        line += "  ";
    }
    format!("{}\n", line.trim_end())
}

fn shown_moment(seconds: &serde_json::Number) -> String {
    seconds.as_i64().map_or_else(|| seconds.to_string(), shown)
}

/// Text that stays on its line and does not tell the terminal what to do.
pub(super) fn printable(text: &str) -> String {
    let is_order =
        |c: char| c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut printable = String::with_capacity(text.len());
    for c in text.chars() {
        if is_order(c) { printable.extend(c.escape_default()) } else { printable.push(c) }
    }
    printable
}

fn csv_line(values: &[Value]) -> String {
    let fields: Vec<String> =
        values.iter().map(|value| csv_field(plain(value, ["0", "1"]))).collect();
    format!("{}\n", fields.join(","))
}

fn csv_field(text: String) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

fn object(columns: &[Column], values: &[Value]) -> String {
    let members = columns.iter().zip(values);
    let members: Vec<String> =
        members.map(|(column, value)| format!("\"{}\":{value}", column.name)).collect();
    format!("{{{}}}", members.join(","))
}

/// A value without quotation marks, with these words for no and yes.
fn plain(value: &Value, [no, yes]: [&str; 2]) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(flag) => if *flag { yes } else { no }.to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 4] = [
        Column { name: "id", heading: "ID", kind: Kind::Number },
        Column { name: "at", heading: "AT", kind: Kind::Moment },
        Column { name: "hidden", heading: "HIDDEN", kind: Kind::Word },
        Column { name: "text", heading: "TEXT", kind: Kind::Text },
    ];

    fn row(hidden: bool, text: &str) -> [Value; 4] {
        [7.into(), 0.into(), hidden.into(), text.into()]
    }

    #[test]
    fn people_see_one_line_and_no_orders_to_their_terminal() {
        let line = table_line(&COLUMNS, &row(true, "a\n\u{1b}[31mred \u{202e}evil 🐦"));
        let shown = "       7  1970-01-01 00:00  yes      a\\n\\u{1b}[31mred \\u{202e}evil 🐦\n";
        assert_eq!(line, shown);
        assert!(table_line(&COLUMNS, &row(false, "x")).ends_with("00:00           x\n"));
    }

    #[test]
    fn spreadsheets_get_quotation_marks_where_they_need_them() {
        assert_eq!(csv_line(&row(true, "plain")), "7,0,1,plain\n");
        assert_eq!(csv_line(&row(false, "a \"b\",\nc")), "7,0,0,\"a \"\"b\"\",\nc\"\n");
    }

    #[test]
    fn programs_get_objects() {
        let text = object(&COLUMNS, &row(true, "a \"b\"\n"));
        assert_eq!(text, r#"{"id":7,"at":0,"hidden":true,"text":"a \"b\"\n"}"#);
    }
}

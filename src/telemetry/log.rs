//! The log: a line for each record on stderr, as text for people or as JSON for programs.
//!
//! Whatever a record holds stays on its line: characters that end lines, steer terminals or turn
//! the direction of writing are written as escapes. The same warning or error is logged once a
//! minute. (Lines with fields, of which each is about something else, limit themselves.)

use std::fmt::{self, Write as _};
use std::io;
use std::panic::PanicHookInfo;
use std::time::Instant;

use clap::ValueEnum;
use log::kv::{Error, Key, Value, VisitSource};
use log::{Level, LevelFilter, Record};

use super::metrics;
use super::seldom::Seldom;

/// How a line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: an object on each line.
    Json,
}

/// What others' code logs below a warning is not for operators: connections and queries, with
/// what they hold.
const OTHERS: [&str; 8] = [
    "actix_http",
    "actix_server",
    "hyper",
    "mio",
    "rustls",
    "tokio_postgres",
    "ureq",
    "ureq_proto",
];

/// The same trouble, met by every request.
static TROUBLE: Seldom = Seldom::new(1);

/// Sends the log to stderr, as much as `RUST_LOG` asks for.
pub(crate) fn start_log(format: LogFormat) {
    let mut builder =
        env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info"));
    for module in OTHERS {
        builder.filter_module(module, LevelFilter::Warn);
    }
    builder.format(move |out, record| {
        let Some(message) = message(record, Instant::now()) else { return Ok(()) };
        let time = out.timestamp_millis().to_string();
        match format {
            LogFormat::Text => write_text(out, &time, record, &message),
            LogFormat::Json => write_json(out, &time, record, &message),
        }
    });
    builder.init();
}

/// Logs panics as everything else, and counts them.
pub(crate) fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        metrics().panics.inc();
        log::error!("{}", describe(panic));
    }));
}

/// Where the program panicked, and why if that is a text of ours. One that was put together may
/// hold what somebody wrote.
fn describe(panic: &PanicHookInfo<'_>) -> String {
    let text = match panic.payload().downcast_ref::<&str>() {
        Some(text) => text,
        None => "for a reason that may hold what somebody wrote, and is left out",
    };
    match panic.location() {
        Some(place) => format!("the program panicked at {place}: {text}"),
        None => format!("the program panicked: {text}"),
    }
}

/// The text of a record; `None` if it is not to be logged.
fn message(record: &Record<'_>, now: Instant) -> Option<String> {
    let mut message = record.args().to_string();
    if record.level() <= Level::Warn && record.key_values().count() == 0 {
        let held_back = TROUBLE.passes(&message, now)?.held_back;
        if held_back > 0 {
            // Writing to a string does not fail.
            let _ = write!(message, " ({held_back} like it were not logged)");
        }
    }
    Some(message)
}

fn write_text(
    out: &mut impl io::Write,
    time: &str,
    record: &Record<'_>,
    message: &str,
) -> io::Result<()> {
    let mut fields = String::new();
    visit(record, |key, value| write!(fields, " {key}={}", Visible(&value.to_string())));
    let (level, target) = (record.level(), Visible(record.target()));
    writeln!(out, "[{time} {level:<5} {target}] {}{fields}", Visible(message))
}

fn write_json(
    out: &mut impl io::Write,
    time: &str,
    record: &Record<'_>,
    message: &str,
) -> io::Result<()> {
    let mut fields = String::new();
    visit(record, |key, value| match value.to_f64() {
        Some(_) => write!(fields, ",{}:{value}", quoted(key)),
        None => write!(fields, ",{}:{}", quoted(key), quoted(&value.to_string())),
    });
    let (level, target, message) = (record.level(), quoted(record.target()), quoted(message));
    writeln!(
        out,
        r#"{{"time":"{time}","level":"{level}","target":{target},"message":{message}{fields}}}"#
    )
}

fn quoted(text: &str) -> String {
    serde_json::Value::String(Visible(text).to_string()).to_string()
}

/// Goes through the fields of a record.
fn visit(record: &Record<'_>, write: impl FnMut(&str, &Value<'_>) -> fmt::Result) {
    struct Visitor<F>(F);
    impl<'kvs, F: FnMut(&str, &Value<'_>) -> fmt::Result> VisitSource<'kvs> for Visitor<F> {
        fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
            Ok(self.0(key.as_str(), &value)?)
        }
    }
    // Writing to a string does not fail.
    let _ = record.key_values().visit(&mut Visitor(write));
}

/// A text that stays on its line and does nothing to a terminal.
struct Visible<'a>(&'a str);

impl fmt::Display for Visible<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return f.write_str(self.0);
        }
        for piece in self.0.split_inclusive(is_invisible) {
            let text = piece.trim_end_matches(is_invisible);
            f.write_str(text)?;
            match piece[text.len()..].chars().next() {
                Some(c @ ('\n' | '\r' | '\t')) => write!(f, "{}", c.escape_default())?,
                Some(c) => write!(f, "{}", c.escape_unicode())?,
                None => {}
            }
        }
        Ok(())
    }
}

/// Controls (those of eight bits too), and what Unicode has to end lines and turn directions.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text that would like to be another line, in red, and to run backwards.
    const EVIL: &str = "a\nb\r\u{1b}[31m\u{9b}31m\u{7f}\u{2028}\u{202e}\"\\é🐦";

    fn lines(level: Level, text: &str, fields: &[(&str, Value<'_>)]) -> (String, String) {
        let (mut plain, mut json) = (Vec::new(), Vec::new());
        let args = format_args!("{text}");
        let mut record = Record::builder();
        record.level(level).target("here").key_values(&fields);
        let record = record.args(args).build();
        write_text(&mut plain, "now", &record, text).unwrap();
        write_json(&mut json, "now", &record, text).unwrap();
        (String::from_utf8(plain).unwrap(), String::from_utf8(json).unwrap())
    }

    #[test]
    fn nothing_breaks_out_of_its_line() {
        let (plain, json) = lines(Level::Info, EVIL, &[("field", Value::from(EVIL))]);
        for line in [&plain, &json] {
            let (line, end) = line.split_at(line.len() - 1);
            assert_eq!(end, "\n");
            assert!(!line.chars().any(is_invisible), "{line:?}");
        }
        let visible = r#"a\nb\r\u{1b}[31m\u{9b}31m\u{7f}\u{2028}\u{202e}"\é🐦"#;
        assert_eq!(plain, format!("[now INFO  here] {visible} field={visible}\n"));
        let object: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!((&object["message"], &object["field"]), (&visible.into(), &visible.into()));
    }

    #[test]
    fn numbers_stay_numbers() {
        let fields = [("status", Value::from(204)), ("ms", Value::from(0.5))];
        let (plain, json) = lines(Level::Warn, "answered", &fields);
        assert_eq!(plain, "[now WARN  here] answered status=204 ms=0.5\n");
        let object: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(
            object,
            serde_json::json!({
                "time": "now", "level": "WARN", "target": "here", "message": "answered",
                "status": 204, "ms": 0.5,
            })
        );
    }

    #[test]
    fn the_same_trouble_is_logged_once_a_minute() {
        let start = Instant::now();
        let message = |level, text: &str, after: u64| {
            let now = start + std::time::Duration::from_secs(after);
            message(&Record::builder().level(level).args(format_args!("{text}")).build(), now)
        };
        assert_eq!(message(Level::Error, "the disk is full", 0), Some("the disk is full".into()));
        for _ in 0..3 {
            assert_eq!(message(Level::Error, "the disk is full", 30), None);
            assert_eq!(message(Level::Info, "hello", 30), Some("hello".into()));
        }
        assert_eq!(message(Level::Warn, "it burns", 30), Some("it burns".into()));
        let later = "the disk is full (3 like it were not logged)";
        assert_eq!(message(Level::Error, "the disk is full", 60), Some(later.into()));
    }
}

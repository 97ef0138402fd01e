//! What a run comes to: a table for people, JSON and CSV for machines.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::io;

use serde::Serialize;

use super::action::Kind;
use super::check::Check;
use super::client::Trouble;
use super::tally::{OfKind, Tally};

/// Lines about what is missing that people are shown; machines get all.
const SHOWN_MISSING: usize = 20;

/// Everything about a run.
#[derive(Debug, Serialize)]
pub struct Report {
    url: String,
    /// What to repeat it with; none for a scenario.
    seed: Option<u64>,
    seconds: f64,
    calls_per_second: f64,
    kinds: Vec<KindReport>,
    gaps: Vec<GapReport>,
    pub(super) check: Check,
}

#[derive(Debug, Serialize)]
struct KindReport {
    kind: &'static str,
    calls: u64,
    succeeded: u64,
    errors: Vec<ErrorReport>,
    p50_ms: f64,
    p90_ms: f64,
    p99_ms: f64,
    max_ms: f64,
}

#[derive(Debug, Serialize)]
struct ErrorReport {
    error: String,
    count: u64,
}

#[derive(Debug, Serialize)]
struct GapReport {
    after_seconds: f64,
    seconds: f64,
}

impl Report {
    /// A report of a run that has just ended; what the check finds is still to come.
    pub(super) fn new(url: &str, seed: Option<u64>, tally: &Tally) -> Self {
        let seconds = tally.began.elapsed().as_secs_f64();
        let gaps = tally.gaps.iter().map(|gap| GapReport {
            after_seconds: gap.after.as_secs_f64(),
            seconds: gap.lasted.as_secs_f64(),
        });
        Self {
            url: url.to_owned(),
            seed,
            seconds,
            calls_per_second: tally.calls() as f64 / seconds,
            kinds: tally.kinds.iter().map(|(kind, seen)| KindReport::new(*kind, seen)).collect(),
            gaps: gaps.collect(),
            check: Check::default(),
        }
    }

    /// Whether nothing at all went wrong. What a patient client got through in the end was no
    /// mistake of the server's.
    pub fn is_flawless(&self, patient: bool) -> bool {
        let passing = |error: &str| patient && !error.starts_with('4');
        let errors = self.kinds.iter().flat_map(|kind| &kind.errors);
        self.check.missing.is_empty() && errors.into_iter().all(|e| passing(&e.error))
    }

    /// For people.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = self.write_text(&mut text);
        text
    }

    fn write_text(&self, text: &mut String) -> std::fmt::Result {
        let errors: BTreeSet<&str> =
            self.kinds.iter().flat_map(|k| &k.errors).map(|e| e.error.as_str()).collect();
        write!(text, "{:<10}{:>10}{:>11}", "action", "calls", "succeeded")?;
        for error in &errors {
            write!(text, "{error:>17}")?;
        }
        writeln!(text, "{:>10}{:>9}{:>9}{:>9}", "p50 ms", "p90 ms", "p99 ms", "max ms")?;
        for kind in &self.kinds {
            write!(text, "{:<10}{:>10}{:>11}", kind.kind, kind.calls, kind.succeeded)?;
            for error in &errors {
                let found = kind.errors.iter().find(|e| e.error == *error);
                write!(text, "{:>17}", found.map_or(0, |e| e.count))?;
            }
            let KindReport { p50_ms, p90_ms, p99_ms, max_ms, .. } = kind;
            writeln!(text, "{p50_ms:>10.1}{p90_ms:>9.1}{p99_ms:>9.1}{max_ms:>9.1}")?;
        }
        writeln!(text, "\n{:.1} calls a second for {:.1} s", self.calls_per_second, self.seconds)?;
        if let Some(seed) = self.seed {
            writeln!(text, "the same again: --seed {seed}")?;
        }
        for gap in &self.gaps {
            let GapReport { after_seconds, seconds } = gap;
            writeln!(text, "no answer for {seconds:.2} s, {after_seconds:.1} s after the start")?;
        }
        self.write_check(text)
    }

    fn write_check(&self, text: &mut String) -> std::fmt::Result {
        let Check { users, messages, follows, missing } = &self.check;
        let what = format!("{users} users, {messages} messages, {follows} follows and latest");
        if missing.is_empty() {
            return writeln!(text, "everything acknowledged is there: {what}");
        }
        writeln!(text, "acknowledged were {what}; {} of them are NOT THERE:", missing.len())?;
        for line in missing.iter().take(SHOWN_MISSING) {
            writeln!(text, "  {line}")?;
        }
        match missing.len().checked_sub(SHOWN_MISSING) {
            Some(more @ 1..) => writeln!(text, "  and {more} more (--json tells all)"),
            _ => Ok(()),
        }
    }

    /// For machines: everything.
    pub fn write_json(&self, to: impl io::Write) -> io::Result<()> {
        Ok(serde_json::to_writer_pretty(to, self)?)
    }

    /// For spreadsheets: a line for each kind of action and each outcome, `ok` among them.
    pub fn write_csv(&self, mut to: impl io::Write) -> io::Result<()> {
        writeln!(to, "action,outcome,count,p50_ms,p90_ms,p99_ms,max_ms")?;
        for kind in &self.kinds {
            let KindReport { p50_ms, p90_ms, p99_ms, max_ms, .. } = kind;
            let latencies = format!("{p50_ms},{p90_ms},{p99_ms},{max_ms}");
            writeln!(to, "{},ok,{},{latencies}", kind.kind, kind.succeeded)?;
            for ErrorReport { error, count } in &kind.errors {
                writeln!(to, "{},{error},{count},{latencies}", kind.kind)?;
            }
        }
        Ok(())
    }
}

impl KindReport {
    fn new(kind: Kind, seen: &OfKind) -> Self {
        let ms = |quantile| seen.latencies.value_at_quantile(quantile) as f64 / 1000.0;
        let error = |(trouble, count): (&Trouble, &u64)| ErrorReport {
            error: trouble.word(),
            count: *count,
        };
        Self {
            kind: kind.word(),
            calls: seen.calls(),
            succeeded: seen.succeeded,
            errors: seen.troubles.iter().map(error).collect(),
            p50_ms: ms(0.5),
            p90_ms: ms(0.9),
            p99_ms: ms(0.99),
            max_ms: ms(1.0),
        }
    }
}

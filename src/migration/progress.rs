//! How far it is: a bar on a terminal, plain lines now and then in a log.

use std::io::{IsTerminal, Write, stderr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use tokio::task::JoinHandle;

/// How often a bar moves.
const FRAME: Duration = Duration::from_millis(100);

/// How often a log gets a line.
const LINE: Duration = Duration::from_secs(5);

/// What a bar shows.
const BAR: &str = "{msg} {wide_bar} {human_pos} of {human_len} rows, {rate}/s, {eta} left";

/// Tells on stderr what is being done.
pub(super) fn say(text: impl std::fmt::Display) {
    // Nothing better can be done if the terminal is gone.
    let _ = writeln!(stderr(), "{text}");
}

/// Shows how a count grows, until it is dropped.
pub(super) struct Progress {
    task: JoinHandle<()>,
    bar: ProgressBar,
}

impl Progress {
    /// Watches `count` on its way to `total`.
    pub(super) fn watch(what: &'static str, total: u64, count: Arc<AtomicU64>) -> Self {
        count.store(0, Ordering::Relaxed);
        let on_terminal = stderr().is_terminal();
        let bar = if on_terminal { ProgressBar::new(total) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template(BAR) {
            bar.set_style(style.with_key("rate", write_rate));
        }
        bar.set_message(what);
        let shown = bar.clone();
        let task = tokio::spawn(async move {
            let start = Instant::now();
            loop {
                tokio::time::sleep(if on_terminal { FRAME } else { LINE }).await;
                let count = count.load(Ordering::Relaxed);
                if on_terminal {
                    shown.set_position(count);
                } else {
                    say(line(what, count, total, start.elapsed()));
                }
            }
        });
        Self { task, bar }
    }
}

fn write_rate(state: &ProgressState, out: &mut dyn std::fmt::Write) {
    // Fails only where writing to a terminal does not.
    let _ = out.write_str(&grouped(state.per_sec() as u64));
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.task.abort();
        self.bar.finish_and_clear();
    }
}

fn line(what: &str, count: u64, total: u64, elapsed: Duration) -> String {
    let rate = count as f64 / elapsed.as_secs_f64().max(0.001);
    let left = total.saturating_sub(count) as f64 / rate.max(0.001);
    let (count, total, rate) = (grouped(count), grouped(total), grouped(rate as u64));
    format!("{what}: {count} of {total} rows, {rate}/s, {left:.0} s left")
}

/// A number with commas.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_rate_and_time_left() {
        assert_eq!(
            line("copied", 250_000, 1_000_000, Duration::from_secs(5)),
            "copied: 250,000 of 1,000,000 rows, 50,000/s, 15 s left"
        );
    }

    #[test]
    fn numbers_have_commas() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"].map(str::to_owned)
        );
    }
}

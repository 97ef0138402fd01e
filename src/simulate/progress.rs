//! How far a run is: a bar on a terminal, a line now and then in a log.

use std::io::{IsTerminal, stderr};
use std::sync::Mutex;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::drive::locked;
use super::tally::Tally;

const ON_A_TERMINAL: Duration = Duration::from_millis(200);
const IN_A_LOG: Duration = Duration::from_secs(10);

/// What there is to do.
#[derive(Clone, Copy, Debug)]
pub(super) enum Extent {
    /// So many actions.
    Actions(u64),
    /// So long.
    Time(Duration),
}

/// Does the work while it shows how far it is.
pub(super) fn shown<T>(extent: Extent, tally: &Mutex<Tally>, work: impl FnOnce() -> T) -> T {
    let on_a_terminal = stderr().is_terminal();
    let bar = if on_a_terminal { bar(extent) } else { ProgressBar::hidden() };
    let every = if on_a_terminal { ON_A_TERMINAL } else { IN_A_LOG };
    let (finish, finished) = channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut before = (Instant::now(), 0);
            while finished.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                let (place, line) = line(extent, tally, &mut before);
                bar.set_position(place);
                bar.set_message(line.clone());
                if !on_a_terminal {
                    log::info!("{line}");
                }
            }
            bar.finish_and_clear();
        });
        let outcome = work();
        drop(finish);
        outcome
    })
}

fn bar(extent: Extent) -> ProgressBar {
    let length = match extent {
        Extent::Actions(actions) => actions,
        Extent::Time(time) => time.as_secs(),
    };
    let style = ProgressStyle::with_template("{bar:30} {percent}%  {msg}  {eta} left");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length).with_style(style)
}

fn line(extent: Extent, tally: &Mutex<Tally>, before: &mut (Instant, u64)) -> (u64, String) {
    let tally = locked(tally);
    let (calls, errors) = (tally.calls(), tally.errors());
    let place = match extent {
        Extent::Actions(_) => calls,
        Extent::Time(_) => tally.began.elapsed().as_secs(),
    };
    let seconds = before.0.elapsed().as_secs_f64().max(0.001);
    let rate = calls.saturating_sub(before.1) as f64 / seconds;
    *before = (Instant::now(), calls);
    (place, format!("{calls} calls, {rate:.0} a second, {errors} errors"))
}

//! Does actions, many at a time, each after those it has to wait for.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::action::{Action, Kind};
use super::client::{Client, Trouble};
use super::tally::Tally;

/// How long one action is tried again while the server is away.
const RETRY_FOR: Duration = Duration::from_secs(300);

/// Between two attempts.
const RETRY_PAUSE: Duration = Duration::from_millis(200);

/// How fast, how many at once, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Delays are divided by it; without it there are none.
    pub(super) speed: Option<f64>,
    pub(super) clients: usize,
    pub(super) until: Option<Instant>,
    /// Whether to try again what may pass.
    pub(super) patient: bool,
}

/// Done by one client after another one.
struct Job {
    action: Action,
    after: Vec<Arc<Turn>>,
    done: Arc<Turn>,
}

/// Set once an action is done.
#[derive(Default)]
struct Turn {
    done: Mutex<bool>,
    changed: Condvar,
}

impl Turn {
    fn finish(&self) {
        *locked(&self.done) = true;
        self.changed.notify_all();
    }

    fn wait(&self) {
        let waiting = self.changed.wait_while(locked(&self.done), |done| !*done);
        drop(waiting.unwrap_or_else(PoisonError::into_inner));
    }
}

/// Does all actions, or those there is time for. What one person does happens in its order, and
/// nobody is followed before they are there.
pub(super) fn drive(
    actions: impl Iterator<Item = Action>,
    client: &Client,
    pace: Pace,
    tally: &Mutex<Tally>,
) {
    let (jobs, waiting) = sync_channel(0);
    let waiting = Arc::new(Mutex::new(waiting));
    thread::scope(|scope| {
        for _ in 0..pace.clients {
            let waiting = Arc::clone(&waiting);
            scope.spawn(move || work(&waiting, client, pace, tally));
        }
        // The clients alone hold the other end, so that nothing is sent to nobody.
        drop(waiting);
        dispatch(actions, pace, &jobs);
        drop(jobs);
    });
}

fn dispatch(actions: impl Iterator<Item = Action>, pace: Pace, jobs: &SyncSender<Job>) {
    let mut last: HashMap<String, Arc<Turn>> = HashMap::new();
    for action in actions {
        if let Some(speed) = pace.speed {
            thread::sleep(Duration::from_micros(action.delay_micros).div_f64(speed));
        }
        if pace.until.is_some_and(|until| Instant::now() >= until) {
            return;
        }
        let done = Arc::new(Turn::default());
        let people = action.people();
        let after = people.filter_map(|p| last.insert(p.to_owned(), done.clone())).collect();
        if jobs.send(Job { action, after, done }).is_err() {
            return;
        }
    }
}

/// Jobs are taken in their order, so whatever one waits for is under way already.
fn work(waiting: &Mutex<Receiver<Job>>, client: &Client, pace: Pace, tally: &Mutex<Tally>) {
    // Each client has connections of its own.
    let client = client.another();
    loop {
        let job = locked(waiting).recv();
        let Ok(Job { action, after, done }) = job else { return };
        after.iter().for_each(|turn| turn.wait());
        act(&client, &action, pace.patient, tally);
        done.finish();
    }
}

fn act(client: &Client, action: &Action, patient: bool, tally: &Mutex<Tally>) {
    let first = Instant::now();
    for attempt in 0.. {
        let began = Instant::now();
        let mut outcome = client.act(action);
        let taken = outcome == Err(Trouble::Status(400)) && action.kind() == Kind::Register;
        if attempt > 0 && taken {
            // An earlier attempt got through, only its answer did not.
            outcome = Ok(());
        }
        let again = patient
            && first.elapsed() < RETRY_FOR
            && outcome.as_ref().is_err_and(Trouble::may_pass);
        let mut tally = locked(tally);
        tally.count(action.kind(), began, &outcome);
        if !again {
            return tally.note(action, began, &outcome);
        }
        drop(tally);
        thread::sleep(RETRY_PAUSE);
    }
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

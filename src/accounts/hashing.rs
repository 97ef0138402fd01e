//! The threads that hash passwords, so that those that serve pages never do.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use super::BcryptCost;
use super::password::{self, Verdict};
use crate::domain::Password;
use crate::telemetry::metrics;

/// Threads that hash, if the machine has twice as many cores: there is always one on which a page
/// need not even interrupt them.
const MAX_THREADS: usize = 2;

/// Passwords that may wait. At 75 ms a hash (bcrypt cost 10) on one thread the last of them
/// waits 4.8 s: longer than that, somebody in front of a browser had better be told.
const QUEUE: usize = 64;

/// Passwords that can be on their way at once: beyond that the pool is [`Busy`].
pub(super) const MAX_UNDER_WAY: usize = MAX_THREADS + QUEUE;

type Job = Box<dyn FnOnce() + Send>;

/// A small pool of threads at the lowest priority that makes and verifies password hashes: a
/// hundred registrations at once take their time, and pages are served as if there were none.
/// Dropping the pool ends its threads.
pub struct HashingPool {
    cost: BcryptCost,
    jobs: SyncSender<Job>,
}

/// Too many passwords wait already: the client should come again after [`Busy::RETRY_AFTER`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords wait to be hashed")]
pub struct Busy;

impl Busy {
    /// When a full queue has been worked off, with some to spare.
    pub const RETRY_AFTER: Duration = Duration::from_secs(5);
}

impl HashingPool {
    /// Starts the threads; an error if the system gives none. New hashes are made at `cost`.
    pub fn new(cost: BcryptCost) -> io::Result<Self> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Self::start(cost, (cores / 2).clamp(1, MAX_THREADS), QUEUE)
    }

    fn start(cost: BcryptCost, threads: usize, queue: usize) -> io::Result<Self> {
        let (jobs, waiting) = sync_channel(queue);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..threads {
            let waiting = Arc::clone(&waiting);
            thread::Builder::new()
                .name("password-hash".into())
                .spawn(move || work_off(&waiting))?;
        }
        Ok(Self { cost, jobs })
    }

    /// A new bcrypt hash (`$2b$…`).
    pub async fn hash(&self, password: Password) -> Result<String, Busy> {
        let cost = self.cost;
        let hashed = self.run(move || password::hash(&password, cost)).await?;
        hashed.map_err(|error| {
            log::error!("cannot hash a password: {error}");
            Busy
        })
    }

    /// Measures a password by a stored hash, whatever that is.
    pub async fn verify(&self, password: Password, stored: String) -> Result<Verdict, Busy> {
        let cost = self.cost;
        self.run(move || password::verify(&password, &stored, cost)).await
    }

    /// Has one of the threads do the work, unless the future is dropped before its turn comes:
    /// then whoever asked is gone, and others wait.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let (reply, answer) = oneshot::channel();
        let waiting = metrics().hashing_waiting.hold();
        let job = move || {
            drop(waiting);
            if !reply.is_closed() {
                let _ = reply.send(work());
            }
        };
        self.jobs.try_send(Box::new(job)).map_err(|_| {
            metrics().hashing_refusals.inc();
            Busy
        })?;
        answer.await.map_err(|_| Busy)
    }
}

/// Does one job after the other until the pool is dropped.
fn work_off(waiting: &Mutex<Receiver<Job>>) {
    step_back();
    loop {
        // The lock is held while waiting, not while hashing.
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // A panic would cost one answer; it must not cost the thread.
        if catch_unwind(AssertUnwindSafe(job)).is_err() {
            log::error!("a password was not hashed: the thread panicked");
        }
    }
}

/// Gives this thread the lowest priority. On Linux, `nice` concerns only the calling thread,
/// contrary to POSIX; elsewhere it would slow down the pages too, so it is left alone.
fn step_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(19) {
        log::warn!("cannot lower the priority of a password thread: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::sync::mpsc;

    use futures_util::FutureExt;
    use futures_util::future::join_all;

    fn pool(threads: usize, queue: usize) -> HashingPool {
        HashingPool::start("4".parse().unwrap(), threads, queue).unwrap()
    }

    /// Keeps the one thread of a pool busy until the returned sender is used or dropped.
    async fn occupy(pool: &HashingPool) -> mpsc::Sender<()> {
        let (release, held) = mpsc::channel();
        let (started, has_started) = oneshot::channel();
        let job = move || {
            let _ = started.send(());
            let _ = held.recv();
        };
        pool.jobs.try_send(Box::new(job)).ok().unwrap();
        has_started.await.unwrap();
        release
    }

    #[tokio::test]
    async fn a_registered_password_signs_in() {
        let pool = pool(2, 4);
        let stored = pool.hash(Password::new("right")).await.unwrap();
        assert!(stored.starts_with("$2b$04$"), "{stored}");
        let verdict = |password| pool.verify(Password::new(password), stored.clone());
        assert!(verdict("right").await == Ok(Verdict::Right));
        assert!(verdict("wrong").await == Ok(Verdict::Wrong));
    }

    #[tokio::test]
    async fn fifty_registrations_at_once_are_all_hashed() {
        let pool = pool(2, QUEUE);
        let all = join_all((0..50).map(|i| pool.hash(Password::new(i.to_string())))).await;
        assert_eq!(all.iter().filter(|hashed| hashed.is_ok()).count(), 50, "{all:?}");
    }

    #[tokio::test]
    async fn beyond_the_queue_clients_are_sent_away_at_once() {
        let pool = pool(1, 2);
        let release = occupy(&pool).await;
        let mut waiting =
            [pool.hash(Password::new("a")).boxed(), pool.hash(Password::new("b")).boxed()];
        for waits in &mut waiting {
            assert_eq!(waits.now_or_never(), None);
        }
        assert_eq!(pool.hash(Password::new("c")).now_or_never(), Some(Err(Busy)));
        drop(release);
        for waits in waiting {
            assert!(waits.await.is_ok());
        }
    }

    #[tokio::test]
    async fn nothing_is_hashed_for_who_went_away() {
        let pool = pool(1, 2);
        let release = occupy(&pool).await;
        let (worked, has_worked) = mpsc::channel();
        let mut impatient = pool.run(move || worked.send(())).boxed();
        assert!(impatient.as_mut().now_or_never().is_none());
        drop(impatient);
        drop(release);
        pool.run(|| ()).await.unwrap();
        assert_eq!(has_worked.try_recv(), Err(mpsc::TryRecvError::Disconnected));
    }

    #[tokio::test]
    async fn a_panic_costs_one_answer_and_no_thread() {
        let pool = pool(1, 2);
        assert_eq!(pool.run(|| panic!("as a test")).await, Err::<(), _>(Busy));
        assert_eq!(pool.run(|| "still here").await, Ok("still here"));
    }

    #[tokio::test]
    async fn the_threads_end_with_the_pool() {
        thread_local! {
            static UNTIL_THE_END: RefCell<Option<mpsc::Sender<()>>> = const { RefCell::new(None) };
        }
        let (ends, has_ended) = mpsc::channel();
        let pool = pool(1, 1);
        pool.run(move || UNTIL_THE_END.set(Some(ends))).await.unwrap();
        assert_eq!(has_ended.try_recv(), Err(mpsc::TryRecvError::Empty));
        drop(pool);
        let ended = has_ended.recv_timeout(Duration::from_secs(60));
        assert_eq!(ended, Err(mpsc::RecvTimeoutError::Disconnected));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn only_the_pools_threads_step_back() {
        let niceness = || rustix::process::getpriority_process(None).unwrap();
        let before = niceness();
        assert_eq!(pool(1, 1).run(niceness).await, Ok(19));
        assert_eq!(niceness(), before);
    }
}

//! The one task that stores messages and the simulator's `latest`, many in one statement.
//!
//! A commit waits for the disk; whatever arrives meanwhile goes into the next statement together
//! and is answered after its commit. So a server needs one commit for many messages, and each
//! server has its own row for `latest`, which nobody else waits for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::errors::{self, Fate, fate};
use super::lanes::{DEADLINE, Lanes};
use super::value;
use crate::domain::{MessageText, UnixSeconds};
use crate::storage::{Error, Result};
use crate::telemetry::{Held, metrics};

/// Stores messages ($1 authors, $2 texts, $3 dates) in the order given, and notes `latest` ($4,
/// unless null) for this server ($5). Returns the places of messages whose author is nobody. The
/// author is looked up in a subquery, because a join might read all users.
const STORE: &str = r#"
    WITH batch AS MATERIALIZED (
        SELECT (SELECT user_id FROM "user" WHERE username = author) AS author_id,
               body, posted, place
        FROM unnest($1::text[], $2::text[], $3::bigint[])
             WITH ORDINALITY AS given (author, body, posted, place)
    ), stored AS (
        INSERT INTO message (author_id, text, pub_date)
        SELECT author_id, body, posted FROM batch WHERE author_id IS NOT NULL ORDER BY place
    ), noted AS (
        INSERT INTO latest AS l (server, latest, noted_at)
        SELECT $5::text::uuid, $4::bigint, at FROM (
            SELECT greatest((SELECT max(noted_at) + 1 FROM latest),
                            (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) AS at
        ) now WHERE $4 IS NOT NULL
        ON CONFLICT (server) DO UPDATE
        SET latest = excluded.latest, noted_at = excluded.noted_at
    )
    SELECT place FROM batch WHERE author_id IS NULL"#;

/// Notes `latest` ($1) for this server ($2) alone. Everybody sees it at once; it may reach the
/// disk a moment later, but before whatever is committed after it.
const NOTE: &str = "
    INSERT INTO latest AS l (server, latest, noted_at)
    SELECT $2::text::uuid, $1::bigint,
           greatest((SELECT max(noted_at) + 1 FROM latest),
                    (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
    FROM set_config('synchronous_commit', 'off', true)
    ON CONFLICT (server) DO UPDATE SET latest = excluded.latest, noted_at = excluded.noted_at";

/// All statements of this file.
pub(super) const ALL: [&str; 2] = [STORE, NOTE];

/// What may wait. Far below a second's work; beyond it callers are told to come back.
const QUEUE: usize = 4096;

/// Messages in one statement, so that the first of a long queue is not answered last.
const BATCH: usize = 512;

/// The way to the task. It ends when this is dropped.
pub(super) struct Scribe {
    orders: mpsc::Sender<Order>,
    lanes: Arc<Lanes>,
    /// Notes that were asked for and have not been answered.
    notes: AtomicUsize,
}

/// Something to write, for somebody who waits for it.
struct Order {
    what: What,
    /// Set by the task when it begins, or by the caller who gives up before that.
    taken: Arc<AtomicBool>,
    reply: oneshot::Sender<Result<()>>,
    _waiting: Held,
}

enum What {
    Message(Post),
    Latest(i64),
    /// Nothing: only that all before it is done.
    Mark,
}

struct Post {
    author: String,
    text: MessageText,
    pub_date: UnixSeconds,
}

impl Scribe {
    /// Starts the task. `server` is 32 hexadecimal digits that no other server has.
    pub(super) fn start(lanes: Arc<Lanes>, server: String) -> Self {
        let (orders, queue) = mpsc::channel(QUEUE);
        tokio::spawn(Desk { lanes: lanes.clone(), server }.work(queue));
        Self { orders, lanes, notes: AtomicUsize::new(0) }
    }

    /// Stores a message by a user of exactly that name.
    pub(super) async fn store(
        &self,
        author: &str,
        text: MessageText,
        pub_date: UnixSeconds,
    ) -> Result<()> {
        self.order(What::Message(Post { author: author.to_owned(), text, pub_date })).await
    }

    /// Notes a `latest`.
    pub(super) async fn note(&self, latest: i64) -> Result<()> {
        self.notes.fetch_add(1, Ordering::AcqRel);
        let _asked = Asked(&self.notes);
        self.order(What::Latest(latest)).await
    }

    /// Waits until every `latest` that was to be noted before is, so that whatever is committed
    /// from now on takes it along to the disk.
    pub(super) async fn all_noted(&self) -> Result<()> {
        match self.notes.load(Ordering::Acquire) {
            0 => Ok(()),
            _ => self.order(What::Mark).await,
        }
    }

    async fn order(&self, what: What) -> Result<()> {
        // At once, rather than to wait in vain while Postgres is away.
        drop(self.lanes.claim_scribes().await?);
        let (reply, outcome) = oneshot::channel();
        let taken = Arc::new(AtomicBool::new(false));
        let _waiting = metrics().writes_waiting.hold();
        let order = Order { what, taken: taken.clone(), reply, _waiting };
        let busy = |_| Error::Unavailable("too many writes are waiting".into());
        self.orders.try_send(order).map_err(busy)?;
        match timeout(DEADLINE, outcome).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Error::Uncertain("the writer ended".into())),
            Err(_) => {
                self.lanes.doubt();
                match taken.swap(true, Ordering::AcqRel) {
                    false => Err(Error::Unavailable("Postgres is too slow".into())),
                    true => Err(Error::Uncertain("Postgres did not answer in time".into())),
                }
            }
        }
    }
}

/// A note that somebody waits for.
struct Asked<'a>(&'a AtomicUsize);

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// What the task works with.
struct Desk {
    lanes: Arc<Lanes>,
    server: String,
}

/// What goes into one statement.
#[derive(Default)]
struct Batch {
    posts: Vec<Post>,
    /// Who waits for the post of the same place.
    authors: Vec<oneshot::Sender<Result<()>>>,
    /// The last one asked for.
    latest: Option<i64>,
    /// Who waits for a note, or for all before it.
    others: Vec<oneshot::Sender<Result<()>>>,
}

impl Desk {
    async fn work(self, mut queue: mpsc::Receiver<Order>) {
        let mut orders = Vec::with_capacity(BATCH);
        while queue.recv_many(&mut orders, BATCH).await > 0 {
            let mut batch = Batch::default();
            orders.drain(..).for_each(|order| batch.add(order));
            self.write(batch).await;
        }
    }

    /// Writes all in one statement. If that fails for what one of them is, each in one of its own.
    async fn write(&self, mut batch: Batch) {
        match self.send(&batch.posts, batch.latest).await {
            Err(Refusal::OfOne(_)) if batch.posts.len() > 1 => {
                for (post, author) in batch.posts.drain(..).zip(batch.authors.drain(..)) {
                    let alone =
                        Batch { posts: vec![post], authors: vec![author], ..Batch::default() };
                    let outcome = self.send(&alone.posts, None).await;
                    alone.answer(outcome);
                }
                let outcome = self.send(&[], batch.latest).await;
                batch.answer(outcome);
            }
            outcome => batch.answer(outcome),
        }
    }

    /// The places of posts whose author is nobody, counted from 1.
    async fn send(
        &self,
        posts: &[Post],
        latest: Option<i64>,
    ) -> std::result::Result<Vec<i64>, Refusal> {
        let claim = self.lanes.claim_scribes().await.map_err(Refusal::OfAll)?;
        let outcome = match (posts.is_empty(), latest) {
            (true, None) => return Ok(Vec::new()),
            (true, Some(_)) => claim.session().query(NOTE, &[&latest, &self.server]).await,
            (false, _) => {
                let authors: Vec<&str> = posts.iter().map(|post| post.author.as_str()).collect();
                let texts: Vec<&str> = posts.iter().map(|post| post.text.as_str()).collect();
                let dates: Vec<UnixSeconds> = posts.iter().map(|post| post.pub_date).collect();
                let session = claim.session();
                session.query(STORE, &[&authors, &texts, &dates, &latest, &self.server]).await
            }
        };
        let rows = outcome.map_err(|error| {
            let error = self.lanes.noted(&claim, error);
            match fate(&error) {
                Fate::Failed => Refusal::OfOne(errors::of_write(&error)),
                _ => Refusal::OfAll(errors::of_write(&error)),
            }
        })?;
        if !posts.is_empty() {
            metrics().commit_writes.observe(posts.len() as f64);
        }
        rows.iter().map(|row| value(row, 0).map_err(Refusal::OfAll)).collect()
    }
}

/// Why a statement was not carried out.
enum Refusal {
    /// Because of something in it: the others might pass without that.
    OfOne(Error),
    /// Whatever is in it.
    OfAll(Error),
}

impl Batch {
    /// Takes an order in, unless nobody waits for it any more.
    fn add(&mut self, Order { what, taken, reply, .. }: Order) {
        if taken.swap(true, Ordering::AcqRel) {
            return;
        }
        match what {
            What::Message(post) => {
                self.posts.push(post);
                self.authors.push(reply);
                return;
            }
            What::Latest(latest) => self.latest = Some(latest),
            What::Mark => {}
        }
        self.others.push(reply);
    }

    /// Tells everybody what became of theirs. Who gave up waiting is not told.
    fn answer(self, outcome: std::result::Result<Vec<i64>, Refusal>) {
        let nobodys = match outcome {
            Ok(places) => places,
            Err(Refusal::OfOne(error) | Refusal::OfAll(error)) => {
                for reply in self.authors.into_iter().chain(self.others) {
                    let _ = reply.send(Err(error.again()));
                }
                return;
            }
        };
        for (place, reply) in (1..).zip(self.authors) {
            let is_nobodys = nobodys.contains(&place);
            let _ = reply.send(if is_nobodys { Err(Error::UnknownUser) } else { Ok(()) });
        }
        for reply in self.others {
            let _ = reply.send(Ok(()));
        }
    }
}

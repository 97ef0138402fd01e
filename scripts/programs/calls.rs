//! What each call of the storage trait costs that a page or a call of the simulator makes,
//! without HTTP, without rendering, and with nothing kept from one to the next.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use minitwit::domain::{
    Cursor, Email, MessageText, NewAccount, PAGE_SIZE, SessionKey, TimelineOf, UnixSeconds, UserId,
    Username,
};
use minitwit::storage::{self, Database, Storage};
use serde::Serialize;

use crate::data_set::{
    FOLLOWS_100, FOLLOWS_1000_ACTIVE, FOLLOWS_1000_SILENT, FOLLOWS_NOBODY, Random, WRITERS,
    pub_date, username,
};

/// Something that a page or a call of the simulator asks for.
#[derive(Clone, Copy)]
enum Call {
    Newest { rows: usize },
    Older,
    ByActive { authors: i64, rows: usize },
    ByAnybody,
    OlderBy,
    Home(&'static str),
    OlderHome,
    User,
    Session,
    Latest,
    IsFollowing,
    FollowedBy,
    Register,
    Message,
    FollowAndUnfollow,
    SignInAndOut,
    NoteLatest,
}

/// How many ask at once where many do.
const CROWD: usize = 64;

/// A page, and the one message too many that tells whether there are older ones.
const PAGE: usize = PAGE_SIZE + 1;

/// The calls by their names in the results, and how many make them at once. Where a size could
/// change how much comes back, only authors are asked for who fill the page at every size.
const READS: &[(&str, Call, usize)] = &[
    ("public timeline", Call::Newest { rows: PAGE }, 1),
    ("public timeline, an older page", Call::Older, 1),
    ("100 newest messages", Call::Newest { rows: 100 }, 1),
    ("100 newest of an author", Call::ByActive { authors: 2, rows: 100 }, 1),
    ("an author's page", Call::ByActive { authors: 10, rows: PAGE }, 1),
    ("an author's page, any author", Call::ByAnybody, 1),
    ("an author's page, an older one", Call::OlderBy, 1),
    ("personal timeline, 100 followed", Call::Home(FOLLOWS_100), 1),
    ("personal timeline, an older page", Call::OlderHome, 1),
    ("personal timeline, 1,000 active", Call::Home(FOLLOWS_1000_ACTIVE), 1),
    ("personal timeline, 1,000 silent", Call::Home(FOLLOWS_1000_SILENT), 1),
    ("personal timeline, nobody followed", Call::Home(FOLLOWS_NOBODY), 1),
    ("a user by name", Call::User, 1),
    ("who is signed in", Call::Session, 1),
    ("whether one follows another", Call::IsFollowing, 1),
    ("whom a user follows", Call::FollowedBy, 1),
    ("latest", Call::Latest, 1),
];

/// The same of those that change something. They come after all rounds of the reads, which so
/// find what the data set holds.
const WRITES: &[(&str, Call, usize)] = &[
    ("note latest", Call::NoteLatest, 1),
    ("register", Call::Register, 1),
    ("message", Call::Message, 1),
    ("follow or unfollow", Call::FollowAndUnfollow, 1),
    ("sign in or out", Call::SignInAndOut, 1),
    ("register, 64 at once", Call::Register, CROWD),
    ("follow or unfollow, 64 at once", Call::FollowAndUnfollow, CROWD),
    ("sign in or out, 64 at once", Call::SignInAndOut, CROWD),
    ("message, 64 at once", Call::Message, CROWD),
];

/// How long nothing is asked for after a round, so that what crowds have left to do, such as
/// copying SQLite's log, is not counted for the next one's single calls.
const REST: Duration = Duration::from_secs(1);

/// What one call costs on one database.
#[derive(Serialize)]
pub(crate) struct Timing {
    call: &'static str,
    /// Microseconds: the mean of each round.
    micros: Vec<f64>,
    /// Rows that came back, on average.
    rows: f64,
}

/// Times all calls on all databases. The databases take turns, so that a disturbance hits all of
/// them; a first round, in which caches fill, does not count.
pub(crate) async fn time(
    databases: &[Database],
    rounds: usize,
    round: Duration,
) -> Result<Vec<Vec<Timing>>, Box<dyn Error>> {
    let mut worlds = Vec::new();
    let mut timings = Vec::new();
    let nothing = |&(call, ..): &(_, Call, usize)| Timing { call, micros: Vec::new(), rows: 0.0 };
    for database in databases {
        worlds.push(World::open(database).await?);
        timings.push(READS.iter().chain(WRITES).map(nothing).collect::<Vec<_>>());
    }
    for (calls, first) in [(READS, 0), (WRITES, READS.len())] {
        for number in 0..=rounds {
            for (place, &(_, call, at_once)) in (first..).zip(calls) {
                for (world, timings) in worlds.iter().zip(&mut timings) {
                    let (micros, rows) = world.repeat(call, at_once, round).await?;
                    if number > 0 {
                        timings[place].micros.push(micros);
                        timings[place].rows = rows;
                    }
                }
            }
            tokio::time::sleep(REST).await;
        }
    }
    for world in worlds {
        world.storage.close().await;
    }
    Ok(timings)
}

/// An open database, and what is known of what is in it.
struct World {
    storage: Arc<dyn Storage>,
    messages: i64,
    readers: BTreeMap<&'static str, UserId>,
    /// Calls so far: each gets a number of its own.
    calls: Cell<u64>,
}

/// Of the reader who follows 100.
const SESSION: SessionKey = SessionKey([7; 32]);
const NOW: UnixSeconds = 1_750_000_000;
const LATER: UnixSeconds = 2 * NOW;

impl World {
    async fn open(database: &Database) -> Result<Self, Box<dyn Error>> {
        let (storage, _) = storage::open(database).await?;
        let newest = storage.timeline(TimelineOf::Everybody, None, 1).await?;
        let messages = newest.first().ok_or("the database is empty")?.id;
        let mut readers = BTreeMap::new();
        for name in [FOLLOWS_100, FOLLOWS_1000_ACTIVE, FOLLOWS_1000_SILENT, FOLLOWS_NOBODY] {
            readers.insert(name, storage.user(name).await?.id);
        }
        storage.begin_session(readers[FOLLOWS_100], SESSION, NOW, LATER).await?;
        Ok(Self { storage, messages, readers, calls: Cell::new(0) })
    }

    /// Makes a call over and over for a round, so many at once. Microseconds for one of them, on
    /// average, and the rows that came back.
    async fn repeat(
        &self,
        call: Call,
        at_once: usize,
        round: Duration,
    ) -> storage::Result<(f64, f64)> {
        let start = Instant::now();
        let one_after_another = async || {
            let (mut calls, mut rows) = (0.0, 0.0);
            while start.elapsed() < round {
                rows += self.make(call).await? as f64;
                calls += 1.0;
            }
            storage::Result::Ok((calls, rows))
        };
        let done = try_join_all((0..at_once).map(|_| one_after_another())).await?;
        let calls: f64 = done.iter().map(|(calls, _)| calls).sum();
        let rows: f64 = done.iter().map(|(_, rows)| rows).sum();
        let parts = match call {
            Call::FollowAndUnfollow | Call::SignInAndOut => 2.0,
            _ => 1.0,
        };
        Ok((start.elapsed().as_secs_f64() * 1e6 / calls / parts, rows / calls))
    }

    /// Makes a call; how many rows came back.
    async fn make(&self, call: Call) -> storage::Result<usize> {
        let storage = &*self.storage;
        let number = self.calls.get() + 1;
        self.calls.set(number);
        let mut random = Random(number);
        let page = async |of: TimelineOf<'_>, before: Option<Cursor>, rows: usize| {
            Ok(storage.timeline(of, before, rows).await?.len())
        };
        match call {
            Call::Newest { rows } => page(TimelineOf::Everybody, None, rows).await,
            Call::Older => page(TimelineOf::Everybody, Some(self.place(&mut random)), PAGE).await,
            Call::ByActive { authors, rows } => {
                let name = username(1 + random.below(authors));
                page(TimelineOf::Author(&name), None, rows).await
            }
            Call::ByAnybody => page(TimelineOf::Author(&writer(&mut random)), None, PAGE).await,
            Call::OlderBy => {
                let place = Some(self.place(&mut random));
                page(TimelineOf::Author(&username(1 + random.below(4))), place, PAGE).await
            }
            Call::Home(reader) => page(TimelineOf::Reader(self.readers[reader]), None, PAGE).await,
            Call::OlderHome => {
                let reader = TimelineOf::Reader(self.readers[FOLLOWS_100]);
                page(reader, Some(self.place(&mut random)), PAGE).await
            }
            Call::User => storage.user(&writer(&mut random)).await.map(|_| 1),
            Call::Session => Ok(storage.session_user(SESSION, NOW).await?.into_iter().count()),
            Call::Latest => storage.latest().await.map(|_| 1),
            Call::IsFollowing => {
                let who = self.readers[FOLLOWS_1000_ACTIVE];
                storage.is_following(who, &writer(&mut random)).await.map(usize::from)
            }
            Call::FollowedBy => Ok(storage.followed_by(&writer(&mut random), 100).await?.len()),
            Call::Register => storage.register(newcomer(number)).await.map(|_| 0),
            Call::Message => {
                let text = checked(MessageText::parse("as long as messages are, or about so long"));
                storage.record_message(&writer(&mut random), text, NOW).await.map(|()| 0)
            }
            Call::FollowAndUnfollow => {
                let (who, whom) = (writer(&mut random), writer(&mut random));
                storage.follow(&who, &whom).await?;
                storage.unfollow(&who, &whom).await.map(|()| 0)
            }
            Call::SignInAndOut => {
                let mut key = [0; 32];
                key[..8].copy_from_slice(&number.to_be_bytes());
                let user = self.readers[FOLLOWS_NOBODY];
                storage.begin_session(user, SessionKey(key), NOW, LATER).await?;
                storage.end_session(SessionKey(key)).await.map(|()| 0)
            }
            Call::NoteLatest => storage.note_latest(number as i64).await.map(|()| 0),
        }
    }

    /// Somewhere among the newer half of all messages, so that a page is full from there on.
    fn place(&self, random: &mut Random) -> Cursor {
        let message_id = self.messages - random.below(self.messages / 2);
        Cursor { pub_date: pub_date(message_id - 1, self.messages), message_id }
    }
}

/// Somebody who writes, each as likely as the other.
fn writer(random: &mut Random) -> String {
    username(1 + random.below(WRITERS))
}

fn newcomer(number: u64) -> NewAccount {
    NewAccount {
        username: checked(Username::parse(&format!("newcomer {number}"))),
        email: checked(Email::parse("newcomer@example.org").ok_or("no address")),
        pw_hash: "$2b$04$as long as the hash of a password is, and nobody's at all".into(),
    }
}

/// What is written above can be stored.
fn checked<T, E: std::fmt::Debug>(parsed: Result<T, E>) -> T {
    parsed.expect("it can be stored")
}

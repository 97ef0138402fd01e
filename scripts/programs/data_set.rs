//! 10,000 users, 100,000 follows and as many messages as wanted, always the same ones. A few
//! users write much and many write little; a tenth writes nothing. Four readers follow whom it
//! is dear, or easy, to read.

use std::path::Path;

use rusqlite::{Connection, Result, params};

/// Users 1 to `WRITERS`, called `user_00001` and so on, write and are followed.
pub(crate) const WRITERS: i64 = 8_996;
/// The next ones never wrote a message.
const SILENT: i64 = 1_000;
const FOLLOWS: usize = 100_000;

/// The readers, the last of the 10,000 users.
pub(crate) const FOLLOWS_100: &str = "follows_100";
pub(crate) const FOLLOWS_1000_ACTIVE: &str = "follows_1000_active";
pub(crate) const FOLLOWS_1000_SILENT: &str = "follows_1000_silent";
pub(crate) const FOLLOWS_NOBODY: &str = "follows_nobody";

/// Everybody's password, hashed at bcrypt's lowest cost: only the readers ever sign in.
const PASSWORD: &str = "bench";
const SALT: [u8; 16] = *b"always the same.";

/// When the first message was posted; there are three in one second, and then a pause of five
/// minutes, or less where so many messages would go on into the future.
const FIRST_POST: i64 = 1_600_000_000;
const LONGEST_PAUSE_SECONDS: i64 = 300;
const MOST_SECONDS: i64 = 100_000_000;

/// Words and their like to make messages of. A name and an address become links on a page.
const WORDS: &str = "bread rain the again and morning train late coffee two green window \
    who forgot umbrella <3 harbour bicycle quiet with a garden seven snow? finally reading \
    \"old\" letters by lamp zoë tomorrow perhaps soup & stairs not yet river walk @user_00007 \
    https://example.org/a?b=1&c=2";

/// Fills the database, which holds nobody yet.
pub(crate) fn fill(database: &Path, messages: i64) -> Result<()> {
    let mut connection = Connection::open(database)?;
    connection.execute_batch(
        "PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -500000;",
    )?;
    let transaction = connection.transaction()?;
    let mut random = Random(2);
    add_users(&transaction)?;
    add_follows(&transaction, &mut random)?;
    add_messages(&transaction, &mut random, messages)?;
    transaction.commit()
}

fn add_users(connection: &Connection) -> Result<()> {
    let hash = bcrypt::hash_with_salt(PASSWORD, 4, SALT).map_err(other)?.to_string();
    let mut insert =
        connection.prepare("INSERT INTO user (username, email, pw_hash) VALUES (?, ?, ?)")?;
    let everybody = (1..=WRITERS + SILENT).map(username);
    let readers = [FOLLOWS_100, FOLLOWS_1000_ACTIVE, FOLLOWS_1000_SILENT, FOLLOWS_NOBODY];
    for name in everybody.chain(readers.map(String::from)) {
        insert.execute(params![name, format!("{name}@example.org"), hash])?;
    }
    Ok(())
}

fn add_follows(connection: &Connection, random: &mut Random) -> Result<()> {
    let mut insert =
        connection.prepare("INSERT OR IGNORE INTO follower (who_id, whom_id) VALUES (?, ?)")?;
    let follows_100 = WRITERS + SILENT + 1;
    let mut count = 0;
    // Spread evenly, from who writes most to who writes least.
    let spread = |n: i64| (0..n).map(move |i| 1 + i * WRITERS / n);
    for whom in spread(100) {
        count += insert.execute((follows_100, whom))?;
    }
    for whom in spread(1_000) {
        count += insert.execute((follows_100 + 1, whom))?;
    }
    for whom in WRITERS + 1..=WRITERS + SILENT {
        count += insert.execute((follows_100 + 2, whom))?;
    }
    while count < FOLLOWS {
        count += insert.execute((1 + random.below(WRITERS + SILENT), random.writer()))?;
    }
    Ok(())
}

fn add_messages(connection: &Connection, random: &mut Random, messages: i64) -> Result<()> {
    let mut insert =
        connection.prepare("INSERT INTO message (author_id, text, pub_date) VALUES (?, ?, ?)")?;
    let words: Vec<_> = WORDS.split(' ').collect();
    for i in 0..messages {
        insert.execute(params![random.writer(), random.text(&words), pub_date(i, messages)])?;
    }
    Ok(())
}

/// When the `n`th of so many messages was posted, counted from 0.
pub(crate) fn pub_date(n: i64, messages: i64) -> i64 {
    let pause = (3 * MOST_SECONDS / messages.max(1)).clamp(1, LONGEST_PAUSE_SECONDS);
    FIRST_POST + n / 3 * pause
}

/// The name of a user who is not one of the readers.
pub(crate) fn username(id: i64) -> String {
    format!("user_{id:05}")
}

fn other(error: bcrypt::BcryptError) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(error.into())
}

/// Sebastiano Vigna's SplitMix64: the same numbers everywhere and for ever.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 on, below the end.
    pub(crate) fn below(&mut self, end: i64) -> i64 {
        (self.next() >> 1) as i64 % end
    }

    /// A writer's id: one in a hundred writers writes a fifth of everything, and the last one
    /// still a third of the average.
    fn writer(&mut self) -> i64 {
        let even = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        1 + (even.powi(3) * WRITERS as f64) as i64
    }

    fn text(&mut self, words: &[&str]) -> String {
        let length = 6 + self.below(12);
        let pick = |_| words[self.below(words.len() as i64) as usize];
        (0..length).map(pick).collect::<Vec<_>>().join(" ")
    }
}

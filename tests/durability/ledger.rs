//! What clients were told is stored, to be compared with what is.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::support::{Answer, Simulator};

/// A call that stores something, with the `latest` it carried.
struct Call {
    latest: i64,
    begun: Instant,
    /// When it was acknowledged, if it ever was.
    acknowledged: Option<Instant>,
}

/// Everything that was acknowledged, over all clients and rounds.
#[derive(Default)]
pub(crate) struct Ledger {
    next: AtomicI64,
    calls: Mutex<Vec<Call>>,
    users: Mutex<Vec<String>>,
    messages: Mutex<Vec<String>>,
}

impl Ledger {
    /// A number nobody has used: the `latest` of the next call.
    fn next(&self) -> i64 {
        self.next.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Makes a call. `None` if the server did not live to answer.
    fn call(&self, simulator: &Simulator, path: &str, latest: i64, body: &Value) -> Option<Answer> {
        let begun = Instant::now();
        let answer = simulator.attempt(&format!("{path}?latest={latest}"), body);
        let done = answer.as_ref().is_some_and(|answer| answer.status == 204);
        let acknowledged = done.then(Instant::now);
        self.calls.lock().unwrap().push(Call { latest, begun, acknowledged });
        answer
    }

    /// Registers a user whose name nobody has.
    pub(crate) fn register(&self, simulator: &Simulator) -> Option<Answer> {
        let latest = self.next();
        let name = format!("user {latest}");
        let body = json!({"username": name, "email": "somebody@example.org", "pwd": "x"});
        let answer = self.call(simulator, "/register", latest, &body)?;
        if answer.status == 204 {
            self.users.lock().unwrap().push(name);
        }
        Some(answer)
    }

    /// Posts a message of which there is no other.
    pub(crate) fn post(&self, simulator: &Simulator, author: &str) -> Option<Answer> {
        let latest = self.next();
        let text = format!("message {latest} of {author}");
        let path = format!("/msgs/{author}");
        let answer = self.call(simulator, &path, latest, &json!({"content": text}))?;
        if answer.status == 204 {
            self.messages.lock().unwrap().push(text);
        }
        Some(answer)
    }

    /// Makes somebody follow somebody, or no longer.
    pub(crate) fn follow(
        &self,
        simulator: &Simulator,
        who: &str,
        whom: &str,
        follow: bool,
    ) -> Option<Answer> {
        let verb = if follow { "follow" } else { "unfollow" };
        self.call(simulator, &format!("/fllws/{who}"), self.next(), &json!({verb: whom}))
    }

    /// How many messages were acknowledged.
    pub(crate) fn messages(&self) -> usize {
        self.messages.lock().unwrap().len()
    }

    /// How many registrations were acknowledged.
    pub(crate) fn users(&self) -> usize {
        self.users.lock().unwrap().len()
    }

    /// Panics unless all that was acknowledged is stored once, in a database that is sound.
    #[track_caller]
    pub(crate) fn assert_kept(&self, database: &Connection) {
        let sound: String =
            database.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok");
        let users = column(database, "SELECT username FROM user");
        let users: HashSet<_> = users.iter().collect();
        for name in self.users.lock().unwrap().iter() {
            assert!(users.contains(name), "{name} was registered and is gone");
        }
        let all = column(database, "SELECT text FROM message");
        let messages: HashSet<_> = all.iter().collect();
        assert_eq!(all.len(), messages.len(), "a message was stored twice");
        for text in self.messages.lock().unwrap().iter() {
            assert!(messages.contains(text), "{text:?} was recorded and is gone");
        }
    }

    /// Panics if an acknowledged call came after the one whose `latest` this is.
    #[track_caller]
    pub(crate) fn assert_most_recent(&self, latest: i64) {
        let calls = self.calls.lock().unwrap();
        let noted = calls.iter().find(|call| call.latest == latest);
        let noted = noted.unwrap_or_else(|| panic!("no call carried {latest}"));
        let Some(over) = noted.acknowledged else { return };
        let later = calls.iter().find(|call| call.acknowledged.is_some() && call.begun > over);
        if let Some(later) = later {
            panic!("latest is {latest}, but {} came after it and was stored", later.latest);
        }
    }
}

fn column(database: &Connection, query: &str) -> Vec<String> {
    let mut statement = database.prepare(query).unwrap();
    statement.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

//! Whether everything the server acknowledged is there.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde::Serialize;

use super::client::{Client, Trouble};
use super::drive::locked;
use super::ledger::{Kept, Ledger};

/// What was looked for, and what was not found.
#[derive(Debug, Default, Serialize)]
pub(super) struct Check {
    pub(super) users: usize,
    pub(super) messages: usize,
    pub(super) follows: usize,
    /// One line for each thing that is not as acknowledged.
    pub(super) missing: Vec<String>,
}

/// Asks the server for everything in the ledger, with that many clients.
pub(super) fn check(ledger: &Ledger, client: &Client, clients: usize) -> Check {
    let found = Mutex::new(Check::default());
    let users: Vec<(&String, &Kept)> = ledger.users.iter().collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..clients {
            scope.spawn(|| {
                let client = client.another();
                while let Some((user, kept)) = users.get(next.fetch_add(1, Ordering::Relaxed)) {
                    check_user(user, kept, &client, &found);
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap_or_default();
    match client.latest() {
        Ok(latest) if ledger.may_be_latest(latest) == Some(false) => {
            found.missing.push(format!("latest is {latest}, which is not that of the last call"));
        }
        Ok(_) => {}
        Err(trouble) => found.missing.push(format!("latest: {}", trouble.word())),
    }
    found.missing.sort();
    found
}

fn check_user(user: &str, kept: &Kept, client: &Client, found: &Mutex<Check>) {
    let mut missing = Vec::new();
    if let Err(trouble) = compare(user, kept, client, &mut missing) {
        missing.push(format!("{user:?}: cannot be asked for: {}", trouble.word()));
    }
    let mut found = locked(found);
    found.users += usize::from(kept.registered);
    found.messages += kept.texts.values().sum::<usize>();
    found.follows += kept.follows.values().filter(|follows| follows.is_some()).count();
    found.missing.extend(missing);
}

fn compare(
    user: &str,
    kept: &Kept,
    client: &Client,
    missing: &mut Vec<String>,
) -> Result<(), Trouble> {
    let Some(follows) = client.follows_of(user)? else {
        missing.push(format!("{user:?}: there is no such user"));
        return Ok(());
    };
    for (whom, expected) in &kept.follows {
        match expected {
            Some(true) if !follows.contains(whom) => {
                missing.push(format!("{user:?} does not follow {whom:?}"));
            }
            Some(false) if follows.contains(whom) => {
                missing.push(format!("{user:?} still follows {whom:?}"));
            }
            _ => {}
        }
    }
    if kept.texts.is_empty() {
        return Ok(());
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for text in client.messages_of(user)?.unwrap_or_default() {
        *counts.entry(text).or_default() += 1;
    }
    for (text, expected) in &kept.texts {
        let there = counts.get(text).copied().unwrap_or(0);
        if there < *expected {
            missing.push(format!("{user:?}: {there} of {expected} messages {text:?}"));
        }
    }
    Ok(())
}

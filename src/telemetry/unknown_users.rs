//! Whom the simulator asks for in vain: users it once tried to register while nobody answered.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// Names kept at most: what strangers make up must not fill the memory.
const MAX_NAMES: usize = 1_000;

/// Characters kept of a name: as many as one that can be registered may have.
const MAX_CHARS: usize = 100;

/// The names asked for most often. When there are too many, a new one takes the place of the one
/// asked for least and goes on from its number: so none that is asked for often is missed, and
/// a number may be too high by what the least one had (Metwally, Agrawal and El Abbadi's
/// "space-saving", 2005).
pub(crate) struct UnknownUsers(Mutex<HashMap<String, u64>>);

/// A name that is nobody's, and how often it was asked for.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct UnknownUser {
    name: String,
    calls: u64,
}

impl UnknownUsers {
    pub(super) fn new() -> Self {
        Self(Mutex::default())
    }

    /// Notes that somebody asked for that name.
    pub(super) fn note(&self, name: &str) {
        let name: String = name.chars().take(MAX_CHARS).collect();
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(calls) = names.get_mut(&name) {
            *calls += 1;
            return;
        }
        let mut before = 0;
        if names.len() >= MAX_NAMES {
            let least = names.iter().min_by_key(|(_, calls)| **calls);
            if let Some((least, calls)) = least.map(|(name, calls)| (name.clone(), *calls)) {
                names.remove(&least);
                before = calls;
            }
        }
        names.insert(name, before + 1);
    }

    /// All names that are kept, those asked for most first.
    pub(crate) fn list(&self) -> Vec<UnknownUser> {
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let names = names.iter();
        let mut list: Vec<_> =
            names.map(|(name, calls)| UnknownUser { name: name.clone(), calls: *calls }).collect();
        list.sort_by(|a, b| b.calls.cmp(&a.calls).then_with(|| a.name.cmp(&b.name)));
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_asked_for_most_come_first() {
        let names = UnknownUsers::new();
        ["ada", "grace", "ada", "alan"].iter().for_each(|name| names.note(name));
        let list: Vec<_> = names.list().into_iter().map(|u| (u.name, u.calls)).collect();
        assert_eq!(list, [("ada".into(), 2), ("alan".into(), 1), ("grace".into(), 1)]);
    }

    #[test]
    fn no_flood_of_names_hides_one_that_is_asked_for_often() {
        let names = UnknownUsers::new();
        for n in 0..10 * MAX_NAMES {
            names.note(&format!("{n}{}", "x".repeat(MAX_CHARS)));
            names.note("ada");
        }
        let list = names.list();
        assert_eq!(list.len(), MAX_NAMES);
        assert_eq!(list[0], UnknownUser { name: "ada".into(), calls: 10 * MAX_NAMES as u64 });
        assert!(list.iter().all(|user| user.name.chars().count() <= MAX_CHARS));
    }
}

//! What the server has acknowledged, and so has to keep.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use super::action::{Action, Deed};
use super::client::Trouble;

/// What is known of one user.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Whether the registration was acknowledged.
    pub(super) registered: bool,
    /// Acknowledged texts, and how often each.
    pub(super) texts: BTreeMap<String, usize>,
    /// Whom they follow, or no longer; `None` where an answer did not come.
    pub(super) follows: BTreeMap<String, Option<bool>>,
}

/// What has to be there at the end.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) users: HashMap<String, Kept>,
    latest: Latest,
}

impl Ledger {
    /// Notes an action that began and ended then, with its outcome.
    pub(super) fn note(&mut self, action: &Action, began: Instant, outcome: &Result<(), Trouble>) {
        let uncertain = outcome.as_ref().is_err_and(Trouble::is_uncertain);
        self.latest.note(action.id, began, !uncertain);
        if outcome.is_err() && !uncertain {
            return;
        }
        match &action.deed {
            Deed::Register { .. } if !uncertain => self.of(&action.user).registered = true,
            Deed::Tweet { text } if !uncertain => {
                *self.of(&action.user).texts.entry(text.clone()).or_default() += 1;
            }
            Deed::Follow { whom } | Deed::Unfollow { whom } => {
                let follows = matches!(action.deed, Deed::Follow { .. });
                let now = (!uncertain).then_some(follows);
                self.of(&action.user).follows.insert(whom.clone(), now);
            }
            _ => {}
        }
    }

    fn of(&mut self, user: &str) -> &mut Kept {
        self.users.entry(user.to_owned()).or_default()
    }

    /// Whether the server may say that this was the `latest`; `None` if there is nothing to say.
    pub(super) fn may_be_latest(&self, latest: i64) -> Option<bool> {
        self.latest.may_be(latest)
    }
}

/// Which calls may have been the last one: those that had not ended when the last one began.
#[derive(Debug, Default)]
struct Latest {
    last_began: Option<Instant>,
    candidates: Vec<(i64, Option<Instant>)>,
}

impl Latest {
    fn note(&mut self, id: i64, began: Instant, answered: bool) {
        self.last_began = self.last_began.max(Some(began));
        // One without an answer may still be carried out at any time.
        self.candidates.push((id, answered.then(Instant::now)));
        let last_began = self.last_began;
        self.candidates.retain(|(_, ended)| ended.is_none() || *ended >= last_began);
    }

    fn may_be(&self, latest: i64) -> Option<bool> {
        self.last_began?;
        Some(self.candidates.iter().any(|(id, _)| *id == latest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tweet(id: i64) -> Action {
        let deed = Deed::Tweet { text: "x".into() };
        Action { id, delay_micros: 0, user: "a".into(), deed }
    }

    #[test]
    fn only_what_was_acknowledged_has_to_be_there() {
        let mut ledger = Ledger::default();
        let now = Instant::now();
        ledger.note(&tweet(1), now, &Ok(()));
        ledger.note(&tweet(2), now, &Err(Trouble::ReadTimeout));
        ledger.note(&tweet(3), now, &Err(Trouble::Status(404)));
        assert_eq!(ledger.users["a"].texts["x"], 1);
    }

    #[test]
    fn a_follow_without_an_answer_is_uncertain_until_the_next() {
        let mut ledger = Ledger::default();
        let follow = Action { deed: Deed::Follow { whom: "b".into() }, ..tweet(1) };
        ledger.note(&follow, Instant::now(), &Err(Trouble::ConnectionError));
        assert_eq!(ledger.users["a"].follows["b"], None);
        ledger.note(&follow, Instant::now(), &Ok(()));
        assert_eq!(ledger.users["a"].follows["b"], Some(true));
    }

    #[test]
    fn the_latest_is_of_a_call_that_no_other_came_after() {
        let mut ledger = Ledger::default();
        assert_eq!(ledger.may_be_latest(0), None);
        let first = Instant::now();
        ledger.note(&tweet(1), first, &Ok(()));
        ledger.note(&tweet(2), first, &Ok(()));
        assert_eq!(ledger.may_be_latest(1), Some(true), "both were under way together");
        ledger.note(&tweet(3), Instant::now(), &Ok(()));
        assert_eq!(ledger.may_be_latest(3), Some(true));
        assert_eq!(ledger.may_be_latest(1), Some(false));
    }
}

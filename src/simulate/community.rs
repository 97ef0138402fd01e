//! A community as it grows: a few write most and are followed by most; the same seed makes the
//! same people do the same.

use std::collections::HashSet;

use fastrand::Rng;

use super::action::{Action, Deed};

/// Between two actions, on average: the course's simulator does about twenty a second.
const MEAN_DELAY_MICROS: f64 = 50_000.0;

/// People who are there before anything else happens.
const FOUNDERS: usize = 5;

const FIRST_NAMES: &[&str] = &[
    "Åse", "Ben", "Chloë", "Dmitri", "Émile", "Fatima", "Günther", "Hana", "Inés", "Jürgen",
    "Kofi", "Łucja", "Mei", "Nils", "Ólafur", "Priya", "Quentin", "Rosa", "Søren", "Tomás", "Uma",
    "Věra", "Will", "Ximena", "Yusuf", "Zoë",
];

const LAST_NAMES: &[&str] = &[
    "Andersen",
    "Böhm",
    "Castaño",
    "de la Cruz",
    "Eriksson",
    "Fournier",
    "García",
    "Hłasko",
    "Ivanov",
    "Jóhannsdóttir",
    "Kovač",
    "Lindqvist",
    "Müller",
    "Ngô",
    "O'Brien",
    "Pérez",
    "Ruud",
    "Šimić",
    "Tanaka",
    "van den Berg",
    "Wójcik",
    "Yılmaz",
];

const WORDS: &[&str] = &[
    "coffee",
    "rain",
    "the train",
    "again",
    "why",
    "lovely",
    "\"quoted\"",
    "it's",
    "früh",
    "déjà vu",
    "☕",
    "🎉",
    "100%",
    "<3",
    "R&D",
    "back\\slash",
    "tomorrow",
    "nobody",
    "my bike",
    "今日",
    "finally",
    "https://example.org/a?b=c",
    "reading",
    "…",
];

/// Endless actions.
pub(super) struct Community {
    random: Rng,
    next_id: i64,
    people: Vec<String>,
    names: HashSet<String>,
    follows: Vec<(String, String)>,
}

impl Community {
    /// Nobody yet. The first action has the number `first_id`.
    pub(super) fn new(seed: u64, first_id: i64) -> Self {
        let random = Rng::with_seed(seed);
        let (people, names, follows) = (Vec::new(), HashSet::new(), Vec::new());
        Self { random, next_id: first_id, people, names, follows }
    }

    fn deed(&mut self) -> (String, Deed) {
        if self.people.len() < FOUNDERS {
            return self.register();
        }
        match self.random.u32(0..100) {
            0..5 => self.register(),
            5..55 => (self.author(), Deed::Tweet { text: self.text() }),
            55..67 => self.follow(),
            67..72 => self.unfollow(),
            72..82 => (String::new(), Deed::ReadMessages),
            82..92 => (self.author(), Deed::ReadMessagesOf),
            _ => (self.author(), Deed::ReadFollows),
        }
    }

    fn register(&mut self) -> (String, Deed) {
        let name = loop {
            let (first, last) = (self.one_of(FIRST_NAMES), self.one_of(LAST_NAMES));
            let name = format!("{first} {last} {:x}", self.random.u32(..));
            if self.names.insert(name.clone()) {
                break name;
            }
        };
        let email = format!("{}@example.org", name.replace(' ', "."));
        let password: String = (0..12).map(|_| self.random.char('!'..='~')).collect();
        self.people.push(name.clone());
        (name, Deed::Register { email, password })
    }

    fn follow(&mut self) -> (String, Deed) {
        let (who, whom) = (self.anybody(), self.skewed(3));
        self.follows.push((who.clone(), whom.clone()));
        (who, Deed::Follow { whom })
    }

    /// Mostly of somebody who is followed.
    fn unfollow(&mut self) -> (String, Deed) {
        if self.follows.is_empty() {
            return self.follow();
        }
        let (who, whom) = self.follows.swap_remove(self.random.usize(..self.follows.len()));
        (who, Deed::Unfollow { whom })
    }

    fn text(&mut self) -> String {
        let words = self.random.usize(1..20);
        let words: Vec<_> = (0..words).map(|_| self.one_of(WORDS)).collect();
        words.join(" ")
    }

    fn author(&mut self) -> String {
        self.skewed(2)
    }

    /// Somebody; the greater `power` is, the more often one of the first.
    fn skewed(&mut self, power: i32) -> String {
        let place = self.random.f64().powi(power) * self.people.len() as f64;
        self.people[place as usize].clone()
    }

    fn anybody(&mut self) -> String {
        self.skewed(1)
    }

    fn one_of(&mut self, list: &[&'static str]) -> &'static str {
        list[self.random.usize(..list.len())]
    }
}

impl Iterator for Community {
    type Item = Action;

    fn next(&mut self) -> Option<Action> {
        let (user, deed) = self.deed();
        let id = self.next_id;
        self.next_id += 1;
        let delay_micros = (-(1.0 - self.random.f64()).ln() * MEAN_DELAY_MICROS) as u64;
        Some(Action { id, delay_micros, user, deed })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::simulate::action::Kind;

    fn actions(seed: u64) -> Vec<Action> {
        Community::new(seed, 1).take(5_000).collect()
    }

    #[test]
    fn a_seed_tells_what_happens() {
        assert_eq!(actions(7), actions(7));
        assert_ne!(actions(7), actions(8));
    }

    #[test]
    fn nobody_acts_or_is_followed_before_they_are_there() {
        let mut there = HashSet::new();
        for action in actions(1) {
            if action.kind() == Kind::Register {
                assert!(there.insert(action.user.clone()), "{} twice", action.user);
            }
            for person in action.people() {
                assert!(there.contains(person), "{action:?}");
            }
        }
    }

    #[test]
    fn a_few_do_most_and_every_kind_of_thing_happens() {
        let actions = actions(2);
        let kinds: BTreeSet<Kind> = actions.iter().map(Action::kind).collect();
        assert_eq!(kinds.len(), 5, "{kinds:?}");
        let first = actions[0].user.clone();
        let of_first = actions.iter().filter(|action| action.user == first).count();
        assert!(of_first > 5_000 / 260, "the first of 260 did no more than others: {of_first}");
    }
}

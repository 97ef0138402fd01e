//! What is made of the database again and again, and kept as long as it would come out the same.

use std::sync::Arc;

use actix_web::web::Bytes;
use maud::Markup;

use super::kept::{Kept, Weigh};
use crate::domain::{SessionKey, User, UserId};

const MEBIBYTE: usize = 1 << 20;

/// Everything that is kept. None of it is older than the database, and a restart forgets it. There
/// is room for what many ask for; most of the rest is outdated before it is asked for again.
pub(super) struct Rendered {
    /// First pages of timelines.
    pub(super) timelines: Kept<Whose, Arc<FirstPage>>,
    /// Answers to the simulator's reads.
    pub(super) lists: Kept<List, Bytes>,
    /// Whose sessions are asked for, in which minute: a session also ends by itself.
    pub(super) sessions: Kept<(SessionKey, i64), Option<User>>,
}

/// Whose timeline a page shows.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Whose {
    /// Everybody's.
    Public,
    /// That of the author with this name, as it was asked for.
    Author(String),
    /// What a reader wrote and follows.
    Reader(UserId),
}

/// The first page of a timeline.
pub(super) struct FirstPage {
    /// The author, if the timeline is one's.
    pub(super) author: Option<User>,
    /// The list of messages, to go into any visitor's page.
    pub(super) list: Markup,
    /// The page of who has nothing to be told: the reader, if it is theirs, else a stranger.
    pub(super) plain: Bytes,
}

/// What the simulator reads, and how many rows of it at most.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum List {
    /// Messages of one author, or of everybody.
    Messages(Option<String>, usize),
    /// Whom a user follows.
    Follows(String, usize),
}

impl Rendered {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self {
            timelines: Kept::with_room(4 * MEBIBYTE),
            lists: Kept::with_room(2 * MEBIBYTE),
            sessions: Kept::with_room(MEBIBYTE / 2),
        }
    }
}

impl Weigh for Arc<FirstPage> {
    fn bytes(&self) -> usize {
        self.list.0.capacity() + self.plain.len()
    }
}

impl Weigh for Bytes {
    fn bytes(&self) -> usize {
        self.len()
    }
}

impl Weigh for Option<User> {
    fn bytes(&self) -> usize {
        self.as_ref().map_or(0, |user| user.username.len() + user.email.len())
    }
}

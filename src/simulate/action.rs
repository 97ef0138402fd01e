//! What a simulated person does.

/// One thing that one person does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Action {
    /// The running number that travels as `latest`.
    pub(super) id: i64,
    /// How long after the action before, in microseconds.
    pub(super) delay_micros: u64,
    /// Who does it. Nobody, for what is read about everybody.
    pub(super) user: String,
    pub(super) deed: Deed,
}

/// What they do. The first four are the course's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Register { email: String, password: String },
    Tweet { text: String },
    Follow { whom: String },
    Unfollow { whom: String },
    ReadMessages,
    ReadMessagesOf,
    ReadFollows,
}

/// Kinds of actions, as they are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Register,
    Tweet,
    Follow,
    Unfollow,
    Read,
}

impl Kind {
    /// The course's word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Tweet => "tweet",
            Self::Follow => "follow",
            Self::Unfollow => "unfollow",
            Self::Read => "read",
        }
    }
}

impl Action {
    pub(super) fn kind(&self) -> Kind {
        match self.deed {
            Deed::Register { .. } => Kind::Register,
            Deed::Tweet { .. } => Kind::Tweet,
            Deed::Follow { .. } => Kind::Follow,
            Deed::Unfollow { .. } => Kind::Unfollow,
            Deed::ReadMessages | Deed::ReadMessagesOf | Deed::ReadFollows => Kind::Read,
        }
    }

    /// Whom it concerns: it has to wait for what these did and suffered before.
    pub(super) fn people(&self) -> impl Iterator<Item = &str> {
        let other = match &self.deed {
            Deed::Follow { whom } | Deed::Unfollow { whom } => Some(whom.as_str()),
            _ => None,
        };
        let user = Some(self.user.as_str()).filter(|user| !user.is_empty());
        user.into_iter().chain(other.filter(|&other| other != self.user))
    }
}

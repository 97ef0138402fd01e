//! Credentials that others know as well.

use super::Subject;
use crate::storage::Database;
use crate::storage::diagnosis::Finding;
use crate::web::PUBLISHED_CREDENTIALS;

/// Passwords that everybody tries first, those of examples and defaults among them.
const TRIED_FIRST: [&str; 16] = [
    "123456",
    "12345678",
    "admin",
    "change-me",
    "changeit",
    "changeme",
    "default",
    "example",
    "minitwit",
    "passw0rd",
    "password",
    "postgres",
    "qwerty",
    "root",
    "secret",
    "super_safe!",
];

/// Looks at the simulator's credentials and at those of the database.
pub(super) fn examine(subject: &Subject<'_>) -> Vec<Finding> {
    [Some(simulator(subject)), database(subject.database)].into_iter().flatten().collect()
}

fn database(database: &Database) -> Option<Finding> {
    match database {
        #[cfg(feature = "sqlite")]
        Database::Sqlite(_) => None,
        #[cfg(feature = "postgres")]
        Database::Postgres(target) => {
            let (user, password) = target.credentials();
            let password = std::str::from_utf8(password?).ok()?;
            is_guessed(user.unwrap_or_default(), password).then(|| {
                Finding::problem(
                    "the password of the database is one of those that everybody tries first",
                    "give that user a long random one (ALTER USER … PASSWORD …), and put it into \
                     the URL",
                )
            })
        }
    }
}

fn simulator(subject: &Subject<'_>) -> Finding {
    const ADVICE: &str = "choose others with --simulator-auth USER:PASSWORD, and tell them to who \
                          runs the simulator";
    let is_local = subject.listen.ip().is_loopback()
        && !subject.behind_proxy
        && subject.public_url.is_none_or(is_local);
    match subject.simulator_auth {
        None if !subject.listen.ip().is_loopback() => Finding::notice(
            "the simulator API refuses everybody",
            "open it with --simulator-auth USER:PASSWORD, if a simulator is to come",
        ),
        None | Some(PUBLISHED_CREDENTIALS) if is_local => Finding::fine(
            "the simulator API takes the course's published credentials, from this machine alone",
        ),
        None | Some(PUBLISHED_CREDENTIALS) => Finding::problem(
            "everybody knows the credentials of the simulator API: they are printed in a course, \
             and strangers can reach it",
            ADVICE,
        ),
        Some(pair) => match pair.split_once(':') {
            Some((user, password)) if is_guessed(user, password) => Finding::problem(
                "the password of the simulator API is one of those that everybody tries first",
                ADVICE,
            ),
            _ => Finding::fine("the simulator API has credentials of its own"),
        },
    }
}

fn is_guessed(user: &str, password: &str) -> bool {
    let password = password.to_lowercase();
    password.len() < 4 || password == user.to_lowercase() || TRIED_FIRST.contains(&&*password)
}

/// Whether an URL leads to this machine alone.
fn is_local(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split(['/', '?']).next().unwrap_or_default();
    ["localhost", "127.", "[::1]"].iter().any(|local| host.starts_with(local))
}

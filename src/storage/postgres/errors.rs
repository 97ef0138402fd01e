//! Postgres' many errors as the few that callers and operators act on.

use std::error::Error as _;

use tokio_postgres::Error as Driver;
use tokio_postgres::error::{DbError, Severity, SqlState};

use crate::storage::{Error, OpenError};

/// What to do behind a pooler, which would hand a statement to another session than the one that
/// prepared it.
pub(super) const POOLER: &str = "this is a pooler such as PgBouncer, which does not keep what a \
                                 session sets: connect to Postgres itself";

/// Why there is no connection, in words that follow the name of the database.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Nothing that waiting would change.
    Refused(String),
    /// The database is away, or not ready yet.
    Absent(String),
}

impl Trouble {
    /// One line for the operator.
    pub(crate) fn explain(self, database: &impl std::fmt::Display) -> OpenError {
        let (Self::Refused(text) | Self::Absent(text)) = self;
        OpenError(format!("{database}: {text}"))
    }
}

/// A query that failed before anything was served.
impl From<Driver> for Trouble {
    fn from(error: Driver) -> Self {
        trouble(&error)
    }
}

/// What a failed attempt to connect, or to prepare the database, means.
pub(super) fn trouble(error: &Driver) -> Trouble {
    match error.as_db_error() {
        Some(db) => of_server(db),
        None if is_tls(error) => Trouble::Refused(of_tls(error)),
        None => of_network(error),
    }
}

/// Whether encryption is what failed.
pub(super) fn is_tls(error: &Driver) -> bool {
    error.to_string() == "error performing TLS handshake"
}

fn of_server(error: &DbError) -> Trouble {
    let said = error.message();
    let code = error.code();
    Trouble::Refused(if *code == SqlState::INVALID_PASSWORD {
        "user name or password is wrong: correct the URL".to_owned()
    } else if *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION {
        format!(
            "the server lets this user not in: correct the URL, or the server's pg_hba.conf ({said})"
        )
    } else if *code == SqlState::INVALID_CATALOG_NAME {
        "there is no such database: create it (createdb), or correct the URL".to_owned()
    } else if [SqlState::INSUFFICIENT_PRIVILEGE, SqlState::INVALID_SCHEMA_NAME].contains(code) {
        format!("the user may not do that: make it the owner of the database ({said})")
    } else if said.contains("unsupported startup parameter") {
        POOLER.to_owned()
    } else if *code == SqlState::TOO_MANY_CONNECTIONS {
        return Trouble::Absent(format!(
            "too many connections are open: lower --database-connections ({said})"
        ));
    } else if is_passing(error) {
        return Trouble::Absent(said.to_owned());
    } else {
        format!("{said} ({})", code.code())
    })
}

fn of_tls(error: &Driver) -> String {
    let cause = innermost(error);
    if cause.contains("does not support TLS") {
        "the server does not encrypt: switch its ssl on, or set sslmode=disable in the URL"
            .to_owned()
    } else {
        format!(
            "the server's certificate or encryption is refused: {cause}; see sslmode and \
                 sslrootcert in the URL"
        )
    }
}

fn of_network(error: &Driver) -> Trouble {
    let cause = innermost(error);
    match error.to_string().as_str() {
        "invalid configuration" | "authentication error" => {
            Trouble::Refused(format!("cannot sign in: {cause}; correct the URL"))
        }
        // What the driver finds out when it asks for `transaction_read_only`.
        _ if cause.contains("does not allow writes") => {
            Trouble::Absent("it is a standby, which takes no writes".to_owned())
        }
        _ => Trouble::Absent(format!("it cannot be reached: {cause}")),
    }
}

/// The last of the causes, which says most, on one line.
fn innermost(error: &Driver) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string().replace('\n', " ")
}

/// Whether trying again later may work: another than a mistake in the statement or the data.
fn is_passing(error: &DbError) -> bool {
    let code = error.code().code();
    // Connection, transaction rollback, resources, object in use, operator intervention,
    // system error; a server that only reads, which is a standby.
    ["08", "40", "53", "55", "57", "58"].contains(&&code[..2])
        || code == "25006"
        || error.code() == &SqlState::IN_FAILED_SQL_TRANSACTION
}
/// What is known of a statement that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It did nothing, and would do nothing again.
    Failed,
    /// It did nothing, and may do something later.
    Undone,
    /// It did nothing, and this server will not do it: another has taken over, or will.
    WrongServer,
    /// It may have been carried out.
    Unknown,
}

/// What is known of a statement that ended with this error.
pub(super) fn fate(error: &Driver) -> Fate {
    match error.as_db_error() {
        // The session ended with the statement: before or after its commit, nobody knows.
        Some(db) if is_fatal(db) => Fate::Unknown,
        Some(db) if *db.code() == SqlState::READ_ONLY_SQL_TRANSACTION => Fate::WrongServer,
        Some(db) if is_passing(db) => Fate::Undone,
        Some(_) => Fate::Failed,
        None if error.source().is_none() || is_io(error) => Fate::Unknown,
        None => Fate::Failed,
    }
}

fn is_fatal(error: &DbError) -> bool {
    matches!(error.parsed_severity(), Some(Severity::Fatal | Severity::Panic))
}

fn is_io(error: &Driver) -> bool {
    error.source().is_some_and(|source| source.is::<std::io::Error>())
}

/// The error of a statement that only read.
pub(super) fn of_read(error: &Driver) -> Error {
    match fate(error) {
        Fate::Failed => Error::Failed(text(error).into()),
        Fate::Undone | Fate::WrongServer | Fate::Unknown => Error::Unavailable(text(error).into()),
    }
}

/// The error of a statement that was to change something.
pub(super) fn of_write(error: &Driver) -> Error {
    match fate(error) {
        // The user that was there a moment ago is not any more.
        Fate::Failed if error.code() == Some(&SqlState::FOREIGN_KEY_VIOLATION) => {
            Error::UnknownUser
        }
        Fate::Failed if is_name_taken(error) => Error::UsernameTaken,
        Fate::Failed => Error::Failed(text(error).into()),
        Fate::Undone | Fate::WrongServer => Error::Unavailable(text(error).into()),
        Fate::Unknown => Error::Uncertain(text(error).into()),
    }
}

fn is_name_taken(error: &Driver) -> bool {
    error.as_db_error().and_then(DbError::constraint) == Some("user_username_key")
}

/// The error with its cause, which the driver keeps apart. What Postgres says in detail is left
/// out: it may quote the row, with a message or a password hash, and this goes to the log.
pub(super) fn text(error: &Driver) -> String {
    if let Some(db) = error.as_db_error() {
        return format!("{}: {} ({})", db.severity(), db.message(), db.code().code());
    }
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

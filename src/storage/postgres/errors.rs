//! Postgres' many errors as the few that callers and operators act on.

use tokio_postgres::Error as Driver;
use tokio_postgres::error::{DbError, SqlState};

use crate::storage::OpenError;

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
    } else if *code == SqlState::INSUFFICIENT_PRIVILEGE {
        format!("the user may not do that: make it the owner of the database ({said})")
    } else if said.contains("unsupported startup parameter") {
        "this is a pooler such as PgBouncer, not Postgres: sessions of ours would share \
         connections; connect to Postgres itself"
            .to_owned()
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

//! Which Postgres: the URL an operator wrote, checked.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::{Client, Config};

use super::connect::{Connector, Trouble};
use super::tls::Tls;
use crate::storage::diagnosis::Finding;

/// How long a host may take to let us in, unless the URL says otherwise (`connect_timeout`).
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How long what we sent may stay unacknowledged before the connection counts as broken.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(3);

/// The same while a table is filled, and a slow disk holds up the server.
#[cfg(feature = "sqlite")]
const BULK_TIMEOUT: Duration = Duration::from_secs(60);

/// After how long a silent connection is asked whether it is still there, and how often again.
const KEEPALIVE: Duration = Duration::from_secs(5);

/// The port of a host that names none.
const DEFAULT_PORT: u16 = 5432;

/// A Postgres database: one or several hosts, of which the one that takes writes is meant.
///
/// Neither `Display` nor `Debug` shows user or password.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    config: Config,
    tls: Tls,
    wait: Duration,
    connections: u16,
}

/// Why an URL names no database. It never repeats what may be a user or a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Not an URL as Postgres knows them, or a parameter of it is unknown.
    #[error(
        "not a URL of a Postgres database: write postgres://USER:PASSWORD@HOST:PORT/DATABASE, \
         special characters in user and password percent-encoded"
    )]
    NotAUrl,
    /// No host.
    #[error("the URL names no host: write postgres://USER:PASSWORD@HOST:PORT/DATABASE")]
    NoHost,
    /// No database.
    #[error("the URL names no database: write postgres://USER:PASSWORD@HOST:PORT/DATABASE")]
    NoDatabase,
    /// An `sslmode` that does not exist.
    #[error("sslmode in the URL is none of disable, prefer, require, verify-ca and verify-full")]
    SslMode,
}

/// Parameters of the URL that are ours to understand; the rest is the driver's.
#[derive(Default)]
struct Taken {
    sslmode: Option<String>,
    sslrootcert: Option<PathBuf>,
    /// Names of all parameters.
    given: Vec<String>,
}

impl Target {
    /// Checks a `postgres://` or `postgresql://` URL. Besides `sslmode` and `sslrootcert` it takes
    /// the parameters that tokio-postgres documents.
    pub fn parse(url: &str) -> Result<Self, TargetError> {
        let (url, taken) = take_parameters(url);
        let mut config: Config = url.parse().map_err(|_| TargetError::NotAUrl)?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(TargetError::NoHost);
        }
        if config.get_dbname().is_none_or(str::is_empty) {
            return Err(TargetError::NoDatabase);
        }
        let tls =
            Tls::new(taken.sslmode.as_deref(), taken.sslrootcert).ok_or(TargetError::SslMode)?;
        complete(&mut config, &taken.given);
        config.ssl_mode(match tls {
            Tls::Disable => SslMode::Disable,
            Tls::Prefer => SslMode::Prefer,
            Tls::Unverified | Tls::VerifyCa(_) | Tls::VerifyFull(_) => SslMode::Require,
        });
        let (wait, connections) = (Self::DEFAULT_WAIT, Self::DEFAULT_CONNECTIONS);
        Ok(Self { config, tls, wait, connections })
    }

    /// How long an absent database is waited for at start unless told otherwise.
    pub const DEFAULT_WAIT: Duration = Duration::from_secs(30);

    /// Connections of a server unless told otherwise: of the 22 that the smallest managed plans
    /// allow, two replicas and one that is just being replaced leave one for the operator.
    pub const DEFAULT_CONNECTIONS: u16 = 7;

    /// The same database, waited for so long at start while it is away.
    #[must_use]
    pub fn waited_for(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }

    /// The same database, for a server that keeps so many connections open; at least two.
    #[must_use]
    pub fn with_connections(self, connections: u16) -> Self {
        Self { connections: connections.max(2), ..self }
    }

    /// How many connections a server opens.
    pub(super) fn connections(&self) -> usize {
        usize::from(self.connections)
    }

    /// The same database, for bulk work: the server may be too busy to read what we send.
    #[cfg(feature = "sqlite")]
    pub(crate) fn patient(mut self) -> Self {
        self.config.tcp_user_timeout(BULK_TIMEOUT);
        self
    }

    /// How long the database is waited for.
    pub(super) fn wait(&self) -> Duration {
        self.wait
    }

    /// Opens one connection to the host that takes writes, without a limit on the time of its
    /// statements. The connection runs as a task of the runtime this is called on, and ends when
    /// the client is dropped.
    pub(crate) async fn connect(&self) -> Result<Client, Trouble> {
        let (client, connection) = Connector::new(self, Duration::ZERO)?.connect().await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// The driver's settings for each host, with `statement_timeout` (zero: none).
    pub(super) fn hosts(&self, statement_timeout: Duration) -> Vec<Config> {
        let hosts = self.config.get_hosts().len().max(self.config.get_hostaddrs().len());
        (0..hosts).map(|index| self.host(index, statement_timeout)).collect()
    }

    /// How connections are encrypted.
    pub(super) fn tls(&self) -> &Tls {
        &self.tls
    }

    /// How long connecting to one host may take.
    pub(super) fn connect_timeout(&self) -> Duration {
        self.config.get_connect_timeout().copied().unwrap_or(CONNECT_TIMEOUT)
    }

    /// What is to say of a password that travels in the clear to another machine.
    pub(super) fn unencrypted(&self) -> Option<Finding> {
        let is_far = self.config.get_hosts().iter().any(|host| match host {
            Host::Tcp(name) => !is_loopback(name),
            Host::Unix(_) => false,
        });
        (is_far && matches!(self.tls, Tls::Disable | Tls::Prefer)).then(|| {
            Finding::problem(
                "password and data may travel to the database unencrypted",
                "add sslmode=verify-full to the URL, or sslmode=require if the network between \
                 is yours alone",
            )
        })
    }

    /// The user and the password of the URL.
    pub(crate) fn credentials(&self) -> (Option<&str>, Option<&[u8]>) {
        (self.config.get_user(), self.config.get_password())
    }

    fn host(&self, index: usize, statement_timeout: Duration) -> Config {
        let mut one = Config::new();
        let all = &self.config;
        match all.get_hosts().get(index) {
            Some(Host::Tcp(name)) => _ = one.host(name),
            Some(Host::Unix(path)) => _ = one.host_path(path),
            None => {}
        }
        all.get_hostaddrs().get(index).map(|address| one.hostaddr(*address));
        one.port(self.port(index)).dbname(all.get_dbname().unwrap_or_default());
        all.get_user().map(|user| one.user(user));
        all.get_password().map(|password| one.password(password));
        all.get_application_name().map(|name| one.application_name(name));
        all.get_tcp_user_timeout().map(|timeout| one.tcp_user_timeout(*timeout));
        all.get_keepalives_interval().map(|interval| one.keepalives_interval(interval));
        all.get_keepalives_retries().map(|retries| one.keepalives_retries(retries));
        // The plans must not depend on what the planner believes about a limit it does not know,
        // and none of them is worth compiling.
        let ours = format!(
            "-c statement_timeout={} -c plan_cache_mode=force_generic_plan -c jit=off",
            statement_timeout.as_millis()
        );
        one.options(match all.get_options() {
            Some(options) => format!("{options} {ours}"),
            None => ours,
        })
        .ssl_mode(all.get_ssl_mode())
        .ssl_negotiation(all.get_ssl_negotiation())
        .channel_binding(all.get_channel_binding())
        .target_session_attrs(TargetSessionAttrs::ReadWrite)
        .connect_timeout(self.connect_timeout())
        .keepalives(all.get_keepalives())
        .keepalives_idle(all.get_keepalives_idle());
        one
    }

    fn port(&self, index: usize) -> u16 {
        let ports = self.config.get_ports();
        ports.get(index).or(ports.first()).copied().unwrap_or(DEFAULT_PORT)
    }
}

/// Hosts and database: enough to tell which one is meant.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        let hosts = self.config.get_hosts();
        for index in 0..hosts.len().max(self.config.get_hostaddrs().len()) {
            f.write_str(if index == 0 { "" } else { "," })?;
            match (hosts.get(index), self.config.get_hostaddrs().get(index)) {
                (Some(Host::Tcp(name)), _) => f.write_str(name)?,
                (Some(Host::Unix(path)), _) => path.display().fmt(f)?,
                (None, Some(address)) => address.fmt(f)?,
                (None, None) => {}
            }
            write!(f, ":{}", self.port(index))?;
        }
        write!(f, "/{}", self.config.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self})")
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Fills in what the URL leaves open.
fn complete(config: &mut Config, given: &[String]) {
    let given = |name: &str| given.iter().any(|given| given == name);
    if !given("application_name") {
        config.application_name("minitwit");
    }
    if !given("tcp_user_timeout") {
        config.tcp_user_timeout(TCP_USER_TIMEOUT);
    }
    if !given("keepalives_idle") {
        config.keepalives_idle(KEEPALIVE);
    }
    if !given("keepalives_interval") {
        config.keepalives_interval(KEEPALIVE);
    }
    if !given("keepalives_retries") {
        config.keepalives_retries(2);
    }
}

/// Takes our parameters out of the URL.
fn take_parameters(url: &str) -> (String, Taken) {
    let mut taken = Taken::default();
    let Some((base, query)) = split_query(url) else { return (url.to_owned(), taken) };
    let mut kept = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = percent_decode_str(value).decode_utf8_lossy();
        match name {
            "sslmode" => taken.sslmode = Some(value.into_owned()),
            "sslrootcert" => taken.sslrootcert = Some(PathBuf::from(value.into_owned())),
            // Ours is the stricter: a server that only reads cannot be served on.
            "target_session_attrs" => {}
            _ => kept.push(pair),
        }
        taken.given.push(name.to_owned());
    }
    (format!("{base}?{}", kept.join("&")), taken)
}

/// Splits at the `?` that starts the parameters: a password may hold one too, as libpq reads it.
fn split_query(url: &str) -> Option<(&str, &str)> {
    let (_, authority) = url.split_once("://")?;
    let user_ends = match authority.find(['@', '/']) {
        Some(at) if authority.as_bytes()[at] == b'@' => at,
        _ => 0,
    };
    let from = url.len() - authority.len() + user_ends;
    let at = from + url[from..].find('?')?;
    Some((&url[..at], &url[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_database_are_shown_and_nothing_else() {
        let url = "postgresql://ada:hunter2@one:6000,two/mini?sslmode=disable&connect_timeout=3";
        let target = Target::parse(url).unwrap();
        assert_eq!(target.to_string(), "postgres://one:6000,two:5432/mini");
        assert_eq!(format!("{target:?}"), "Target(postgres://one:6000,two:5432/mini)");
        assert_eq!(target.connect_timeout(), Duration::from_secs(3));
    }

    #[test]
    fn each_host_is_asked_for_writes_and_gets_all_settings() {
        let url = "postgres://a:b@one,two:7/mini?sslmode=require&options=-c%20geqo%3Doff";
        let hosts = Target::parse(url).unwrap().hosts(Duration::from_secs(5));
        assert_eq!(hosts.len(), 2);
        assert_eq!(hosts[1].get_hosts(), [Host::Tcp("two".into())]);
        assert_eq!(hosts[1].get_ports(), [7]);
        for host in hosts {
            assert_eq!(host.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
            assert_eq!(host.get_ssl_mode(), SslMode::Require);
            let options = host.get_options().unwrap();
            assert!(options.starts_with("-c geqo=off -c statement_timeout=5000 "), "{options}");
            assert_eq!(host.get_application_name(), Some("minitwit"));
            assert_eq!(host.get_password(), Some(&b"b"[..]));
        }
    }

    #[test]
    fn a_password_is_not_sent_to_another_machine_in_the_clear_without_a_word() {
        for (url, is_told) in [
            ("postgres://a:b@db.example/m", true),
            ("postgres://a:b@127.0.0.1,db.example/m?sslmode=disable", true),
            ("postgres://a:b@db.example/m?sslmode=require", false),
            ("postgres://a:b@db.example/m?sslmode=verify-full", false),
            ("postgres://a:b@127.0.0.1/m", false),
            ("postgres://a:b@localhost/m?sslmode=disable", false),
            ("postgres://a:b@%2Frun%2Fpostgresql/m", false),
        ] {
            let told = Target::parse(url).unwrap().unencrypted();
            assert_eq!(told.is_some(), is_told, "{url}: {told:?}");
        }
    }

    #[test]
    fn a_question_mark_in_a_password_starts_no_parameters() {
        let target = Target::parse("postgres://a:b?c@h/d?sslmode=disable").unwrap();
        assert_eq!(target.hosts(Duration::ZERO)[0].get_password(), Some(&b"b?c"[..]));
        assert_eq!(target.tls(), &Tls::Disable);
    }

    #[test]
    fn a_mistake_is_told_without_user_and_password() {
        for (url, mistake) in [
            ("postgres://ada:hunter2@h/d?frobnicate=1", TargetError::NotAUrl),
            ("postgres://ada:hunter2@h:port/d", TargetError::NotAUrl),
            ("postgres://ada:hunter2@/d", TargetError::NoHost),
            ("postgres://ada:hunter2@h", TargetError::NoDatabase),
            ("postgres://ada:hunter2@h/", TargetError::NoDatabase),
            ("postgres://ada:hunter2@h/d?sslmode=yes", TargetError::SslMode),
        ] {
            let error = Target::parse(url).unwrap_err();
            assert_eq!(error, mistake, "{url}");
            let told = error.to_string();
            assert!(!told.contains("hunter2") && !told.contains("ada"), "{told}");
        }
    }
}

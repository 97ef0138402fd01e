//! `minitwit serve`

use std::net::{IpAddr, SocketAddr, TcpListener};

use actix_web::rt::System;
use actix_web::web::Data;
use clap::Args;
use ipnet::IpNet;

#[cfg(feature = "postgres")]
use super::database::ConnectionsFlag;
use super::database::DatabaseFlag;
use super::life::Life;
use super::metrics::MetricsFlag;
use super::{Stop, bad_flag, failure, secret};
use crate::accounts::BcryptCost;
use crate::storage;
use crate::supervision::{Given, Predecessor, Sockets, has_started_another};
use crate::telemetry::{LogFormat, log_panics, start_log};
use crate::web::server::Server;
use crate::web::{AvatarStyle, SimulatorAuth, Site, SiteOptions, TrustedProxies};

/// Serve the pages and the simulator API.
#[derive(Args)]
pub(super) struct Serve {
    #[command(flatten)]
    pub(super) database: DatabaseFlag,

    #[cfg(feature = "postgres")]
    #[command(flatten)]
    pub(super) connections: ConnectionsFlag,

    /// Address and port to listen on; port 0 takes a free one
    #[arg(
        long,
        env = "MINITWIT_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:5000",
        value_parser = parse_address
    )]
    listen: SocketAddr,

    #[command(flatten)]
    metrics: MetricsFlag,

    /// Credentials of the simulator API, or @FILE that holds them. Unset: the course's published
    /// pair on a loopback address, nobody on any other
    // Parsed after clap, whose errors would repeat the password.
    #[arg(
        long,
        env = "MINITWIT_SIMULATOR_AUTH",
        hide_env_values = true,
        value_name = "USER:PASSWORD"
    )]
    simulator_auth: Option<String>,

    /// Networks whose hosts may say for whom they forward (X-Forwarded-For, -Proto, -Host),
    /// separated by commas
    #[arg(
        long,
        env = "MINITWIT_TRUSTED_PROXY",
        value_name = "CIDR",
        value_delimiter = ',',
        value_parser = parse_network
    )]
    trusted_proxy: Vec<IpNet>,

    /// How log lines are written: for people, or as JSON for programs
    #[arg(long, env = "MINITWIT_LOG_FORMAT", value_enum, default_value = "text")]
    log_format: LogFormat,

    /// Work factor of password hashes: one more takes twice the time
    #[arg(
        long,
        env = "MINITWIT_BCRYPT_COST",
        value_name = "4..31",
        default_value_t = BcryptCost::default()
    )]
    bcrypt_cost: BcryptCost,

    /// Who draws the avatars
    #[arg(long, env = "MINITWIT_AVATARS", value_enum, default_value = "own")]
    avatars: AvatarStyle,
}

/// An address to listen on. No host names: they can mean several addresses, or none.
pub(super) fn parse_address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "give an IP address and a port, as in 127.0.0.1:5000 or [::]:5000".to_owned())
}

/// A network, or a single address; blanks around it do not matter.
fn parse_network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let host = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse().or_else(|_| host()).map_err(|_| "not an address or a CIDR network".to_owned())
}

impl Serve {
    pub(super) fn run(self) -> Result<(), Stop> {
        if has_started_another().map_err(failure)? {
            return Ok(());
        }
        let predecessor = Predecessor::from_environment().map_err(failure)?;
        start_log(self.log_format);
        log_panics();
        // What stops it is the only line on stderr: nothing is logged before all is open.
        let database = self.database.parse()?;
        #[cfg(feature = "postgres")]
        let database = self.connections.apply(database);
        let own_auth = self.own_auth()?;
        raise_file_limit();
        let given = Given::from_environment()
            .map_err(|error| failure(format!("the sockets of LISTEN_FDS: {error}")))?;
        let listen = given.listen.map_or_else(|| bind("--listen", self.listen), Ok)?;
        let metrics = self.metrics.bind(given.metrics)?;
        let address = listen.local_addr().map_err(failure)?;
        let options = SiteOptions {
            bcrypt_cost: self.bcrypt_cost,
            avatars: self.avatars,
            simulator_auth: own_auth.clone().or_else(|| default_auth(address)),
            trusted_proxies: TrustedProxies(self.trusted_proxy),
        };
        System::new().block_on(async {
            let (storage, report) = storage::open(&database).await.map_err(failure)?;
            report.0.iter().for_each(|line| log::info!("{line}"));
            #[cfg(feature = "sqlite")]
            super::layer::warn_if_lost_with_container(&database);
            let site = Data::new(Site::new(storage.clone(), options).map_err(failure)?);
            let server = Server::start(site).map_err(failure)?;
            let sockets = Sockets { listen, metrics: metrics.copy()? };
            let life = Life::begin(predecessor, server, sockets, storage.clone()).await?;
            metrics.serve(&storage, &database)?;
            if own_auth.is_none() {
                tell_default_auth(address);
            }
            life.live().await
        })
    }

    /// What `--simulator-auth` says.
    fn own_auth(&self) -> Result<Option<SimulatorAuth>, Stop> {
        let Some(pair) = &self.simulator_auth else { return Ok(None) };
        let pair = secret::value("--simulator-auth", pair)?;
        Ok(Some(pair.parse().map_err(|error| bad_flag("--simulator-auth", error))?))
    }
}

/// Who may use the simulator API when nobody was chosen; nobody's server is open through a
/// password that is printed in a course.
fn default_auth(listen: SocketAddr) -> Option<SimulatorAuth> {
    listen.ip().is_loopback().then(SimulatorAuth::published)
}

/// Tells an operator who chose no credentials who may use the simulator API.
fn tell_default_auth(listen: SocketAddr) {
    if listen.ip().is_loopback() {
        log::info!(
            "the simulator API takes the course's published credentials; set --simulator-auth \
             before you put a proxy in front"
        );
    } else {
        log::warn!(
            "the simulator API refuses everybody: open it with --simulator-auth USER:PASSWORD"
        );
    }
}

pub(super) fn bind(flag: &str, address: SocketAddr) -> Result<TcpListener, Stop> {
    TcpListener::bind(address).map_err(|error| {
        Stop::Failure(format!(
            "{flag} {address}: {error}; stop what listens there, or choose another"
        ))
    })
}

/// Lets the process open as many files as the system allows: each connection is one.
fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: maximum, maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        log::warn!("the limit on open files stays as it is: {error}");
    }
}

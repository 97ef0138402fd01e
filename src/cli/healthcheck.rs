//! `minitwit healthcheck`

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use clap::Args;

use super::Stop;
use super::serve::parse_address;

/// How long the server may take: `/readyz` answers within a second.
const DEADLINE: Duration = Duration::from_secs(3);

/// More of an answer is not read: a status line and two short headers.
const ANSWER_BYTES: u64 = 1024;

/// Ask a server on this machine whether it is ready: exit status 0 if so, 1 if not.
///
/// For containers, which have no shell and no curl: as HEALTHCHECK, it asks the server that
/// the same variable configures.
#[derive(Args)]
pub(super) struct Healthcheck {
    /// Address and port that the server listens on
    #[arg(
        long,
        env = "MINITWIT_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:5000",
        value_parser = parse_address
    )]
    listen: SocketAddr,
}

impl Healthcheck {
    pub(super) fn run(&self) -> Result<(), Stop> {
        let address = reachable(self.listen);
        let failure = |what: &str| Stop::Failure(format!("http://{address}/readyz: {what}"));
        let answer = ask(address).map_err(|error| failure(&error.to_string()))?;
        if answer.starts_with("HTTP/1.1 200 ") {
            return Ok(());
        }
        let said = answer.trim_end().lines().last().unwrap_or_default();
        Err(failure(if said.is_empty() { "no answer" } else { said }))
    }
}

/// Where to find what listens there: on every address means on the machine's own too.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// The head and body of the answer to `GET /readyz`.
fn ask(address: SocketAddr) -> io::Result<String> {
    let mut server = TcpStream::connect_timeout(&address, DEADLINE)?;
    server.set_read_timeout(Some(DEADLINE))?;
    server.set_write_timeout(Some(DEADLINE))?;
    write!(server, "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    server.take(ANSWER_BYTES).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_every_address_is_asked_on_the_loopback_address() {
        for (listen, asked) in [
            ("0.0.0.0:5000", "127.0.0.1:5000"),
            ("[::]:80", "[::1]:80"),
            ("192.0.2.7:81", "192.0.2.7:81"),
        ] {
            assert_eq!(reachable(listen.parse().unwrap()).to_string(), asked);
        }
    }
}

//! From a site and a listener to a running server, and to its end.

use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};

use super::site::Site;
use super::{front_door, router};
use crate::telemetry;

/// How long the head of a request may take, so that one that dribbles does not hold its place.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection may be idle between two requests.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// How long requests under way may take to finish after the signal to stop, in seconds.
const DRAIN_SECONDS: u64 = 20;

/// Connections waiting to be accepted.
const BACKLOG: i32 = 4096;

/// Connections at once on each worker. The limit on open files is the harder one.
const CONNECTIONS: usize = 25_000;

/// Threads of each worker that may wait for the disk.
const BLOCKING_THREADS: usize = 4;

/// Builds a server that runs once it is awaited, until `stop` is done and requests under way
/// are answered.
pub fn build(
    site: web::Data<Site>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<Server> {
    let app = move || {
        App::new()
            .app_data(site.clone())
            .configure(router::routes)
            .wrap(from_fn(front_door::pass))
            .wrap(telemetry::requests())
    };
    // A listener of the standard library has room for 128.
    rustix::net::listen(&listener, BACKLOG)?;
    let server = HttpServer::new(app)
        .max_connections(CONNECTIONS)
        .max_connection_rate(CONNECTIONS)
        .worker_max_blocking_threads(BLOCKING_THREADS)
        .client_request_timeout(HEAD_TIMEOUT)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(DRAIN_SECONDS)
        .shutdown_signal(stop)
        .listen(listener)?;
    Ok(server.run())
}

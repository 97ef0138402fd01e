//! A thread that answers the requests of its connections.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use actix_http::body::EitherBody;
use actix_http::{Extensions, HttpService, KeepAlive, Protocol, Response};
use actix_service::{IntoServiceFactory, Service, ServiceFactory, apply_fn_factory, map_config};
use actix_web::dev::AppConfig;
use actix_web::middleware::from_fn;
use actix_web::{App, web};
use futures_util::TryFutureExt;
use futures_util::future::{Either, ready};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::{mpsc, watch};

use super::reception::{Arrival, FirstRequest};
use crate::telemetry;
use crate::web::shortcut::Shortcut;
use crate::web::site::Site;
use crate::web::{front_door, router};

/// How long the head of a request may take, so that one that dribbles does not hold its place.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection may be idle between two requests.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// Threads of each worker that may wait for the disk.
const BLOCKING_THREADS: usize = 2;

/// How long those threads wait for work: practically for ever. Each new one might take another of
/// the heaps that the C library has for threads, until all of those had grown.
const BLOCKING_KEEP_ALIVE: Duration = Duration::from_hours(24);

/// What a worker needs.
pub(super) struct Worker {
    pub(super) site: web::Data<Site>,
    pub(super) arrivals: mpsc::UnboundedReceiver<Arrival>,
    pub(super) closing: watch::Receiver<bool>,
}

impl Worker {
    /// Serves until no more connections can arrive, and those that did are closed.
    pub(super) fn run(self) {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(BLOCKING_THREADS)
            .thread_keep_alive(BLOCKING_KEEP_ALIVE)
            .build_local(LocalOptions::default());
        match runtime {
            Ok(runtime) => runtime.block_on(self.serve()),
            Err(error) => log::error!("a worker cannot start: {error}"),
        }
    }

    async fn serve(mut self) {
        let shortcut = Shortcut::to(self.site.clone());
        let app = App::new()
            .app_data(self.site)
            .configure(router::routes)
            .wrap(from_fn(front_door::pass))
            .wrap(telemetry::requests());
        let app = map_config(app.into_factory(), |()| AppConfig::default());
        let answers = apply_fn_factory(app, move |req, app: &_| match shortcut.take(&req) {
            Some(page) => Either::Left(ready(Ok(page.map_body(|_, body| EitherBody::left(body))))),
            None => Either::Right(Service::call(app, req).map_ok(|answer| {
                Response::from(answer).map_body(|_, body| EitherBody::right(body))
            })),
        });
        // What is counted as a newcomer, on its way to the data of the connection.
        let arriving = Rc::new(Cell::new(None));
        let arrived = arriving.clone();
        let closing = self.closing;
        let http = HttpService::build()
            .keep_alive(KeepAlive::Timeout(KEEP_ALIVE))
            .client_request_timeout(HEAD_TIMEOUT)
            .on_connect_ext(move |_: &TcpStream, data: &mut Extensions| {
                data.insert(FirstRequest::awaited(arrived.take()));
            })
            .graceful_shutdown_signal(move || {
                let mut closing = closing.clone();
                async move {
                    // An error means that the server is gone.
                    let _ = closing.wait_for(|closes| *closes).await;
                }
            })
            .finish(answers)
            .new_service(())
            .await;
        let http = match http {
            Ok(http) => Rc::new(http),
            Err(()) => return log::error!("a worker cannot start"),
        };
        while let Some(Arrival { stream, connection: counted, newcomer }) =
            self.arrivals.recv().await
        {
            let peer = stream.peer_addr().ok();
            let Ok(stream) = TcpStream::from_std(stream) else { continue };
            arriving.set(Some(newcomer));
            let connection = http.call((stream, Protocol::Http1, peer));
            tokio::task::spawn_local(async move {
                if let Err(error) = connection.await {
                    log::debug!("a connection has ended: {error}");
                }
                drop(counted);
            });
        }
        // Connections are tasks of this thread.
        std::future::pending().await
    }
}

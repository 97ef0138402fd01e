//! What operators and Prometheus ask, on a listener of its own so that visitors do not see it.

#[cfg(feature = "sqlite")]
mod files;
mod totals;
mod vitals;

use std::io;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::http::header::ContentType;
use actix_web::{App, HttpResponse, HttpServer, web};

use self::totals::Totals;
use self::vitals::Vitals;
use crate::storage::{Database, Storage};
use crate::telemetry::{exposition, metrics, registry};

/// Threads that may wait for the disk: one that hangs is not to hang all later answers.
const BLOCKING_THREADS: usize = 4;

/// What the answers are about.
pub struct Subject {
    /// The storage that is served.
    pub storage: Arc<dyn Storage>,
    /// `sqlite` or `postgres`.
    pub backend: &'static str,
    /// The database file, if there is one.
    pub file: Option<PathBuf>,
}

impl Subject {
    /// A database as it was opened to be served.
    pub fn new(storage: Arc<dyn Storage>, database: &Database) -> Self {
        let (backend, file) = match database {
            #[cfg(feature = "sqlite")]
            Database::Sqlite(path) => ("sqlite", Some(path.clone())),
            #[cfg(feature = "postgres")]
            Database::Postgres(_) => ("postgres", None),
        };
        Self { storage, backend, file }
    }
}

/// A server for `GET /metrics` and `GET /unknown-users` on that listener. The log tells where:
/// port 0 is any.
pub fn build(listener: TcpListener, subject: Subject) -> io::Result<Server> {
    log::info!("metrics are at http://{}/metrics", listener.local_addr()?);
    registry().info(
        "build_info",
        "Always 1: which program this is.",
        ["version", "backend"],
        [env!("CARGO_PKG_VERSION"), subject.backend],
    );
    let totals = Totals::new(registry());
    actix_web::rt::spawn(totals.keep_counting(subject.storage.clone()));
    let vitals = web::Data::new(Vitals::new(registry(), subject));
    let app = move || {
        App::new()
            .app_data(vitals.clone())
            .route("/metrics", web::get().to(show_metrics))
            .route("/unknown-users", web::get().to(show_unknown_users))
    };
    let server = HttpServer::new(app)
        .workers(1)
        .worker_max_blocking_threads(BLOCKING_THREADS)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}

async fn show_metrics(vitals: web::Data<Vitals>) -> HttpResponse {
    vitals.look().await;
    match exposition() {
        Ok(text) => HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text),
        Err(error) => {
            log::error!("the metrics cannot be written: {error}");
            HttpResponse::InternalServerError().finish()
        }
    }
}

async fn show_unknown_users() -> HttpResponse {
    match serde_json::to_string_pretty(&metrics().unknown_users.list()) {
        Ok(text) => HttpResponse::Ok().content_type(ContentType::json()).body(text),
        Err(error) => {
            log::error!("the unknown users cannot be written: {error}");
            HttpResponse::InternalServerError().finish()
        }
    }
}

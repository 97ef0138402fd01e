//! A line in the log for each request: which route was asked for, by whom, and what came of it.
//! Never what a client wrote: no path, no query, no header, no body.

use std::time::Instant;

use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpMessage, HttpRequest, web};
use log::kv::Value;
use log::{Level, Record};

use super::site::Site;
use crate::domain::UserId;
use crate::telemetry::{Passage, Seldom};

/// What the lines are logged under, for `RUST_LOG`.
const TARGET: &str = "minitwit::requests";

/// Requests that fail on the same route with the same status: who scans a server for holes, or
/// calls it while the database is away, does not fill a disk.
static FAILURES: Seldom = Seldom::new(10);

/// Marks a request that changes something though it may be a GET.
pub(super) struct Changes;

/// Marks a request whose sender is signed in, or has just signed in.
pub(super) struct SignedIn(pub(super) UserId);

/// What came of a request, as far as its line is concerned.
enum Outcome {
    /// Something was read.
    Read,
    /// Something was changed.
    Changed,
    /// It failed, or its form was shown once more.
    Failed,
}

impl Outcome {
    fn of(req: &HttpRequest, status: StatusCode) -> Self {
        let is_read = matches!(*req.method(), Method::GET | Method::HEAD | Method::OPTIONS);
        let changes = !is_read || req.extensions().contains::<Changes>();
        if status.is_client_error() || status.is_server_error() {
            Self::Failed
        } else if !changes {
            Self::Read
        } else if status == StatusCode::OK {
            Self::Failed
        } else {
            Self::Changed
        }
    }

    fn level(&self, status: StatusCode) -> Level {
        match self {
            Self::Read => Level::Debug,
            Self::Failed if status.is_server_error() => Level::Warn,
            Self::Failed | Self::Changed => Level::Info,
        }
    }
}

/// Whether there is a line for each request, even for those that only read.
pub(super) fn tells_of_reads() -> bool {
    log::log_enabled!(target: TARGET, Level::Debug)
}

/// Logs a request that is answered now.
pub(super) fn note(response: &ServiceResponse<BoxBody>, began: Instant) {
    let (req, status) = (response.request(), response.status());
    let outcome = Outcome::of(req, status);
    let level = outcome.level(status);
    if !log::log_enabled!(target: TARGET, level) {
        return;
    }
    let route = req.match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let passage = match outcome {
        Outcome::Failed => {
            let kind = format!("{} {route} {}", req.method(), status.as_u16());
            FAILURES.passes(&kind, Instant::now())
        }
        Outcome::Read | Outcome::Changed => Some(Passage { held_back: 0, is_last: false }),
    };
    if let Some(passage) = passage {
        write(level, req, &route, status, began, passage);
    }
}

fn write(
    level: Level,
    req: &HttpRequest,
    route: &str,
    status: StatusCode,
    began: Instant,
    passage: Passage,
) {
    let tenths = u32::try_from(began.elapsed().as_micros() / 100).unwrap_or(u32::MAX);
    let site = req.app_data::<web::Data<Site>>();
    let client = site.map(|site| site.trusted_proxies.client_address(req).to_string());
    let user = req.extensions().get::<SignedIn>().map(|user| user.0);
    let mut fields = vec![
        ("method", Value::from(req.method().as_str())),
        ("route", Value::from(route)),
        ("status", Value::from(status.as_u16())),
        ("ms", Value::from(f64::from(tenths) / 10.0)),
    ];
    fields.extend(client.as_deref().map(|client| ("client", Value::from(client))));
    fields.extend(user.map(|user| ("user", Value::from(user))));
    if passage.held_back > 0 {
        fields.push(("not_logged_before", Value::from(passage.held_back)));
    }
    if passage.is_last {
        fields.push(("more", Value::from("not logged for a minute")));
    }
    let mut record = Record::builder();
    record.level(level).target(TARGET).key_values(&fields);
    log::logger().log(&record.args(format_args!("answered")).build());
}

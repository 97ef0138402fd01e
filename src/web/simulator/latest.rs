//! `/latest`: how far the simulator has come. Open to everybody, and moved by nobody here.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::Answer;
use crate::web::site::Site;

/// The simulator's most recent `latest`.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Latest {
    /// 0 if there was none yet.
    #[schema(minimum = 0)]
    latest: i64,
}

/// How far the simulator has come.
#[utoipa::path(
    get, path = "/latest", tag = "simulator",
    responses((status = 200, description = "The most recent `latest`", body = Latest)),
)]
pub(in crate::web) async fn latest(site: web::Data<Site>) -> Answer {
    let latest = site.storage.latest().await?;
    Ok(HttpResponse::Ok().json(Latest { latest }))
}

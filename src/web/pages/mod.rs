//! One file for each thing a person does.

pub(super) mod account;
mod first_page;
mod follow;
mod home;
mod post_message;
mod profile;
mod public;
mod register;
mod render_list;
mod sign_in;
mod sign_out;

pub(super) use follow::{follow, unfollow};
pub(super) use home::home;
pub(super) use post_message::post_message;
pub(super) use profile::profile;
pub(super) use public::public;
pub(super) use register::{register, sign_up_form};
pub(super) use render_list::render_list;
pub(super) use sign_in::{sign_in, sign_in_form};
pub(super) use sign_out::sign_out;

use actix_web::HttpResponse;

use super::errors::Failure;

/// What a handler answers with.
type Answer = Result<HttpResponse, Failure>;

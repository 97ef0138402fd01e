//! `/account`: what people do about their own account.

mod data;
mod delete;
mod email;
mod message;
mod overview;
mod password;

pub(in crate::web) use data::data;
pub(in crate::web) use delete::{delete, delete_form};
pub(in crate::web) use email::change_email;
pub(in crate::web) use message::{delete_message, delete_message_form};
pub(in crate::web) use overview::overview;
pub(in crate::web) use password::change_password;

use super::Answer;

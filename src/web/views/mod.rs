//! Pages: functions from data to markup. No request and no database in here.

pub mod account;
pub mod accounts;
pub mod avatar;
mod date;
pub mod error;
pub mod flash;
mod form;
pub mod frame;
mod identicon;
pub mod text;
pub mod timeline;
pub mod user_path;

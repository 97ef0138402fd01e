//! Pages: functions from data to markup. No request and no database in here.

pub mod avatar;
pub mod flash;
mod identicon;
pub mod text;
pub mod user_path;

//! Pages: functions from data to markup. No request and no database in here.

pub mod flash;
pub mod text;
pub mod user_path;

//! Who may sign in: passwords and the threads that hash them, session tokens, and what slows
//! down guessing. Knows neither the web nor where accounts are stored.

mod cost;
mod hashing;
mod password;
mod session;
mod werkzeug;

pub use cost::{BcryptCost, InvalidBcryptCost};
pub use hashing::{Busy, HashingPool};
pub use password::{UnusableHash, Verdict};
pub use session::SessionToken;

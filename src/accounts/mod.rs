//! Who may sign in: passwords and the threads that hash them, session tokens, and what slows
//! down guessing. Knows neither the web nor where accounts are stored.
//!
//! Somebody signs in like this: their account is found, [`Throttle::attempt`] lets them try,
//! [`HashingPool::verify`] measures the password, and the [`Attempt`] is told how it went. A
//! [`SessionToken`] is what they leave with.

mod cost;
mod hashing;
mod password;
mod session;
mod throttle;
mod werkzeug;

pub use cost::{BcryptCost, InvalidBcryptCost};
pub use hashing::{Busy, HashingPool};
pub use password::{UnusableHash, Verdict};
pub use session::SessionToken;
pub use throttle::{Attempt, Throttle, Throttled};

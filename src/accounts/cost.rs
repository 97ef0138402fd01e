//! How much work a password hash is.

use std::fmt;
use std::str::FromStr;

/// The cost of new bcrypt hashes, 4 to 31: one more takes twice as long. At 10, the default, a
/// hash takes about a tenth of a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BcryptCost(u32);

impl BcryptCost {
    /// Below it, bcrypt is not defined.
    const MIN: u32 = 4;
    /// Above it, bcrypt is not defined.
    const MAX: u32 = 31;

    /// The binary logarithm of the number of rounds.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl Default for BcryptCost {
    fn default() -> Self {
        Self(10)
    }
}

impl fmt::Display for BcryptCost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The text is not a [`BcryptCost`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cost of bcrypt is a whole number from {} to {}", BcryptCost::MIN, BcryptCost::MAX)]
pub struct InvalidBcryptCost;

impl FromStr for BcryptCost {
    type Err = InvalidBcryptCost;

    fn from_str(text: &str) -> Result<Self, InvalidBcryptCost> {
        let cost = text.parse().map_err(|_| InvalidBcryptCost)?;
        let allowed = (Self::MIN..=Self::MAX).contains(&cost);
        allowed.then_some(Self(cost)).ok_or(InvalidBcryptCost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_is_a_number_from_4_to_31() {
        for (text, cost) in [("4", 4), ("10", 10), ("31", 31)] {
            assert_eq!(text.parse(), Ok(BcryptCost(cost)));
        }
        for text in ["3", "32", "", "ten", "-5", "10.0", "4294967306"] {
            assert_eq!(text.parse::<BcryptCost>(), Err(InvalidBcryptCost), "{text}");
        }
        let told = InvalidBcryptCost.to_string();
        assert_eq!(told, "the cost of bcrypt is a whole number from 4 to 31");
    }

    #[test]
    fn the_default_survives_being_shown_and_read() {
        let cost = BcryptCost::default();
        assert_eq!(cost.to_string(), "10");
        assert_eq!(cost.to_string().parse(), Ok(cost));
    }
}

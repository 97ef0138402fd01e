//! Slows down who guesses passwords, without keeping anybody else out.

mod failures;

use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::hashing::MAX_UNDER_WAY;
use failures::{Allowance, Failures};

/// Failures from one address, whatever the accounts. A suite signs in wrongly dozens of times a
/// minute, and a whole class may share an address.
const OF_ADDRESS: Allowance = Allowance { burst: 100, forgets_one_in: Duration::from_secs(2) };

// However many people behind one address sign in at once, they are not taken for guessers.
const _: () = assert!(OF_ADDRESS.burst as usize > MAX_UNDER_WAY);

/// Failures from one address for one account: somebody who tries to remember.
const OF_PAIR: Allowance = Allowance { burst: 10, forgets_one_in: Duration::from_secs(30) };

/// Failures for one account from wherever: a hundred in a row, as NIST SP 800-63B-3, section 5.2.2, allows.
const OF_ACCOUNT: Allowance = Allowance { burst: 100, forgets_one_in: Duration::from_secs(5) };

/// Counts failed attempts to sign in: by address (an IPv4 address or an IPv6 /64), by address and
/// account, and by account. Attempts under way count as failures until they end; successes count
/// nothing.
///
/// When an account has too many failures from many addresses, an address is turned away only
/// while a failure of its own for that account is remembered. So many addresses have one guess
/// each, and the owner gets in from any address that does not guess as well.
///
/// Written here because `governor` can neither look without taking nor give back.
#[derive(Debug)]
pub struct Throttle {
    hasher: RandomState,
    tables: Mutex<Tables>,
}

#[derive(Debug)]
struct Tables {
    addresses: Failures,
    pairs: Failures,
    accounts: Failures,
}

/// Whom an attempt concerns. Hashes, so that long names take no room; keyed with a secret, so
/// that nobody can make theirs equal to another's.
#[derive(Clone, Copy, Debug)]
struct Keys {
    address: u64,
    pair: u64,
    account: u64,
}

/// Too many failures: the attempt must not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many failed attempts to sign in")]
pub struct Throttled {
    /// When to try again: whole seconds, at least one.
    pub retry_after: Duration,
}

/// An attempt under way. Dropped without a result, it is as if it had not been made.
#[derive(Debug)]
#[must_use = "an attempt that is dropped counts nothing"]
pub struct Attempt<'a> {
    throttle: &'a Throttle,
    keys: Keys,
    began: Instant,
    result: Option<AttemptResult>,
}

#[derive(Debug)]
enum AttemptResult {
    Failed(Instant),
    Succeeded,
}

impl Throttle {
    /// Knows of no failures.
    pub fn new() -> Self {
        let tables = Tables {
            addresses: Failures::new(OF_ADDRESS),
            pairs: Failures::new(OF_PAIR),
            accounts: Failures::new(OF_ACCOUNT),
        };
        Self { hasher: RandomState::new(), tables: Mutex::new(tables) }
    }

    /// Begins an attempt to sign in, or tells when to come again. `account` is the name as it is
    /// stored (several spellings may find one account), or as it was entered if it is nobody's.
    pub fn attempt(
        &self,
        address: IpAddr,
        account: &str,
        now: Instant,
    ) -> Result<Attempt<'_>, Throttled> {
        let keys = self.keys(network(address), account);
        let mut tables = self.tables();
        let wait = tables.wait(keys, now);
        if !wait.is_zero() {
            return Err(Throttled { retry_after: whole_seconds(wait) });
        }
        tables.addresses.begin(keys.address, now);
        tables.pairs.begin(keys.pair, now);
        tables.accounts.begin(keys.account, now);
        Ok(Attempt { throttle: self, keys, began: now, result: None })
    }

    fn keys(&self, network: IpAddr, account: &str) -> Keys {
        Keys {
            address: self.hasher.hash_one(network),
            pair: self.hasher.hash_one((network, account)),
            account: self.hasher.hash_one(account),
        }
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Throttle {
    fn default() -> Self {
        Self::new()
    }
}

impl Tables {
    fn wait(&self, keys: Keys, now: Instant) -> Duration {
        let of_address = self.addresses.wait(keys.address, now);
        let of_pair = self.pairs.wait(keys.pair, now);
        let own = self.pairs.until_forgotten(keys.pair, now);
        let of_account = self.accounts.wait(keys.account, now).min(own);
        of_address.max(of_pair).max(of_account)
    }
}

impl Attempt<'_> {
    /// The password was wrong, or the name nobody's.
    pub fn failed(mut self, now: Instant) {
        self.result = Some(AttemptResult::Failed(now));
    }

    /// The password was right: earlier failures of this address for this account are forgotten.
    /// Those of the address are not, or a guesser could sign in to an own account in between;
    /// nor those of the account, which are others'.
    pub fn succeeded(mut self) {
        self.result = Some(AttemptResult::Succeeded);
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        let Self { keys, began, .. } = *self;
        let mut tables = self.throttle.tables();
        if let Some(AttemptResult::Succeeded) = self.result {
            tables.pairs.forget(keys.pair, began);
        }
        tables.addresses.end(keys.address, began);
        tables.pairs.end(keys.pair, began);
        tables.accounts.end(keys.account, began);
        if let Some(AttemptResult::Failed(now)) = self.result {
            tables.addresses.add(keys.address, now);
            tables.pairs.add(keys.pair, now);
            tables.accounts.add(keys.account, now);
        }
    }
}

/// What counts as one address: whoever has an IPv6 address has the other 2⁶⁴ of its network.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

fn whole_seconds(wait: Duration) -> Duration {
    Duration::from_secs(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests;

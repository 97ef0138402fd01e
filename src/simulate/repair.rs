//! Registers who got lost: a server that was down when somebody registered answers every later
//! call for them with 404.

use std::thread;
use std::time::Duration;

use super::action::{Action, Deed};
use super::client::{Client, Trouble};

/// What came of a repair.
#[derive(Debug, Default)]
pub(super) struct Repair {
    pub(super) there: usize,
    pub(super) registered: Vec<String>,
    /// Who is still missing, and why.
    pub(super) failed: Vec<(String, Trouble)>,
}

/// Attempts for each user.
const ATTEMPTS: u32 = 5;

/// Registers those of a scenario's users whom the server does not know. Leaves `latest` alone.
pub(super) fn register_missing(actions: &[Action], client: &Client) -> Repair {
    let mut repair = Repair::default();
    for action in actions.iter().filter(|a| matches!(a.deed, Deed::Register { .. })) {
        let silent = Action { id: -1, ..action.clone() };
        match persistently(|| ensure(&silent, client)) {
            Ok(false) => repair.there += 1,
            Ok(true) => repair.registered.push(silent.user),
            Err(trouble) => repair.failed.push((silent.user, trouble)),
        }
    }
    repair
}

/// Whether the user had to be registered.
fn ensure(action: &Action, client: &Client) -> Result<bool, Trouble> {
    if client.knows(&action.user)? {
        return Ok(false);
    }
    client.act(action)?;
    Ok(true)
}

fn persistently<T>(mut attempt: impl FnMut() -> Result<T, Trouble>) -> Result<T, Trouble> {
    let mut outcome = attempt();
    for n in 1..ATTEMPTS {
        if !outcome.as_ref().is_err_and(Trouble::may_pass) {
            break;
        }
        thread::sleep(Duration::from_secs(u64::from(n)));
        outcome = attempt();
    }
    outcome
}

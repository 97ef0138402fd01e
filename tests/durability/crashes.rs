//! kill -9 under load, again and again.

use std::thread;
use std::time::Duration;

use crate::ledger::Ledger;
use crate::support::{Simulator, TestServer, eventually};

const ROUNDS: usize = 10;
const CLIENTS: usize = 8;

/// What one client knows of its follow.
#[derive(Clone, Copy, Default)]
struct Follow {
    acknowledged: bool,
    /// What was asked for last, if that was never answered.
    unanswered: Option<bool>,
}

fn name(client: usize) -> String {
    format!("client{client}")
}

/// Calls until the server is gone.
fn work(ledger: &Ledger, simulator: &Simulator, client: usize, follow: &mut Follow) {
    let (me, next) = (name(client), name((client + 1) % CLIENTS));
    for n in 0.. {
        let answer = match n % 5 {
            0 => ledger.register(simulator),
            1 => {
                let wanted = !follow.acknowledged;
                follow.unanswered = Some(wanted);
                let answer = ledger.follow(simulator, &me, &next, wanted);
                if answer.is_some() {
                    *follow = Follow { acknowledged: wanted, unanswered: None };
                }
                answer
            }
            _ => ledger.post(simulator, &me),
        };
        match answer {
            None => return,
            Some(answer) => drop(answer.expect(204)),
        }
    }
}

/// Settles what a client could not know, and compares the rest.
fn check_follow(simulator: &Simulator, client: usize, follow: &mut Follow) {
    let follows = !simulator.follows(&name(client)).is_empty();
    if follow.unanswered != Some(follows) {
        assert_eq!(follows, follow.acknowledged, "what {} follows was lost", name(client));
    }
    *follow = Follow { acknowledged: follows, unanswered: None };
}

#[test]
fn nothing_acknowledged_is_lost_when_the_server_is_killed_again_and_again() {
    let mut server = TestServer::start();
    let simulator = Simulator::of(&server);
    (0..CLIENTS).for_each(|client| drop(simulator.register(&name(client)).expect(204)));
    let ledger = Ledger::default();
    let mut follows = [Follow::default(); CLIENTS];
    for round in 0..ROUNDS {
        let before = ledger.messages();
        thread::scope(|scope| {
            for (client, follow) in follows.iter_mut().enumerate() {
                let (ledger, simulator) = (&ledger, &simulator);
                scope.spawn(move || work(ledger, simulator, client, follow));
            }
            eventually("a load", || (ledger.messages() > before + 50).then_some(()));
            thread::sleep(Duration::from_millis(700 + 31 * round as u64));
            server.kill();
        });
        server.restart();
        ledger.assert_most_recent(simulator.latest());
        for (client, follow) in follows.iter_mut().enumerate() {
            check_follow(&simulator, client, follow);
        }
        ledger.assert_kept(&server.sqlite());
    }
    let listed = simulator.messages("/msgs?no=1000000").len();
    assert!(listed >= ledger.messages(), "{listed} of {} are listed", ledger.messages());
    println!("{ROUNDS} crashes, {} messages, {} users", ledger.messages(), ledger.users());
}

use std::net::Ipv4Addr;

use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn address(number: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + number))
}

/// Fails until it is turned away; how often, and when to come again.
fn guess(throttle: &Throttle, from: IpAddr, account: &str, now: Instant) -> (u32, Duration) {
    for guesses in 0..1_000 {
        match throttle.attempt(from, account, now) {
            Ok(attempt) => attempt.failed(now),
            Err(throttled) => return (guesses, throttled.retry_after),
        }
    }
    panic!("a thousand guesses");
}

/// A thousand addresses guess at an account, each until it is turned away.
fn attacked(account: &str, now: Instant) -> Throttle {
    let throttle = Throttle::new();
    for bot in 0..1_000 {
        guess(&throttle, address(bot), account, now);
    }
    throttle
}

fn sign_in(throttle: &Throttle, from: IpAddr, account: &str, now: Instant) -> bool {
    throttle.attempt(from, account, now).map(Attempt::succeeded).is_ok()
}

#[test]
fn who_guesses_at_an_account_has_ten_guesses_then_one_in_thirty_seconds() {
    let (throttle, now) = (Throttle::new(), Instant::now());
    assert_eq!(guess(&throttle, address(1), "ada", now), (10, 30 * SECOND));
    assert_eq!(guess(&throttle, address(1), "ada", now + SECOND / 2), (0, 30 * SECOND));
    assert_eq!(guess(&throttle, address(1), "ada", now + 30 * SECOND), (1, 30 * SECOND));
    assert!(sign_in(&throttle, address(1), "bob", now), "another account");
    assert!(sign_in(&throttle, address(2), "ada", now), "another address");
}

#[test]
fn who_tries_a_password_on_many_accounts_is_slowed_down() {
    let (throttle, now) = (Throttle::new(), Instant::now());
    for account in 0..100 {
        let attempt = throttle.attempt(address(1), &format!("user {account}"), now);
        attempt.unwrap().failed(now);
    }
    assert_eq!(guess(&throttle, address(1), "ada", now), (0, 2 * SECOND));
    assert!(sign_in(&throttle, address(2), "ada", now), "another address");
}

#[test]
fn a_suite_passes() {
    let (throttle, start) = (Throttle::new(), Instant::now());
    for step in 0..1_000 {
        let (now, user) = (start + step * SECOND / 2, format!("user {step}"));
        assert!(sign_in(&throttle, address(1), &user, now), "step {step}");
        if step % 3 == 0 {
            throttle.attempt(address(1), &user, now).unwrap().failed(now);
        }
    }
}

#[test]
fn a_crowd_behind_one_address_is_not_turned_away() {
    let (throttle, now) = (Throttle::new(), Instant::now());
    let crowd = (0..MAX_UNDER_WAY).map(|user| throttle.attempt(address(1), &user.to_string(), now));
    let crowd: Vec<_> = crowd.map(Result::unwrap).collect();
    crowd.into_iter().for_each(Attempt::succeeded);
}

#[test]
fn a_success_forgets_what_the_owner_mistyped() {
    let (throttle, now) = (Throttle::new(), Instant::now());
    for _ in 0..20 {
        for _ in 0..4 {
            throttle.attempt(address(1), "ada", now).unwrap().failed(now);
        }
        assert!(sign_in(&throttle, address(1), "ada", now));
    }
}

#[test]
fn guesses_sent_at_once_are_no_more_than_guesses_sent_in_turn() {
    let (throttle, now) = (Throttle::new(), Instant::now());
    let attempt = || throttle.attempt(address(1), "ada", now);
    let under_way: Vec<_> = std::iter::from_fn(|| attempt().ok()).take(1_000).collect();
    assert_eq!(under_way.len(), 10);
    under_way.into_iter().for_each(|attempt| attempt.failed(now));
    assert_eq!(guess(&throttle, address(1), "ada", now), (0, 30 * SECOND));
}

#[test]
fn threads_together_have_no_more_guesses() {
    let (throttle, now) = (Throttle::new(), Instant::now());
    let guesses = || guess(&throttle, address(1), "ada", now).0;
    let guessed: u32 = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(guesses)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(guessed, 10);
}

#[test]
fn an_attempt_that_was_not_made_counts_nothing() {
    let (throttle, now) = (Throttle::new(), Instant::now());
    for _ in 0..1_000 {
        drop(throttle.attempt(address(1), "ada", now).unwrap());
    }
    assert_eq!(guess(&throttle, address(1), "ada", now).0, 10);
}

#[test]
fn many_addresses_have_one_guess_each_and_the_owner_gets_in() {
    let now = Instant::now();
    let throttle = attacked("ada", now);
    assert_eq!(guess(&throttle, address(5_000), "ada", now), (1, 5 * SECOND));
    assert_eq!(guess(&throttle, address(5_001), "ada", now), (1, 5 * SECOND));
    assert!(sign_in(&throttle, address(7_000), "ada", now));
    assert!(sign_in(&throttle, address(7_000), "ada", now), "again");
    assert_eq!(guess(&throttle, address(7_001), "bob", now).0, 10, "another account");
}

#[test]
fn an_attack_is_forgotten_when_it_has_ended() {
    let now = Instant::now();
    let throttle = attacked("ada", now);
    assert_eq!(guess(&throttle, address(1), "ada", now + 500 * SECOND).0, 10);
}

#[test]
fn a_network_is_one_address() {
    let (throttle, now) = (Throttle::new(), Instant::now());
    let at = |text: &str| text.parse::<IpAddr>().unwrap();
    assert_eq!(guess(&throttle, at("2001:db8::1"), "ada", now).0, 10);
    assert_eq!(guess(&throttle, at("2001:db8::ffff:0:0:2"), "ada", now).0, 0);
    assert_eq!(guess(&throttle, at("2001:db8:0:1::1"), "ada", now).0, 10);
    assert_eq!(guess(&throttle, at("192.0.2.1"), "ada", now).0, 10);
    assert_eq!(guess(&throttle, at("::ffff:192.0.2.1"), "ada", now).0, 0);
    assert_eq!(guess(&throttle, at("::ffff:192.0.2.2"), "ada", now).0, 10);
}

/// What somebody does after a pause, in tenths of a second.
#[derive(Clone, Copy, Debug)]
struct Step {
    pause: u64,
    from: u32,
    account: u8,
    fails: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0..30_u64, 0..3_u32, 0..2_u8, prop::bool::weighted(0.9));
    let step = step.prop_map(|(pause, from, account, fails)| Step { pause, from, account, fails });
    prop::collection::vec(step, 0..600)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_order_of_attempts_allows_more_guesses(steps in steps()) {
        let (throttle, start) = (Throttle::new(), Instant::now());
        let (mut now, mut failed) = (start, [[0_u32; 2]; 3]);
        for step in steps {
            now += Duration::from_millis(step.pause * 100);
            let account = step.account.to_string();
            if let Ok(attempt) = throttle.attempt(address(step.from), &account, now)
                && step.fails
            {
                attempt.failed(now);
                failed[step.from as usize][step.account as usize] += 1;
            }
        }
        let seconds = (now - start).as_secs() as u32;
        for failed in failed {
            let most = *failed.iter().max().unwrap();
            prop_assert!(most <= 10 + seconds / 30 + 1, "{failed:?} in {seconds} s");
            let total: u32 = failed.iter().sum();
            prop_assert!(total <= 100 + seconds / 2 + 1, "{failed:?} in {seconds} s");
        }
    }

    #[test]
    fn nothing_others_do_keeps_the_owner_out(steps in steps(), under_way in 0..200_u32) {
        let throttle = Throttle::new();
        let mut now = Instant::now();
        for step in steps {
            now += Duration::from_millis(step.pause);
            if let Ok(attempt) = throttle.attempt(address(step.from), "ada", now) {
                attempt.failed(now);
            }
        }
        let at_once = (0..under_way).map(|bot| throttle.attempt(address(100 + bot), "ada", now));
        let at_once: Vec<_> = at_once.collect();
        prop_assert!(sign_in(&throttle, address(99), "ada", now));
        drop(at_once);
    }

    #[test]
    fn who_comes_when_told_is_let_in(guesses in 1..30_u32, bots in 0..200_u32) {
        let (throttle, now) = (Throttle::new(), Instant::now());
        for bot in 0..bots {
            throttle.attempt(address(100 + bot), "ada", now).unwrap().failed(now);
        }
        for _ in 0..guesses {
            match throttle.attempt(address(1), "ada", now) {
                Ok(attempt) => attempt.failed(now),
                Err(Throttled { retry_after }) => {
                    prop_assert!(retry_after >= SECOND && retry_after.subsec_nanos() == 0);
                    prop_assert!(sign_in(&throttle, address(1), "ada", now + retry_after));
                    return Ok(());
                }
            }
        }
    }
}

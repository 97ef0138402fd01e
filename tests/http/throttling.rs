//! Guessing passwords, and what keeps guessers from harming others.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::support::{Answer, Launch, PATIENCE, TestServer, Visitor, eventually, form};

/// Tries wrong passwords until that is stopped.
fn guess_until_stopped(visitor: &Visitor, name: &str) -> Answer {
    for n in 0..1_000 {
        let fields = [("username", name), ("password", &format!("guess {n}"))];
        let answer = visitor.send("/login", &fields);
        if answer.status == 429 {
            return answer;
        }
        assert!(answer.expect(200).text().contains("Invalid"));
    }
    panic!("a thousand guesses went through");
}

#[test]
fn who_guesses_is_told_to_wait_and_for_how_long() {
    let server = TestServer::start();
    Visitor::to(&server).register("ada");
    let answer = guess_until_stopped(&Visitor::to(&server), "ada");
    let seconds: u64 = answer.header("retry-after").parse().unwrap_or_else(|_| panic!("{answer}"));
    assert!((1..=3_600).contains(&seconds), "{answer}");
    assert_eq!(answer.link("public timeline").as_deref(), Some("/public"), "{answer}");
    // Not even the right password helps now: that would tell the guesser.
    let fields = [("username", "ada"), ("password", "correct horse battery staple")];
    Visitor::to(&server).send("/login", &fields).expect(429);
}

#[test]
fn the_owner_gets_in_from_elsewhere() {
    let server = Launch::new().flag("--trusted-proxy", "127.0.0.1").start();
    let from = |address: &str| Visitor::to(&server).with("X-Forwarded-For", address);
    from("192.0.2.1").register("ada");
    guess_until_stopped(&from("192.0.2.66"), "ada");
    from("192.0.2.1").sign_in("ada").expect(200);
}

#[test]
fn not_even_many_guessers_lock_the_owner_out() {
    let server = Launch::new().flag("--trusted-proxy", "127.0.0.1").start();
    let from = |address: &str| Visitor::to(&server).with("X-Forwarded-For", address);
    from("192.0.2.1").register("ada");
    for n in 0..200 {
        for _ in 0..2 {
            from(&format!("198.51.100.{n}")).sign_in_with("ada", "wrong");
        }
    }
    from("192.0.2.1").sign_in("ada").expect(200);
}

#[test]
fn who_is_no_trusted_proxy_does_not_choose_their_address() {
    let server = TestServer::start();
    Visitor::to(&server).register("ada");
    for n in 0..1_000 {
        let forged = format!("203.0.113.{}", n % 250);
        let guesser = Visitor::to(&server).with("X-Forwarded-For", &forged);
        if guesser.sign_in_with("ada", "wrong").status == 429 {
            return;
        }
    }
    panic!("a thousand guesses went through");
}

#[test]
fn behind_a_proxy_what_the_client_wrote_into_the_header_does_not_count() {
    let server = Launch::new().flag("--trusted-proxy", "127.0.0.1").start();
    Visitor::to(&server).register("ada");
    for n in 0..1_000 {
        let forwarded = format!("203.0.113.{}, 192.0.2.66", n % 250);
        let guesser = Visitor::to(&server).with("X-Forwarded-For", &forwarded);
        if guesser.sign_in_with("ada", "wrong").status == 429 {
            return;
        }
    }
    panic!("a thousand guesses went through");
}

#[test]
fn a_guesser_keeps_nobody_from_reading_and_registering() {
    let server = TestServer::start();
    let grace = Visitor::signed_in(&server, "grace");
    guess_until_stopped(&Visitor::to(&server), "grace");
    grace.post("still here").expect(200);
    Visitor::to(&server).page("/public").expect(200);
    let page = Visitor::to(&server).register("mary").expect(200);
    assert_eq!(page.title(), "Sign In | MiniTwit");
}

#[test]
fn a_suite_that_registers_and_signs_in_a_hundred_users_passes() {
    let server = TestServer::start();
    for n in 0..100 {
        let visitor = Visitor::to(&server);
        let name = format!("user {n}");
        let page = visitor.register(&name).expect(200);
        assert_eq!(page.title(), "Sign In | MiniTwit", "{page}");
        let page = visitor.sign_in(&name).expect(200);
        assert_eq!(page.title(), "My Timeline | MiniTwit", "{page}");
    }
}

#[test]
fn a_flood_of_registrations_is_told_to_come_back_and_pages_are_served_meanwhile() {
    // One hash takes a second or more at this cost, so the queue fills.
    let server = Launch::new().flag("--bcrypt-cost", "14").start();
    let mut waiting: Vec<TcpStream> = (0..150)
        .map(|n| {
            let name = format!("user {n}");
            let fields =
                [("username", name.as_str()), ("email", "a@b"), ("password", "x"), ("password2", "x")];
            let body = form(&fields);
            let request = format!(
                "POST /register HTTP/1.1\r\nHost: minitwit\r\nConnection: close\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let mut stream = TcpStream::connect(server.address()).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            stream.set_nonblocking(true).unwrap();
            stream
        })
        .collect();
    let refused = eventually("a registration to be refused", || {
        waiting.iter_mut().find_map(|stream| {
            let mut buffer = [0; 4096];
            let count = stream.read(&mut buffer).ok()?;
            let answer = String::from_utf8_lossy(&buffer[..count]).into_owned();
            answer.starts_with("HTTP/1.1 503").then_some(answer)
        })
    });
    assert!(refused.to_lowercase().contains("retry-after:"), "{refused}");
    Visitor::to(&server).page("/public").expect(200);
}

//! Two servers on one database are one MiniTwit.

use std::thread;

use serde_json::json;

use crate::support::{Simulator, TestServer, Visitor};

/// The same browser, sent to the other server by whatever stands in front.
fn moved(visitor: &Visitor, server: &TestServer) -> Visitor {
    Visitor::to(server).with("Cookie", &visitor.cookie_header())
}

#[test]
fn who_signed_in_on_one_is_signed_in_on_the_other_until_they_sign_out() {
    let server = TestServer::start();
    let twin = server.twin();
    let ada = Visitor::signed_in(&server, "ada");
    let there = moved(&ada, &twin);
    assert!(there.get("/").expect(200).shows("sign out [ada]"));
    assert!(there.send("/add_message", &[("text", "from there")]).status == 302);
    assert!(ada.page("/").shows("from there"));
    there.get("/logout").expect(302);
    ada.get("/").expect(302);
}

#[test]
fn what_one_has_to_tell_the_other_tells_once() {
    let server = TestServer::start();
    let twin = server.twin();
    let ada = Visitor::signed_in(&server, "ada");
    ada.send("/add_message", &[("text", "hello")]).expect(302);
    let page = moved(&ada, &twin).get("/").expect(200);
    assert!(page.flashes().contains(&"Your message was recorded".to_owned()), "{page}");
    assert!(page.cookies().iter().any(|cookie| cookie.starts_with("flash=;")), "{page}");
}

#[test]
fn the_next_public_page_of_the_other_shows_what_was_posted_on_one() {
    let server = TestServer::start();
    let twin = server.twin();
    let (here, there) = (Simulator::of(&server), Simulator::of(&twin));
    here.register("ada").expect(204);
    let (reader, other_reader) = (Visitor::to(&server), Visitor::to(&twin));
    for n in 0..100 {
        let (writer, reader) = if n % 2 == 0 { (&here, &other_reader) } else { (&there, &reader) };
        let text = format!("message number {n}.");
        writer.says("ada", &text).expect(204);
        let page = reader.page("/public").expect(200);
        assert!(page.shows(&text), "no {text} in {page}");
    }
}

#[test]
fn latest_is_that_of_the_last_call_on_either() {
    let server = TestServer::start();
    let twin = server.twin();
    let (here, there) = (Simulator::of(&server), Simulator::of(&twin));
    here.register("ada").expect(204);
    for n in 0..100 {
        let (one, other) = if n % 3 == 0 { (&here, &there) } else { (&there, &here) };
        match n % 2 {
            0 => one.get(&format!("/msgs?latest={n}")).expect(200),
            _ => one.post(&format!("/msgs/ada?latest={n}"), &json!({"content": "x"})).expect(204),
        };
        assert_eq!((one.latest(), other.latest()), (n, n));
    }
}

#[test]
fn a_name_registered_on_both_at_once_is_registered_once() {
    let server = TestServer::start();
    let twin = server.twin();
    let simulators = [Simulator::of(&server), Simulator::of(&twin)];
    for n in 0..10 {
        let name = format!("ada {n}");
        let statuses: Vec<u16> = thread::scope(|scope| {
            let name = &name;
            let calls: Vec<_> = simulators
                .iter()
                .chain(&simulators)
                .map(|simulator| scope.spawn(move || simulator.register(name).status))
                .collect();
            calls.into_iter().map(|call| call.join().unwrap()).collect()
        });
        let registered = statuses.iter().filter(|status| **status == 204).count();
        let refused = statuses.iter().filter(|status| **status == 400).count();
        assert_eq!((registered, refused), (1, 3), "{statuses:?}");
    }
    assert_eq!(server.sql().value(r#"SELECT count(*) FROM "user""#), "10");
}

#[test]
fn a_server_that_is_gone_for_a_day_leaves_no_trace_but_the_last_latest() {
    let mut server = TestServer::start();
    for n in 0..3 {
        Simulator::of(&server).get(&format!("/msgs?latest={n}")).expect(200);
        server.restart();
    }
    let count = "SELECT count(*) FROM latest";
    assert_eq!(server.sql().value(count), "3");
    server.sql().execute("UPDATE latest SET noted_at = noted_at - 2 * 86400 * 1000000::bigint");
    server.restart();
    assert_eq!(server.sql().value(count), "1");
    assert_eq!(Simulator::of(&server).latest(), 2);
}

//! Reading on, beyond the first page.

use crate::support::{Answer, TestServer, Visitor};

/// Where the link to older messages leads.
fn older(page: &Answer) -> Option<String> {
    let links = page.elements("a", "").into_iter();
    links.filter(|a| a.text().to_lowercase().contains("older")).map(|a| a.attribute("href")).next()
}

/// The numbers in `message number N.`, in the order of the page.
fn numbers(page: &Answer) -> Vec<i64> {
    let number = |text: String| {
        let (_, rest) = text.split_once("message number ")?;
        rest.split_once('.')?.0.parse().ok()
    };
    page.messages().iter().filter_map(|message| number(message.text())).collect()
}

/// Reads a timeline from its first page to its last.
fn read_all(visitor: &Visitor, path: &str) -> Vec<i64> {
    let mut page = visitor.page(path).expect(200);
    let mut seen = numbers(&page);
    while let Some(link) = older(&page) {
        page = visitor.page(&link).expect(200);
        assert!(!numbers(&page).is_empty(), "an empty page was linked: {page}");
        seen.extend(numbers(&page));
        assert!(seen.len() < 1_000, "the pages do not end");
    }
    seen
}

fn server_with_messages(count: i64, date: impl Fn(i64) -> i64) -> TestServer {
    let server = TestServer::start();
    Visitor::to(&server).register("ada");
    for n in 0..count {
        server.insert_message("ada", &format!("message number {n}."), date(n));
    }
    server
}

#[test]
fn every_timeline_can_be_read_to_its_end_without_gap_or_repetition() {
    let server = server_with_messages(95, |n| 1_700_000_000 + n);
    let ada = Visitor::to(&server);
    ada.sign_in("ada").expect(200);
    let all: Vec<_> = (0..95).rev().collect();
    for path in ["/public", "/ada", "/"] {
        assert_eq!(read_all(&ada, path), all, "{path}");
    }
}

#[test]
fn messages_of_one_second_are_split_between_pages_without_loss() {
    let server = server_with_messages(65, |n| 1_700_000_000 + n / 50);
    let visitor = Visitor::to(&server);
    let all: Vec<_> = (0..65).rev().collect();
    assert_eq!(read_all(&visitor, "/public"), all);
    assert_eq!(read_all(&visitor, "/ada"), all);
}

#[test]
fn what_is_written_meanwhile_does_not_shift_the_next_page() {
    let server = server_with_messages(60, |n| 1_700_000_000 + n);
    let visitor = Visitor::to(&server);
    let link = older(&visitor.page("/public")).unwrap();
    for n in 60..80 {
        server.insert_message("ada", &format!("message number {n}."), 1_700_000_000 + n);
    }
    let page = visitor.page(&link).expect(200);
    assert_eq!(numbers(&page), (0..30).rev().collect::<Vec<_>>(), "{page}");
}

#[test]
fn there_is_no_link_where_there_is_nothing_older() {
    let server = server_with_messages(30, |n| 1_700_000_000 + n);
    let page = Visitor::to(&server).page("/public").expect(200);
    assert_eq!(older(&page), None, "{page}");
    server.insert_message("ada", "message number 30.", 1_700_000_030);
    let page = Visitor::to(&server).page("/public").expect(200);
    let page = Visitor::to(&server).page(&older(&page).unwrap()).expect(200);
    assert_eq!(numbers(&page), [0], "{page}");
    assert_eq!(older(&page), None, "{page}");
    assert!(page.text().contains(r#"<a href="/public">Newest messages</a>"#), "{page}");
}

#[test]
fn flagged_messages_leave_no_gap() {
    let server = server_with_messages(70, |n| 1_700_000_000 + n);
    server.sql().execute("UPDATE message SET flagged = 1 WHERE message_id % 2 = 0");
    let page = Visitor::to(&server).page("/public");
    assert_eq!(numbers(&page).len(), 30, "{page}");
    assert_eq!(read_all(&Visitor::to(&server), "/public").len(), 35);
}

#[test]
fn a_cursor_that_is_none_is_no_server_error() {
    let server = server_with_messages(31, |n| 1_700_000_000 + n);
    let visitor = Visitor::to(&server);
    let link = older(&visitor.page("/public")).unwrap();
    let (start, _) = link.split_once('=').unwrap();
    for cursor in
        ["", "x", "-", "--", "1-", "-1-2", "9e9-1", "99999999999999999999-1", "%FF", "%00"]
    {
        let answer = visitor.get(&format!("{start}={cursor}"));
        assert!(answer.status < 500, "{answer}");
    }
}

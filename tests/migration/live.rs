//! A server goes on while its data is moved, and nobody notices.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread;
use std::time::Duration;

use crate::migration::Move;
use crate::support::{Launch, Simulator, TestServer, Visitor, eventually};

const CLIENTS: usize = 3;

/// What clients were told is stored.
#[derive(Default)]
struct Told {
    messages: Mutex<Vec<String>>,
    latest: AtomicI64,
    over: AtomicBool,
}

impl Told {
    /// Posts, reads what was posted, follows and registers, until it is over.
    fn be_busy(&self, server: &TestServer, me: &str, friend: &str) {
        let simulator = Simulator::of(server);
        for number in 0.. {
            if self.over.load(Ordering::Relaxed) {
                break;
            }
            let text = format!("{me} says {number}");
            let latest = self.latest.fetch_add(1, Ordering::Relaxed) + 1;
            let body = serde_json::json!({ "content": text });
            simulator.post(&format!("/msgs/{me}?latest={latest}"), &body).expect(204);
            let shown = simulator.messages(&format!("/msgs/{me}?no=1"));
            assert_eq!(shown[0].1, text, "posted and not shown");
            self.messages.lock().unwrap().push(text);
            if number % 2 == 0 {
                simulator.follow(me, friend).expect(204);
            } else {
                simulator.unfollow(me, friend).expect(204);
            }
            assert_eq!(simulator.follows(me).len(), usize::from(number % 2 == 0));
            if number % 5 == 0 {
                simulator.register(&format!("{me} {number}")).expect(204);
            }
        }
    }
}

fn busy_server(to: &Move) -> TestServer {
    to.sql(
        "INSERT INTO user VALUES (1, 'old', 'a@b', 'hash');
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
         INSERT INTO message SELECT i, 1, 'This is what number ' || i || ' says.', i, 0 FROM n;",
    );
    let server = Launch::new().database(&to.file).start();
    let simulator = Simulator::of(&server);
    (0..CLIENTS).for_each(|client| drop(simulator.register(&format!("client{client}"))));
    server
}

fn told(to: &Move) -> usize {
    let count = "SELECT count(*) FROM message WHERE text LIKE 'client%'";
    to.rows(count)[0].parse().unwrap()
}

#[test]
fn a_running_server_goes_over_and_nothing_it_said_is_stored_is_lost() {
    let to = Move::new();
    let mut server = busy_server(&to);
    let visitor = Visitor::signed_in(&server, "ada");
    let all = Told::default();
    let moved = thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (all, server) = (&all, &server);
            scope.spawn(move || {
                let friend = format!("client{}", (client + 1) % CLIENTS);
                all.be_busy(server, &format!("client{client}"), &friend);
            });
        }
        thread::sleep(Duration::from_millis(300));
        let moved = to.run(&[]);
        let before = all.messages.lock().unwrap().len();
        eventually("traffic on Postgres", || {
            (all.messages.lock().unwrap().len() > before + 20).then_some(())
        });
        all.over.store(true, Ordering::Relaxed);
        moved.expect(0)
    });
    assert!(moved.stderr().contains("ready"), "{}", moved.stderr());
    assert_eq!(told(&to), all.messages.lock().unwrap().len());
    let simulator = Simulator::of(&server);
    simulator.get("/msgs?latest=987654").expect(200);
    assert_eq!(simulator.latest(), 987_654);
    let page = visitor.post("still signed in").expect(200);
    assert!(page.shows("still signed in"), "{page}");
    assert!(to.rows("SELECT state FROM minitwit") == ["ready"]);

    // Started again as ever, it follows.
    server.restart();
    assert!(server.log().contains("has moved to"), "{}", server.log());
    assert_eq!(simulator.latest(), 987_654);
    assert!(visitor.page("/").expect(200).shows("still signed in"));
}

#[test]
fn what_is_only_noted_goes_along() {
    let to = Move::new();
    let server = busy_server(&to);
    let simulator = Simulator::of(&server);
    let noted = AtomicI64::new(0);
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for latest in 1.. {
                simulator.get(&format!("/msgs?no=1&latest={latest}")).expect(200);
                noted.store(latest, Ordering::Relaxed);
                assert_eq!(simulator.latest(), latest, "forgotten while it moved");
                if over.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        to.run(&[]).expect(0);
        thread::sleep(Duration::from_millis(500));
        over.store(true, Ordering::Relaxed);
    });
    assert_eq!(simulator.latest(), noted.load(Ordering::Relaxed));
}

#[test]
fn changes_by_other_programs_are_caught_up_with() {
    let to = Move::new();
    let server = busy_server(&to);
    let mut running = to.start();
    assert!(running.says("copied"), "it did not begin");
    let shell = to.sqlite();
    shell.busy_timeout(Duration::from_secs(30)).unwrap();
    shell
        .execute_batch(
            "UPDATE message SET flagged = 1 WHERE message_id = 7;
             DELETE FROM message WHERE message_id = 8;
             UPDATE message SET text = 'changed' WHERE message_id = 9;
             UPDATE user SET username = 'renamed', pw_hash = 'new' WHERE user_id = 1;
             INSERT INTO user VALUES (70, 'a', '', ''), (71, 'b', '', '');
             UPDATE user SET username = 'c' WHERE user_id = 70;
             UPDATE user SET username = 'a' WHERE user_id = 71;
             INSERT INTO message VALUES (90000, 70, 'lost its author', 0, 0);
             DELETE FROM message WHERE message_id = 50000;",
        )
        .unwrap();
    eventually("the seal", || {
        let sealed = "SELECT count(*) FROM sqlite_schema WHERE name = 'moved'";
        let sealed: i64 = shell.query_row(sealed, [], |row| row.get(0)).unwrap();
        (sealed == 1).then_some(())
    });
    eventually("the end", || (to.rows("SELECT state FROM minitwit") == ["ready"]).then_some(()));
    assert_eq!(
        to.rows(
            "SELECT message_id, flagged, text FROM message
             WHERE message_id IN (7, 8, 9, 50000, 90000) ORDER BY 1"
        ),
        ["7|1|This is what number 7 says.", "9|0|changed", "90000|0|lost its author"]
    );
    assert_eq!(
        to.rows("SELECT user_id, username FROM \"user\" WHERE user_id IN (1, 70, 71) ORDER BY 1"),
        ["1|renamed", "70|c", "71|a"]
    );
    drop(server);
}

#[test]
fn two_servers_on_one_file_both_go_over() {
    let to = Move::new();
    let first = busy_server(&to);
    let second = first.twin();
    to.run(&[]).expect(0);
    let (one, other) = (Simulator::of(&first), Simulator::of(&second));
    one.says("client0", "on the first").expect(204);
    assert_eq!(other.messages("/msgs?no=1")[0].1, "on the first");
    other.says("client1", "on the second").expect(204);
    assert_eq!(one.messages("/msgs?no=1")[0].1, "on the second");
    assert_eq!(told(&to), 0);
    assert_eq!(to.rows("SELECT count(*) FROM message WHERE text LIKE 'on the %'"), ["2"]);
}

#[test]
fn of_two_migrations_of_one_file_the_later_one_moves_it() {
    let to = Move::new();
    let server = busy_server(&to);
    let mut first = to.start();
    assert!(first.says("announced"), "it did not come so far");
    let elsewhere = Move { url: Move::without_file().url, ..to };
    elsewhere.run(&[]).expect(0);
    assert_eq!(first.end(), Some(1));
    Simulator::of(&server).says("client0", "on the later one").expect(204);
    let newest = "SELECT text FROM message ORDER BY message_id DESC LIMIT 1";
    assert_eq!(elsewhere.rows(newest), ["on the later one"]);
}

#[test]
fn stopped_before_the_seal_it_leaves_the_file_as_it_was() {
    let to = Move::new();
    let server = busy_server(&to);
    let mut running = to.start();
    assert!(running.says("announced"), "it did not come so far");
    assert_eq!(running.stop(), Some(1));
    let traces = "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'mov%'";
    let traces: i64 = to.sqlite().query_row(traces, [], |row| row.get(0)).unwrap();
    assert_eq!(traces, 0);
    assert!(!to.folder().join("minitwit.db.moved-to").exists());
    Simulator::of(&server).says("client0", "as before").expect(204);
    to.run(&[]).expect(0);
    assert_eq!(Simulator::of(&server).messages("/msgs?no=1")[0].1, "as before");
}

#[test]
fn without_the_announcement_a_sealed_file_says_where_its_data_is() {
    let to = Move::new();
    to.run(&[]).expect(0);
    std::fs::remove_file(to.folder().join("minitwit.db.moved-to")).unwrap();
    let file = to.file.display().to_string();
    let output = crate::support::run(
        to.folder(),
        &["serve", "--database", &file, "--listen", "127.0.0.1:0"],
        &[("RUST_LOG", "error"), ("MINITWIT_METRICS_LISTEN", "127.0.0.1:0")],
    );
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("moved to postgres://127.0.0.1"), "{said}");
}

#[test]
fn what_moderators_and_operators_do_meanwhile_goes_along() {
    let to = Move::new();
    let server = busy_server(&to);
    to.sql(
        "INSERT INTO user VALUES (70, 'poet', 'p@b', 'hash'), (71, 'liar', 'l@b', 'hash'),
             (72, 'short', 's@b', 'hash');
         INSERT INTO message VALUES (90000, 70, 'a poem', 1, 0), (90001, 71, 'a lie', 2, 0);
         INSERT INTO follower VALUES (1, 70), (1, 71), (70, 1), (71, 1);",
    );
    let mut running = to.start();
    assert!(running.says("copied"), "it did not begin");
    for command in [
        &["flag", "7", "8"][..],
        &["unflag", "8"],
        &["user", "rename", "short", "--to", "Shorty"],
        &["user", "reset-password", "Shorty", "--bcrypt-cost", "4"],
        &["user", "delete", "poet", "--messages", "keep", "--yes"],
        &["user", "delete", "liar", "--messages", "delete", "--yes"],
    ] {
        let output = server.command(command);
        assert!(output.status.success(), "{command:?}: {output:?}");
    }
    eventually("the end", || (to.rows("SELECT state FROM minitwit") == ["ready"]).then_some(()));
    assert_eq!(to.rows("SELECT message_id FROM message WHERE flagged <> 0"), ["7"]);
    assert_eq!(
        to.rows("SELECT text FROM message WHERE message_id >= 90000 ORDER BY 1"),
        ["a poem"]
    );
    assert_eq!(
        to.rows("SELECT username, email FROM \"user\" WHERE user_id >= 70 ORDER BY user_id"),
        ["[deleted 70]|", "Shorty|s@b"]
    );
    let changed = "SELECT count(*) FROM \"user\" WHERE user_id = 72 AND pw_hash <> 'hash'";
    assert_eq!(to.rows(changed), ["1"]);
    assert_eq!(to.rows("SELECT count(*) FROM follower WHERE who_id = 1 OR whom_id = 1"), ["0"]);
    // By now the same command, given the file, goes where the data is.
    assert!(server.command(&["flag", "90000"]).status.success());
    assert_eq!(to.rows("SELECT count(*) FROM message WHERE flagged <> 0"), ["2"]);
}

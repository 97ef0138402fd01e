//! Everything that a MiniTwit has arrives, and people go on with it.

use crate::migration::Move;
use crate::support::psql;
use crate::support::{Launch, Simulator, TestServer, Visitor};

/// A server on SQLite in which people have been busy, stopped.
fn used(to: &Move) -> Visitor {
    let mut server = Launch::new().database(&to.file).start();
    let ada = Visitor::signed_in(&server, "ada");
    ada.post("the first, \"quoted\" & <b>").expect(200);
    let simulator = Simulator::of(&server);
    for name in ["grace", "Zoë 🐦", "00123", "a/b"] {
        simulator.register(name).expect(204);
        simulator.says(name, &format!("{name} was here")).expect(204);
        simulator.follow("ada", name).expect(204);
    }
    simulator.unfollow("ada", "grace").expect(204);
    simulator.says("grace", "foul words").expect(204);
    server.sql().execute("UPDATE message SET flagged = 1 WHERE text = 'foul words'");
    simulator.get("/msgs?latest=4711").expect(200);
    server.terminate();
    ada
}

fn on_postgres(to: &Move) -> TestServer {
    Launch::new().flag("--database", &to.url).start()
}

#[test]
fn people_go_on_where_they_were() {
    let to = Move::new();
    used(&to);
    let moved = to.run(&[]).expect(0);
    assert_eq!(moved.compared("user"), "user 5 5 yes");
    assert_eq!(moved.compared("message"), "message 6 6 yes");
    assert_eq!(moved.compared("follower"), "follower 3 3 yes");
    assert_eq!(moved.compared("session"), "session 1 1 yes");
    assert!(moved.stdout().contains("all rows arrived as they were"), "{}", moved.stdout());

    let server = on_postgres(&to);
    let simulator = Simulator::of(&server);
    assert_eq!(simulator.latest(), 4711);
    assert_eq!(simulator.follows("ada"), ["Zoë 🐦", "00123", "a/b"]);
    let messages: Vec<_> = simulator.messages("/msgs").into_iter().map(|(_, text)| text).collect();
    assert_eq!(
        messages,
        [
            "a/b was here",
            "00123 was here",
            "Zoë 🐦 was here",
            "grace was here",
            "the first, \"quoted\" & <b>"
        ]
    );
    let again = Visitor::to(&server).sign_in_with("grace", "secret").expect(200);
    assert!(again.flashes().contains(&"You were logged in".to_owned()), "{again}");
    simulator.says("grace", "and on it goes").expect(204);
    simulator.register("ada").expect(400);
    simulator.register("newcomer").expect(204);
    let newest =
        "SELECT max(message_id) || ' ' || (SELECT max(user_id) FROM \"user\") FROM message";
    assert_eq!(to.rows(newest), ["7 6"]);
}

#[test]
fn ids_and_sessions_are_the_same_and_ids_of_the_deleted_are_not_given_again() {
    let to = Move::new();
    used(&to);
    to.sql("DELETE FROM message WHERE message_id > 4");
    let of_sqlite = |sql: &str| -> Vec<String> {
        let db = to.sqlite();
        let mut query = db.prepare(sql).unwrap();
        query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let users =
        of_sqlite("SELECT user_id || '|' || username || '|' || pw_hash FROM user ORDER BY 1");
    let keys = of_sqlite("SELECT lower(hex(session_key)) || '|' || expires FROM session");
    to.run(&[]).expect(0);
    assert_eq!(to.rows("SELECT user_id, username, pw_hash FROM \"user\" ORDER BY 1"), users);
    assert_eq!(to.rows("SELECT encode(session_key, 'hex'), expires FROM session"), keys);
    psql(&to.url, "INSERT INTO message (author_id, text, pub_date) VALUES (1, 'next', 5)");
    assert_eq!(to.rows("SELECT message_id FROM message WHERE text = 'next'"), ["7"]);
}

#[test]
fn the_schema_is_the_same_as_that_of_a_new_database() {
    let to = Move::new();
    to.run(&[]).expect(0);
    let fresh = Move::without_file();
    let output = crate::support::run(fresh.folder(), &["init-db", "--database", &fresh.url], &[]);
    assert!(output.status.success(), "{output:?}");
    for catalogue in [
        "SELECT conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid)
         FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
         ORDER BY 1, 2",
        "SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity
         FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2",
        "SELECT relname, relpersistence FROM pg_class
         WHERE relnamespace = 'public'::regnamespace ORDER BY 1",
    ] {
        assert_eq!(to.rows(catalogue), fresh.rows(catalogue));
    }
}

#[test]
fn the_file_says_where_its_data_is_and_takes_nothing_any_more() {
    let to = Move::new();
    used(&to);
    to.run(&[]).expect(0);
    let place = to.url.replace("postgres@", "");
    let refused = to.sqlite().execute("UPDATE message SET flagged = 1", ()).unwrap_err();
    assert!(refused.to_string().contains(&format!("has moved to {place}")), "{refused}");
    let init = crate::support::run(to.folder(), &["init-db"], &[]);
    let said = String::from_utf8_lossy(&init.stderr);
    assert!(!init.status.success() && said.contains(&place), "{said}");

    let again = to.run(&[]).expect(0);
    assert!(again.stdout().contains("the true database"), "{}", again.stdout());
    let elsewhere = Move { url: Move::without_file().url, ..to };
    let refused = elsewhere.run(&[]).expect(1);
    assert!(refused.stderr().contains(&format!("has moved to {place}")), "{}", refused.stderr());
    assert_eq!(elsewhere.rows("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), ["0"]);
}

#[test]
fn a_dry_run_changes_nothing() {
    let to = Move::new();
    used(&to);
    let before = to.contents();
    let moved = to.run(&["--dry-run"]).expect(0);
    assert!(moved.stdout().contains("message: 6 of 6 rows would arrive"), "{}", moved.stdout());
    assert!(to.contents() == before, "something was changed");
    assert_eq!(to.rows("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), ["0"]);
}

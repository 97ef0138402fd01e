//! A database that the original program made: adopted in place, everybody can sign in.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use crate::support::{Launch, Simulator, TestServer, Visitor, encoded, run};

/// The original's `schema.sql` in all that matters: no constraints, and columns declared
/// `string`, whose affinity is NUMERIC.
const ORIGINAL_SCHEMA: &str = "
    CREATE TABLE user (
        user_id integer primary key autoincrement,
        username string not null, email string not null, pw_hash string not null
    );
    CREATE TABLE follower (who_id integer, whom_id integer);
    CREATE TABLE message (
        message_id integer primary key autoincrement,
        author_id integer not null, text string not null, pub_date integer, flagged integer
    );";

// Made by werkzeug 3.1: `generate_password_hash(PASSWORD, METHOD)`.
const SCRYPT_HUNTER2: &str = "scrypt:32768:8:1$IeGGwJlvPFGTeYhY$a0a8f76a2158603b3d1b1b0f0ac08e085873b4504a4a80691f55ed0784425fcd1cafbbc6229a2035658466451a4a7ea7ca272ad0f2b55a86e1234129108ac406";
const SCRYPT_FISH: &str = "scrypt:32768:8:1$pXeMI5X3HyYMOoua$831d87b436bdaf3c94af07095ac2eb6d3888060637aaf403bd40cb348575fabb8d0092456d28082f7e9dabe6feaa2f795b9f85708fb979809ebc69f54e21144c";
const PBKDF2_HUNTER2: &str = "pbkdf2:sha256:50000$DiTpgVWCYAvPD8MU$67851fde39f028fcce3834b96c376b379dad097e2e5c284308d05edf962d4040";
const PBKDF2_1000_HUNTER2: &str = "pbkdf2:sha256:1000$CzQLBw6X8yXONmUE$75a37f83742ed09278c004b270762c9e4ce9a36ee760a7f6d86ea391272b5378";

const FISH: &str = "smörgås 🐟";

/// Names, hashes and passwords of the people in it. The last two names became numbers.
const PEOPLE: &[(&str, &str, &str)] = &[
    ("Roger Histand", PBKDF2_HUNTER2, "hunter2"),
    ("Geoffrey/Stieff", SCRYPT_HUNTER2, "hunter2"),
    ("Zoë", SCRYPT_FISH, FISH),
    ("1234", PBKDF2_1000_HUNTER2, "hunter2"),
    ("1e5", PBKDF2_1000_HUNTER2, "hunter2"),
];

fn make_original(path: &Path) {
    let original = Connection::open(path).unwrap();
    original.execute_batch(ORIGINAL_SCHEMA).unwrap();
    for (name, hash, _) in PEOPLE {
        let insert = "INSERT INTO user (username, email, pw_hash) VALUES (?1, ?2, ?3)";
        original.execute(insert, [name, "somebody@example.org", hash]).unwrap();
    }
    original
        .execute_batch(
            "INSERT INTO follower VALUES (1, 2), (1, 2), (2, 1), (1, 4);
             INSERT INTO message (author_id, text, pub_date, flagged) VALUES
                 (1, 'the first', 1273414560, 0),
                 (2, 'foul words', 1273414561, 1),
                 (4, '7', 1273414562, 0),
                 (2, 'the last', 1273414563, 0);",
        )
        .unwrap();
}

fn adopted() -> TestServer {
    let launch = Launch::new();
    make_original(&launch.database_path());
    launch.start()
}

fn hash_of(server: &TestServer, name: &str) -> String {
    let query = "SELECT pw_hash FROM user WHERE username = ?1";
    server.sqlite().query_row(query, [name], |row| row.get(0)).unwrap()
}

#[test]
fn everybody_signs_in_with_their_old_password_and_nobody_with_another() {
    let server = adopted();
    for (name, _, password) in PEOPLE {
        let page = Visitor::to(&server).sign_in_with(name, "wrong").expect(200);
        assert!(page.shows("Invalid password"), "{name}: {page}");
        let page = Visitor::to(&server).sign_in_with(name, password).expect(200);
        assert!(page.flashes().contains(&"You were logged in".to_owned()), "{name}: {page}");
    }
}

#[test]
fn an_old_hash_becomes_bcrypt_at_the_next_sign_in_and_not_before() {
    let server = adopted();
    for (name, hash, password) in &PEOPLE[..3] {
        Visitor::to(&server).sign_in_with(name, "wrong").expect(200);
        assert_eq!(hash_of(&server, name), *hash);
        Visitor::to(&server).sign_in_with(name, password).expect(200);
        assert!(hash_of(&server, name).starts_with("$2b$"), "{}", hash_of(&server, name));
        let page = Visitor::to(&server).sign_in_with(name, password).expect(200);
        assert!(page.flashes().contains(&"You were logged in".to_owned()), "{name}: {page}");
        let page = Visitor::to(&server).sign_in_with(name, "wrong").expect(200);
        assert!(page.shows("Invalid password"), "{name}: {page}");
    }
}

#[test]
fn what_people_wrote_and_whom_they_follow_is_all_there() {
    let server = adopted();
    let simulator = Simulator::of(&server);
    let expected = [("Geoffrey/Stieff", "the last"), ("1234", "7"), ("Roger Histand", "the first")];
    let messages = simulator.messages("/msgs");
    let messages: Vec<_> = messages.iter().map(|(u, c)| (u.as_str(), c.as_str())).collect();
    assert_eq!(messages, expected);
    assert_eq!(simulator.follows("Roger Histand"), ["Geoffrey/Stieff", "1234"]);
    assert_eq!(simulator.follows("Geoffrey/Stieff"), ["Roger Histand"]);
    let page = Visitor::to(&server).page("/public").expect(200);
    assert!(page.shows("2010-05-09 @ 14:16"), "{page}");
    assert!(!page.shows("foul words"), "{page}");
}

#[test]
fn everybody_goes_on_writing_under_their_old_name() {
    let server = adopted();
    let simulator = Simulator::of(&server);
    for (name, _, _) in PEOPLE {
        Visitor::to(&server).page(&format!("/{}", encoded(name))).expect(200);
        simulator.says(name, "I am still here").expect(204);
        simulator.register(name).expect(400);
    }
    assert_eq!(simulator.messages("/msgs").len(), 8);
}

#[test]
fn the_file_as_it_was_is_kept_beside_it_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("minitwit.db");
    make_original(&path);
    let output = run(folder.path(), &["init-db"], &[]);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let files = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let named: Vec<_> = files
        .filter(|file| {
            *file != path && said.contains(&*file.file_name().unwrap().to_string_lossy())
        })
        .collect();
    let [copy] = named.as_slice() else { panic!("one copy expected, {named:?} is named: {said}") };
    let row =
        "SELECT typeof(username), (SELECT count(*) FROM follower) FROM user WHERE user_id = 4";
    let as_it_was: (String, i64) = Connection::open(copy)
        .unwrap()
        .query_row(row, (), |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!(as_it_was, ("integer".to_owned(), 4));

    let again = run(folder.path(), &["init-db"], &[]);
    assert!(again.status.success(), "{again:?}");
    assert_ne!(String::from_utf8_lossy(&again.stdout), said, "adopted twice?");
}

#[test]
fn queries_and_flagging_scripts_made_for_the_original_still_work() {
    let server = adopted();
    let connection = server.sqlite();
    let query = "SELECT message.*, user.* FROM message, user
                 WHERE message.flagged = 0 AND message.author_id = user.user_id
                 ORDER BY message.pub_date DESC LIMIT 30";
    let rows = connection
        .prepare(query)
        .unwrap()
        .query_map((), |row| row.get::<_, i64>(0))
        .unwrap()
        .count();
    assert_eq!(rows, 3);
    let flag = "UPDATE message SET flagged = 1 WHERE message_id = 1";
    assert_eq!(connection.execute(flag, ()).unwrap(), 1);
    assert!(!Visitor::to(&server).page("/public").shows("the first"));
}

//! What is wrong with a Postgres.

use std::path::Path;

use crate::command::{Answer, doctor};
use crate::support::{Cluster, Launch, free_port, psql};

const DURABLE: &str = "fsync = on\nfull_page_writes = on\nmax_connections = 40";

fn of(url: &str) -> Answer {
    doctor(Path::new("."), &["--database", url], &[])
}

/// A database that a server has made.
fn served(cluster: &Cluster) -> String {
    let url = cluster.new_database();
    Launch::new().flag("--database", &url).start().terminate();
    url
}

#[test]
fn what_is_well_is_well_and_what_is_broken_is_told() {
    let cluster = Cluster::start(DURABLE);
    let empty = cluster.new_database();
    of(&empty).has_notice("the database is empty");
    assert_eq!(psql(&empty, "SELECT count(*) FROM pg_class WHERE relname = 'message'"), "0");

    let url = served(&cluster);
    let told = of(&url);
    told.is_fine("what the server commits is on disk");
    told.is_fine("all indices are there");
    told.has_notice("signs in as a superuser");

    psql(&url, "DROP INDEX message_by_date");
    of(&url).has_problem("the index message_by_date is missing");
    psql(
        &url,
        "UPDATE pg_index SET indisvalid = false
                WHERE indexrelid = 'follower_by_whom'::regclass",
    );
    of(&url).has_problem("the index follower_by_whom is not valid");
    psql(
        &url,
        "INSERT INTO \"user\" (username, email, pw_hash) VALUES ('ada', 'a@b', 'x');
         INSERT INTO message (author_id, text, pub_date) SELECT user_id, 'x', 4000000000 FROM \"user\"",
    );
    of(&url).has_problem("ahead of the clock");

    let guessed = url.replace("postgres@", "postgres:postgres@");
    of(&guessed).has_problem("everybody tries first");
    let many = doctor(Path::new("."), &["--database", &url, "--database-connections", "60"], &[]);
    many.has_problem("connections left, and one more MiniTwit takes 59");
    let name = url.rsplit('/').next().unwrap();
    psql(&url, &format!("ALTER DATABASE {name} SET synchronous_commit = off"));
    of(&url).has_problem("synchronous_commit is off");
}

#[test]
fn a_server_that_may_forget_is_told() {
    // For speed, that of the tests does.
    let told = of(&served(Cluster::shared()));
    told.has_problem("fsync is off");
    told.has_problem("full_page_writes is off");
}

#[test]
fn what_cannot_be_served_is_told() {
    let cluster = Cluster::shared();
    of(&cluster.url("absent")).has_problem("there is no such database");
    of(&format!("postgres://ada:hunter2@127.0.0.1:{}/m", free_port()))
        .has_problem("it cannot be reached");
    let foreign = cluster.new_database();
    psql(&foreign, "CREATE TABLE message (song text)");
    of(&foreign).has_problem("tables that are not MiniTwit's");
}

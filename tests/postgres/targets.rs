//! A database that cannot be served: one line that says what to do, and nothing is changed.

use crate::support::{Cluster, free_port, psql, run};

/// Both commands end with one line that holds these words.
#[track_caller]
fn assert_refused(url: &str, words: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let variables =
        [("RUST_LOG", "error"), ("MINITWIT_METRICS_LISTEN", "127.0.0.1:0"), ("DATABASE_URL", url)];
    for arguments in [
        &["init-db", "--database-wait", "0"][..],
        &["serve", "--listen", "127.0.0.1:0", "--database-wait", "0"],
    ] {
        let output = run(folder.path(), arguments, &variables);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(words.iter().all(|word| said.contains(word)), "{words:?}: {said}");
        assert!(!said.contains("hunter2"), "a secret: {said}");
    }
}

#[test]
fn nobody_at_that_address() {
    let url = format!("postgres://ada:hunter2@127.0.0.1:{}/mini", free_port());
    assert_refused(&url, &["cannot be reached", "127.0.0.1"]);
    assert_refused("postgres://ada:hunter2@nowhere.invalid/mini", &["nowhere.invalid"]);
}

#[test]
fn no_such_database() {
    let url = Cluster::shared().url("nowhere");
    assert_refused(&url, &["there is no such database", "/nowhere"]);
}

#[test]
fn a_wrong_password() {
    let cluster = Cluster::start("password_encryption = 'scram-sha-256'");
    cluster.psql("postgres", "CREATE ROLE ada LOGIN PASSWORD 'sesame'");
    cluster.psql("postgres", "CREATE DATABASE mini OWNER ada");
    std::fs::write(
        cluster.data().join("pg_hba.conf"),
        "host all ada all scram-sha-256\nhost all postgres all trust\n",
    )
    .unwrap();
    cluster.psql("postgres", "SELECT pg_reload_conf()");
    let url = |password| format!("postgres://ada{password}@127.0.0.1:{}/mini", cluster.port());
    assert_refused(&url(":hunter2"), &["password is wrong"]);
    assert_refused(&url(""), &["password missing"]);
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["init-db", "--database", &url(":sesame")], &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn a_user_who_may_not_make_tables() {
    let url = Cluster::shared().new_database();
    psql(&url, "CREATE ROLE guest LOGIN; REVOKE ALL ON SCHEMA public FROM public");
    assert_refused(&url.replace("postgres@", "guest@"), &["may not", "owner"]);
}

#[test]
fn tables_of_somebody_else() {
    let url = Cluster::shared().new_database();
    psql(
        &url,
        r#"CREATE TABLE "user" (id int); INSERT INTO "user" VALUES (7); CREATE TABLE other ()"#,
    );
    assert_refused(&url, &["not MiniTwit's (user)", "empty database"]);
    assert_eq!(psql(&url, r#"SELECT count(*) FROM "user""#), "1");
    let url = Cluster::shared().new_database();
    psql(&url, "CREATE TABLE minitwit (whatever int)");
    assert_refused(&url, &["not MiniTwit's (minitwit)"]);
}

#[test]
fn tables_of_nobody_we_care_about_are_no_trouble() {
    let url = Cluster::shared().new_database();
    psql(&url, "CREATE TABLE other (id int); CREATE SCHEMA s; CREATE TABLE s.message (id int)");
    let folder = tempfile::tempdir().unwrap();
    for said in ["created the schema, version 1\n", "found schema version 1, up to date\n"] {
        let output = run(folder.path(), &["init-db", "--database", &url], &[]);
        assert_eq!(String::from_utf8_lossy(&output.stdout), said, "{output:?}");
    }
}

#[test]
fn a_newer_schema_and_a_half_done_migration() {
    let url = Cluster::shared().new_database();
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["init-db", "--database", &url], &[]);
    psql(&url, "UPDATE minitwit SET schema_version = 99");
    assert_refused(&url, &["version 99", "newer MiniTwit"]);
    psql(&url, "UPDATE minitwit SET schema_version = 1, state = 'copying'");
    assert_refused(&url, &["migration", "run migrate-to-postgres again"]);
}

#[test]
fn an_encoding_that_cannot_hold_every_text() {
    let cluster = Cluster::shared();
    let create = "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0";
    cluster.psql("postgres", create);
    assert_refused(&cluster.url("latin"), &["LATIN1", "ENCODING 'UTF8'"]);
}

#[test]
fn more_connections_than_the_server_has() {
    let cluster = Cluster::start("max_connections = 8\nsuperuser_reserved_connections = 3");
    cluster.psql("postgres", "CREATE ROLE ada LOGIN");
    cluster.psql("postgres", "CREATE DATABASE mini OWNER ada");
    let url = cluster.url("mini").replace("postgres@", "ada@");
    let folder = tempfile::tempdir().unwrap();
    let variables = [("MINITWIT_METRICS_LISTEN", "127.0.0.1:0"), ("RUST_LOG", "error")];
    let serve = ["serve", "--listen", "127.0.0.1:0", "--database-wait", "1", "--database", &url];
    let output = run(folder.path(), &serve, &variables);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(said.contains("--database-connections"), "{said}");
}

#[test]
fn a_bad_url_is_a_mistake_of_the_flag() {
    let folder = tempfile::tempdir().unwrap();
    for url in [
        "postgres://ada:hunter2@h/d?sslmode=never",
        "postgres://ada:hunter2@h:x/d",
        "postgres://ada:hunter2@h",
        "postgresql://ada:hunter2@/d",
    ] {
        let output = run(folder.path(), &["init-db", "--database", url], &[]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(said.contains("--database"), "{said}");
        assert!(!said.contains("hunter2") && !said.contains("ada"), "a secret: {said}");
    }
}

//! `sslmode` and `sslrootcert`, against a Postgres whose certificate comes from a CA of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{Cluster, Launch, Visitor, append, as_user, run, said};

/// Makes a CA, and a certificate of it for a host, beside each other.
fn make_certificate(folder: &Path, name: &str, host: &str) -> PathBuf {
    let path = |suffix: &str| folder.join(format!("{name}{suffix}")).display().to_string();
    let (ca, ca_key) = (path("-ca.crt"), path("-ca.key"));
    let openssl = |arguments: &[&str]| {
        said(as_user("openssl").args(arguments));
    };
    openssl(&[
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=Own CA",
        "-keyout",
        &ca_key,
        "-out",
        &ca,
    ]);
    openssl(&[
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=server",
        "-addext",
        &format!("subjectAltName=DNS:{host}"),
        "-addext",
        "basicConstraints=CA:FALSE",
        "-CA",
        &ca,
        "-CAkey",
        &ca_key,
        "-keyout",
        &path(".key"),
        "-out",
        &path(".crt"),
    ]);
    PathBuf::from(ca)
}

/// A server with a certificate for `localhost`, its CA, and another CA.
fn encrypting() -> (Cluster, PathBuf, PathBuf) {
    let cluster = Cluster::start("");
    let ca = make_certificate(cluster.folder(), "server", "localhost");
    let other_ca = make_certificate(cluster.folder(), "other", "localhost");
    let folder = cluster.folder().display();
    append(
        &cluster.data().join("postgresql.conf"),
        &format!(
            "ssl = on\nssl_cert_file = '{folder}/server.crt'\nssl_key_file = '{folder}/server.key'"
        ),
    );
    cluster.stop("fast");
    cluster.resume();
    (cluster, ca, other_ca)
}

fn init(url: &str) -> (Output, String) {
    let folder = tempfile::tempdir().unwrap();
    let variables = [("DATABASE_URL", url), ("RUST_LOG", "error")];
    let output = run(folder.path(), &["init-db", "--database-wait", "0"], &variables);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, said)
}

#[test]
fn each_mode_asks_for_as_much_as_it_says() {
    let (cluster, ca, other_ca) = encrypting();
    let port = cluster.port();
    cluster.psql("postgres", "CREATE DATABASE mini");
    let (ca, other) = (ca.display(), other_ca.display());
    let (refused, accepted) = (Some(1), Some(0));
    for (host, parameters, status, words) in [
        ("localhost", "sslmode=disable".to_owned(), accepted, ""),
        ("localhost", "sslmode=prefer".to_owned(), accepted, ""),
        ("127.0.0.1", "sslmode=require".to_owned(), accepted, ""),
        ("localhost", format!("sslmode=verify-ca&sslrootcert={ca}"), accepted, ""),
        ("127.0.0.1", format!("sslmode=verify-ca&sslrootcert={ca}"), accepted, ""),
        ("localhost", format!("sslmode=verify-full&sslrootcert={ca}"), accepted, ""),
        ("127.0.0.1", format!("sslmode=verify-full&sslrootcert={ca}"), refused, "127.0.0.1"),
        ("localhost", format!("sslmode=verify-full&sslrootcert={other}"), refused, "certificate"),
        ("localhost", format!("sslmode=verify-ca&sslrootcert={other}"), refused, "certificate"),
        ("localhost", format!("sslmode=require&sslrootcert={other}"), refused, "certificate"),
        ("localhost", "sslmode=verify-full".to_owned(), refused, "certificate"),
        (
            "localhost",
            "sslmode=verify-full&sslrootcert=/nowhere.crt".to_owned(),
            refused,
            "/nowhere.crt",
        ),
    ] {
        let (output, said) = init(&format!("postgres://postgres@{host}:{port}/mini?{parameters}"));
        assert_eq!(output.status.code(), status, "{host} {parameters}: {said}");
        assert!(said.contains(words), "{host} {parameters}: {said}");
        assert!(said.lines().count() <= 1, "{host} {parameters}: {said}");
    }
}

#[test]
fn a_server_serves_over_an_encrypted_connection() {
    let (cluster, ca, _) = encrypting();
    cluster.psql("postgres", "CREATE DATABASE mini");
    let url = format!(
        "postgres://postgres@localhost:{}/mini?sslmode=verify-full&sslrootcert={}",
        cluster.port(),
        ca.display()
    );
    let server = Launch::new().database(&url).start();
    Visitor::signed_in(&server, "ada").post("unheard").expect(200);
    let encrypted =
        "SELECT count(*), bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                     WHERE application_name = 'minitwit'";
    assert_eq!(cluster.psql("postgres", encrypted), "7|t");
}

#[test]
fn a_server_that_cannot_encrypt_is_refused_by_who_insists() {
    let url = Cluster::shared().new_database();
    let (output, said) = init(&format!("{url}?sslmode=require"));
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("sslmode=disable"), "{said}");
    let (output, said) = init(&format!("{url}?sslmode=prefer"));
    assert_eq!(output.status.code(), Some(0), "{said}");
    // The same with a client that everybody has.
    let psql = Command::new(crate::support::tool("psql"))
        .args(["-c", "SELECT 1", &format!("{url}?sslmode=require")])
        .output()
        .unwrap();
    assert!(!psql.status.success(), "{psql:?}");
}

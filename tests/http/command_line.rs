//! The commands, as an operator types them.

use std::fs;
use std::path::Path;
use std::process::Output;

use rusqlite::Connection;
use tempfile::tempdir;

use crate::support::{Launch, Simulator, Visitor, basic, run};
#[cfg(feature = "metrics")]
use crate::support::{TestServer, eventually};

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn files(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.map(|name| name.to_string_lossy().into_owned()).collect()
}

/// A mistake is one line on stderr and status 2, and nothing was touched.
#[track_caller]
fn assert_mistake(arguments: &[&str], variables: &[(&str, &str)], mentions: &str) {
    let folder = tempdir().unwrap();
    let output = run(folder.path(), arguments, variables);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?} {variables:?}: {output:?}");
    assert_eq!(text.trim_end().lines().count(), 1, "{arguments:?} {variables:?}: {text}");
    assert!(text.contains(mentions), "{arguments:?}: no {mentions} in {text}");
    assert!(!text.contains("hunter2"), "a secret: {text}");
    assert!(output.stdout.is_empty(), "{output:?}");
    assert!(files(folder.path()).is_empty(), "{arguments:?} made {:?}", files(folder.path()));
}

#[test]
fn a_mistake_in_a_flag_is_one_line_and_status_2() {
    assert_mistake(&["serve", "--listen", "nonsense"], &[], "--listen");
    assert_mistake(&["serve", "--listen", "127.0.0.1:99999"], &[], "--listen");
    assert_mistake(&["serve", "--listen", "localhost:5000"], &[], "127.0.0.1:5000");
    assert_mistake(&["serve", "--database", ""], &[], "--database");
    assert_mistake(&["serve", "--database", "mysql://ada:hunter2@db/x"], &[], "mysql");
    assert_mistake(&["serve", "--simulator-auth", "hunter2"], &[], "--simulator-auth");
    assert_mistake(&["serve", "--bcrypt-cost", "99"], &[], "--bcrypt-cost");
    assert_mistake(&["serve", "--bcrypt-cost", "x"], &[], "--bcrypt-cost");
    assert_mistake(&["serve", "--trusted-proxy", "x"], &[], "--trusted-proxy");
    assert_mistake(&["serve", "--avatars", "x"], &[], "--avatars");
    assert_mistake(&["serve", "--frobnicate"], &[], "--frobnicate");
    assert_mistake(&["serve", "--listen"], &[], "--listen");
    assert_mistake(&["serve", "extra"], &[], "extra");
    assert_mistake(&["frobnicate"], &[], "frobnicate");
    assert_mistake(&["init-db", "--database", "mysql://ada:hunter2@db/x"], &[], "mysql");
}

#[test]
fn a_mistake_in_a_variable_is_one_line_and_status_2() {
    for (variable, value) in [
        ("MINITWIT_LISTEN", "nonsense"),
        ("MINITWIT_SIMULATOR_AUTH", "hunter2"),
        ("DATABASE_URL", "mysql://ada:hunter2@db/x"),
    ] {
        assert_mistake(&["serve"], &[(variable, value)], "");
    }
}

/// The help of a command, and its flags with the help of each.
fn flags(arguments: &[&str]) -> (String, Vec<(String, String)>) {
    let folder = tempdir().unwrap();
    let output = run(folder.path(), arguments, &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = stdout(&output);
    let mut flags: Vec<(String, String)> = Vec::new();
    for line in text.lines().map(str::trim_start) {
        let word = line.split([' ', ',', '=']).find(|word| word.starts_with("--"));
        let short = line.starts_with('-') && !line.starts_with("--");
        match word {
            Some(flag) if line.starts_with("--") || short => {
                flags.push((flag.to_owned(), line.to_owned()));
            }
            _ => {
                if let Some((_, help)) = flags.last_mut() {
                    help.push_str(line);
                }
            }
        }
    }
    (text, flags)
}

#[test]
fn help_names_the_variable_of_every_flag() {
    for command in ["serve", "init-db", "healthcheck"] {
        let (text, flags) = flags(&[command, "--help"]);
        assert!(flags.len() > 1, "{text}");
        for (flag, help) in flags.iter().filter(|(flag, _)| flag != "--help") {
            assert!(help.contains("[env: "), "{command} {flag} has no variable: {text}");
        }
    }
    let (text, flags) = flags(&["serve", "--help"]);
    for (flag, variable) in [
        ("--database", "DATABASE_URL"),
        ("--listen", "MINITWIT_LISTEN"),
        ("--simulator-auth", "MINITWIT_SIMULATOR_AUTH"),
    ] {
        let named = flags.iter().any(|(name, help)| name == flag && help.contains(variable));
        assert!(named, "{flag} and {variable}: {text}");
    }
}

#[test]
fn help_tells_the_defaults() {
    let (text, _) = flags(&["serve", "--help"]);
    for default in ["minitwit.db", "127.0.0.1:5000"] {
        assert!(text.contains(&format!("[default: {default}]")), "no {default} in {text}");
    }
}

#[cfg(feature = "metrics")]
#[test]
fn the_address_for_metrics_is_chosen_like_the_other_one() {
    assert_mistake(&["serve", "--metrics-listen", "x"], &[], "--metrics-listen");
    assert_mistake(&["serve"], &[("MINITWIT_METRICS_LISTEN", "x")], "--metrics-listen");
    let (text, flags) = flags(&["serve", "--help"]);
    let (_, help) = flags.iter().find(|(flag, _)| flag == "--metrics-listen").unwrap();
    assert!(help.contains("MINITWIT_METRICS_LISTEN"), "{text}");
    assert!(help.contains("[default: 127.0.0.1:9091]"), "{text}");
}

#[cfg(feature = "metrics")]
#[test]
fn the_log_tells_where_the_metrics_are() {
    let server = TestServer::start();
    Visitor::to(&server).page("/public").expect(200);
    let url = eventually("the address of the metrics", || {
        let log = server.log();
        let at = log.find("metrics are at ")? + "metrics are at ".len();
        log[at..].split_once('\n').map(|(url, _)| url.to_owned())
    });
    let metrics = ureq::get(&url).call().unwrap().body_mut().read_to_string().unwrap();
    assert!(metrics.contains(r#"route="/public""#), "{metrics}");
}

#[test]
fn help_shows_no_secret_of_the_environment() {
    let folder = tempdir().unwrap();
    let variables = [
        ("MINITWIT_SIMULATOR_AUTH", "ada:hunter2"),
        ("DATABASE_URL", "postgres://ada:hunter2@localhost/minitwit"),
    ];
    for arguments in [&["serve", "--help"][..], &["serve", "-h"], &["init-db", "--help"]] {
        let output = run(folder.path(), arguments, &variables);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(!stdout(&output).contains("hunter2"), "{}", stdout(&output));
    }
}

#[test]
fn the_commands_are_in_the_help() {
    let folder = tempdir().unwrap();
    let output = run(folder.path(), &["--help"], &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    for command in ["serve", "init-db", "healthcheck"] {
        assert!(stdout(&output).contains(command), "{}", stdout(&output));
    }
    let output = run(folder.path(), &["--version"], &[]);
    assert!(stdout(&output).contains(env!("CARGO_PKG_VERSION")), "{output:?}");
}

#[test]
fn a_flag_beats_a_variable_and_a_variable_beats_the_default() {
    let server = Launch::new()
        .variable("DATABASE_URL", "from-variable.db")
        .variable("MINITWIT_LISTEN", "203.0.113.1:1")
        .start();
    let folder = server.database().parent().unwrap().to_owned();
    assert!(files(&folder).contains(&"minitwit.db".to_owned()), "{:?}", files(&folder));
    assert!(!files(&folder).contains(&"from-variable.db".to_owned()), "{:?}", files(&folder));

    let launch = Launch::new()
        .without("--database")
        .without("--listen")
        .variable("DATABASE_URL", "sqlite:from-variable.db")
        .variable("MINITWIT_LISTEN", "127.0.0.1:0");
    let folder = launch.folder().to_owned();
    let server = launch.start();
    Visitor::to(&server).page("/public").expect(200);
    assert!(files(&folder).contains(&"from-variable.db".to_owned()), "{:?}", files(&folder));
    assert!(!files(&folder).contains(&"minitwit.db".to_owned()), "{:?}", files(&folder));
}

#[test]
fn one_command_is_enough_on_a_laptop() {
    let launch = Launch::new().without("--database");
    let folder = launch.folder().to_owned();
    let server = launch.start();
    Visitor::signed_in(&server, "ada").post("hello").expect(200);
    assert!(files(&folder).contains(&"minitwit.db".to_owned()), "{:?}", files(&folder));
}

#[test]
fn a_port_in_use_is_one_clear_line() {
    let server = Launch::new().start();
    let folder = tempdir().unwrap();
    let address = server.address().to_string();
    let variables = [("MINITWIT_METRICS_LISTEN", "127.0.0.1:0")];
    let output = run(folder.path(), &["serve", "--listen", &address], &variables);
    assert!(!output.status.success(), "{output:?}");
    let text = stderr(&output);
    assert_eq!(text.trim_end().lines().count(), 1, "{text}");
    assert!(text.contains(&address), "{text}");
}

#[test]
fn init_db_makes_a_database_and_says_so_and_is_safe_to_repeat() {
    let folder = tempdir().unwrap();
    let first = run(folder.path(), &["init-db", "--database", "new.db"], &[]);
    assert_eq!(first.status.code(), Some(0), "{first:?}");
    assert!(!stdout(&first).is_empty(), "says nothing: {first:?}");
    let path = folder.path().join("new.db");
    let connection = Connection::open(&path).unwrap();
    let insert = "INSERT INTO user (username, email, pw_hash) VALUES ('ada', 'a@b', 'x');
                  INSERT INTO message (author_id, text, pub_date, flagged) VALUES (1, 'hi', 1, 0)";
    connection.execute_batch(insert).unwrap();
    drop(connection);
    for variables in [[("DATABASE_URL", "new.db")], [("DATABASE_URL", "sqlite:new.db")]] {
        let again = run(folder.path(), &["init-db"], &variables);
        assert_eq!(again.status.code(), Some(0), "{again:?}");
        assert!(!stdout(&again).is_empty(), "says nothing: {again:?}");
        assert_ne!(stdout(&again), stdout(&first));
    }
    let server = Launch::new().database(&path).start();
    assert_eq!(Simulator::of(&server).messages("/msgs"), [("ada".to_owned(), "hi".to_owned())]);
}

/// A file that cannot be served: one clear line that names it, and it is left as it was.
#[track_caller]
fn assert_refused(path: &Path) {
    let before = fs::read(path).ok();
    let folder = path.parent().unwrap();
    let name = path.display().to_string();
    for arguments in [
        &["init-db", "--database", &name][..],
        &["serve", "--database", &name, "--listen", "127.0.0.1:0"],
    ] {
        let variables = [("MINITWIT_METRICS_LISTEN", "127.0.0.1:0")];
        let output = run(folder, arguments, &variables);
        assert!(!output.status.success(), "{output:?}");
        let text = stderr(&output);
        assert_eq!(text.trim_end().lines().count(), 1, "{text}");
        assert!(text.contains(&name), "{name} is not named: {text}");
        assert_eq!(fs::read(path).ok(), before, "{name} was changed");
    }
}

#[test]
fn a_file_that_is_no_minitwit_database_is_refused_and_left_alone() {
    let folder = tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    fs::write(&text, "This is no database at all, but a text of some length. ".repeat(50)).unwrap();
    assert_refused(&text);
    let foreign = folder.path().join("bookmarks.db");
    let connection = Connection::open(&foreign).unwrap();
    connection.execute_batch("CREATE TABLE bookmark (url TEXT)").unwrap();
    drop(connection);
    assert_refused(&foreign);
}

#[test]
fn a_database_newer_than_the_program_is_refused_and_left_alone() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("newer.db");
    run(folder.path(), &["init-db", "--database", "newer.db"], &[]);
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 9_999).unwrap();
    connection.pragma_update(None, "journal_mode", "DELETE").unwrap();
    drop(connection);
    assert_refused(&path);
}

#[test]
fn a_folder_that_is_missing_or_taken_for_a_file_is_named() {
    let folder = tempdir().unwrap();
    let missing = folder.path().join("missing").join("minitwit.db").display().to_string();
    let itself = folder.path().display().to_string();
    for name in [missing, itself] {
        let output = run(folder.path(), &["init-db", "--database", &name], &[]);
        assert!(!output.status.success(), "{output:?}");
        assert_eq!(stderr(&output).trim_end().lines().count(), 1, "{}", stderr(&output));
        assert!(stderr(&output).contains(&name), "{}", stderr(&output));
    }
}

#[test]
fn a_secret_may_be_in_a_file() {
    let launch = Launch::new().variable("MINITWIT_SIMULATOR_AUTH", "@auth");
    fs::write(launch.folder().join("auth"), "ada:hunter2\n").unwrap();
    let server = launch.start();
    let simulator = Simulator::stranger(&server).with("Authorization", &basic("ada:hunter2"));
    simulator.get("/msgs").expect(200);
    assert_mistake(&["serve", "--simulator-auth", "@absent"], &[], "absent: No such file");
    assert_mistake(&["serve"], &[("DATABASE_URL", "@absent")], "absent: No such file");
}

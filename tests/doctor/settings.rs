//! Where settings came from, and mistakes in them.

use std::fs;

use crate::command::{doctor, stopped_server};
use crate::support::run;

#[test]
fn each_setting_tells_where_it_came_from() {
    let server = stopped_server(0);
    fs::write(server.folder().join("secret"), "minitwit.db\n").unwrap();
    let arguments = ["--database", "@secret", "--bcrypt-cost", "12"];
    let variables = [
        ("MINITWIT_LISTEN", "127.0.0.1:8080"),
        ("MINITWIT_BCRYPT_COST", "11"),
        ("MINITWIT_SIMULATOR_AUTH", "sim:hunter2hunter2"),
    ];
    let told = doctor(server.folder(), &arguments, &variables);
    told.is_well();
    let setting = |flag: &str| {
        let settings = told.json["settings"].as_array().unwrap();
        let found = settings.iter().find(|setting| setting["flag"] == flag);
        let found = found.unwrap_or_else(|| panic!("no {flag} in {told:?}"));
        (found["value"].as_str().map(str::to_owned), found["from"].as_str().unwrap().to_owned())
    };
    let shown = |value: &str, from: &str| (Some(value.to_owned()), from.to_owned());
    assert_eq!(setting("--database"), shown("minitwit.db", "the command line"));
    assert_eq!(setting("--bcrypt-cost"), shown("12", "the command line"));
    assert_eq!(setting("--listen"), shown("127.0.0.1:8080", "MINITWIT_LISTEN"));
    assert_eq!(setting("--avatars"), shown("own", "default"));
    assert_eq!(setting("--simulator-auth"), shown("(not shown)", "MINITWIT_SIMULATOR_AUTH"));
    assert_eq!(setting("--trusted-proxy"), (None, "default".into()));
    assert!(!format!("{told:?}").contains("hunter2"), "{told:?}");
}

#[test]
fn a_mistake_is_one_line_and_status_2() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["doctor", "--frobnicate"][..],
        &["doctor", "--listen", "nonsense"],
        &["doctor", "--database", "mysql://ada:hunter2@db/x"],
        &["doctor", "--simulator-auth", "hunter2"],
        &["doctor", "--public-url", "example.org"],
    ] {
        let output = run(folder.path(), arguments, &[]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        assert_eq!(error.trim_end().lines().count(), 1, "{arguments:?}: {error}");
        assert!(!error.contains("hunter2"), "{error}");
        assert!(output.stdout.is_empty(), "{output:?}");
    }
}

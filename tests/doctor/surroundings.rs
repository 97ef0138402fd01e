//! What is wrong around a database.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use rustix::process::geteuid;

use crate::command::{Answer, doctor, doctor_of, stopped_server};
use crate::support::SmallDisk;

const MINITWIT: &str = env!("CARGO_BIN_EXE_minitwit");

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_disk_that_is_nearly_full_is_told() {
    let Some(disk) = SmallDisk::mount(8) else { return };
    let server = stopped_server(1);
    let database = disk.path("minitwit.db");
    fs::copy(server.database(), &database).unwrap();
    let database = database.display().to_string();
    let told = doctor(server.folder(), &["--database", &database], &[]);
    told.has_problem("are free in");
    assert!(format!("{told:?}").contains("is in memory"), "{told:?}");
}

#[test]
fn who_may_read_and_write_it_is_told() {
    let server = stopped_server(1);
    doctor_of(&server).is_fine("only its owner");
    set_mode(&server.database(), 0o644);
    doctor_of(&server).has_problem("can read");
    set_mode(&server.database(), 0o666);
    doctor_of(&server).has_problem("can write");
    set_mode(&server.database(), 0o640);
    doctor_of(&server).is_well();
    set_mode(server.folder(), 0o777);
    doctor_of(&server).has_problem("can replace the files in");
    set_mode(server.folder(), 0o1777);
    doctor_of(&server).is_well();
}

#[test]
fn files_that_root_left_beside_it_are_told() {
    if !geteuid().is_root() {
        return println!("skipped: only root can give files away");
    }
    let server = stopped_server(1);
    let log = server.folder().join("minitwit.db-wal");
    fs::write(&log, "").unwrap();
    set_mode(&log, 0o600);
    chown(&log, Some(65_534), Some(65_534)).unwrap();
    doctor_of(&server).has_problem("belongs to another user than the database");
}

#[test]
fn a_user_who_cannot_use_it_is_told() {
    let server = stopped_server(1);
    let mut command = if geteuid().is_root() {
        // Where that user can get at it.
        let program = server.folder().join("minitwit");
        fs::copy(MINITWIT, &program).unwrap();
        set_mode(server.folder(), 0o755);
        set_mode(&server.database(), 0o644);
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]).arg(program);
        command
    } else {
        set_mode(&server.database(), 0o400);
        Command::new(MINITWIT)
    };
    let output = command
        .args(["doctor", "--json", "--database", "minitwit.db"])
        .current_dir(server.folder())
        .output()
        .unwrap();
    let told = Answer::of(&output);
    told.has_problem("this user cannot read and write");
    told.has_problem("is read-only");
}

#[test]
fn a_clock_behind_the_database_is_told() {
    let server = stopped_server(1);
    let file = File::options().write(true).open(server.database()).unwrap();
    file.set_modified(SystemTime::now() + Duration::from_secs(86_400)).unwrap();
    doctor_of(&server).has_problem("the clock is behind");
}

#[test]
fn credentials_that_everybody_knows_are_told_where_strangers_can_use_them() {
    let server = stopped_server(0);
    let with = |more: &[&str]| {
        doctor(server.folder(), &[&["--database", "minitwit.db"], more].concat(), &[])
    };
    const PUBLISHED: &str = "simulator:super_safe!";
    const EVERYBODY: &str = "everybody knows";
    with(&[]).is_fine("from this machine alone");
    with(&["--simulator-auth", PUBLISHED]).is_fine("from this machine alone");
    with(&["--simulator-auth", PUBLISHED, "--listen", "0.0.0.0:80"]).has_problem(EVERYBODY);
    with(&["--simulator-auth", PUBLISHED, "--listen", "[::]:80"]).has_problem(EVERYBODY);
    with(&["--trusted-proxy", "10.0.0.0/8"]).has_problem(EVERYBODY);
    with(&["--listen", "0.0.0.0:80"]).has_notice("refuses everybody");
    for guessed in ["sim:password", "sim:sim", "sim:Change-Me", "sim:x", "sim:"] {
        with(&["--simulator-auth", guessed]).has_problem("tries first");
    }
    let own = ["--simulator-auth", "sim:vee4Quaich8o", "--listen", "0.0.0.0:80"];
    with(&own).is_fine("credentials of its own");
}

#[test]
fn too_few_files_are_told() {
    let server = stopped_server(0);
    let script = format!("ulimit -n 256; exec '{MINITWIT}' doctor --json --database minitwit.db");
    let mut command = Command::new("sh");
    let output = command.args(["-c", &script]).current_dir(server.folder()).output().unwrap();
    Answer::of(&output).has_problem("can have 256 files open");
}

//! A backup is put in the place of a database.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::commands::{backup, complaint, damage, files, restore, said, stopped_server, texts};
use crate::support::{Launch, Simulator, TestServer, Visitor};

#[test]
fn a_lost_database_is_served_again_as_it_was() {
    let mut server = TestServer::start();
    let simulator = Simulator::of(&server);
    let ada = Visitor::signed_in(&server, "ada");
    simulator.register("grace").expect(204);
    simulator.follow("ada", "grace").expect(204);
    simulator.says("grace", "hello").expect(204);
    simulator.get("/msgs?latest=42").expect(200);
    simulator.says("grace", "again").expect(204);
    said(&backup(server.folder(), "minitwit.db", "copy.db", &[]));
    simulator.says("grace", "never seen again").expect(204);
    server.kill();
    for end in ["", "-wal", "-shm"] {
        fs::remove_file(server.folder().join(format!("minitwit.db{end}"))).unwrap();
    }

    let told = said(&restore(server.folder(), "copy.db", "minitwit.db", &[]));
    assert!(told.contains("2 users, 2 messages, 1 follows"), "{told}");
    assert!(!told.contains("is kept"), "{told}");
    server.restart();
    assert_eq!(simulator.messages("/msgs").len(), 2);
    assert_eq!(simulator.follows("ada"), ["grace"]);
    assert_eq!(simulator.latest(), 42);
    assert!(ada.get("/").expect(200).shows("sign out"), "the session is gone");
    Visitor::to(&server).sign_in("ada").expect(200);
}

#[test]
fn nothing_is_restored_under_a_running_server() {
    let server = TestServer::start();
    let simulator = Simulator::of(&server);
    simulator.register("ada").expect(204);
    said(&backup(server.folder(), "minitwit.db", "copy.db", &[]));
    for more in [&[][..], &["--replace-newer"]] {
        let complaint = complaint(&restore(server.folder(), "copy.db", "minitwit.db", more));
        assert!(complaint.contains("in use by minitwit (process "), "{complaint}");
    }
    simulator.says("ada", "still here").expect(204);
    assert_eq!(simulator.messages("/msgs").len(), 1);
}

#[test]
fn nor_while_somebody_looks_at_the_database() {
    let server = stopped_server(1);
    said(&backup(server.folder(), "minitwit.db", "copy.db", &[]));
    let somebody = server.sqlite();
    somebody.execute_batch("SELECT 1 FROM user").unwrap();
    let complaint = complaint(&restore(server.folder(), "copy.db", "minitwit.db", &[]));
    assert!(complaint.contains("in use"), "{complaint}");
    drop(somebody);
    said(&restore(server.folder(), "copy.db", "minitwit.db", &[]));
}

#[test]
fn what_is_newer_than_the_backup_is_not_replaced_unless_wanted_and_kept_then() {
    let mut server = stopped_server(2);
    said(&backup(server.folder(), "minitwit.db", "copy.db", &[]));
    server.restart();
    Simulator::of(&server).says("ada", "something new").expect(204);
    // Its log stays beside it.
    server.kill();
    let refused = complaint(&restore(server.folder(), "copy.db", "minitwit.db", &[]));
    for word in ["newer", "3 messages", "2 messages", "--replace-newer", "nothing was changed"] {
        assert!(refused.contains(word), "no {word:?} in {refused}");
    }
    assert_eq!(texts(&server.database()).len(), 3);

    let told = said(&restore(server.folder(), "copy.db", "minitwit.db", &["--replace-newer"]));
    assert_eq!(texts(&server.database()).len(), 2);
    let kept = told.lines().find_map(|line| line.split_once("kept as ")).unwrap().1;
    assert_eq!(texts(kept.as_ref()).len(), 3, "{told}");
    // And back again.
    said(&restore(server.folder(), kept, "minitwit.db", &[]));
    assert_eq!(texts(&server.database()).len(), 3);
}

#[test]
fn a_call_after_the_backup_makes_a_database_newer_even_without_a_message() {
    let mut server = stopped_server(1);
    said(&backup(server.folder(), "minitwit.db", "copy.db", &[]));
    server.restart();
    Simulator::of(&server).get("/msgs?latest=7").expect(200);
    server.terminate();
    let refused = complaint(&restore(server.folder(), "copy.db", "minitwit.db", &[]));
    assert!(refused.contains("newer"), "{refused}");
}

#[test]
fn the_empty_database_that_a_restart_made_is_in_nobodys_way() {
    let server = stopped_server(2);
    said(&backup(server.folder(), "minitwit.db", "copy.db", &[]));
    let mut fresh = Launch::new().start();
    fresh.terminate();
    let copy = server.folder().join("copy.db").display().to_string();
    said(&restore(fresh.folder(), &copy, "minitwit.db", &[]));
    assert_eq!(texts(&fresh.database()).len(), 2);
}

#[test]
fn another_minitwit_is_not_replaced_by_mistake() {
    let (one, other) = (stopped_server(2), stopped_server(1));
    said(&backup(one.folder(), "minitwit.db", "copy.db", &[]));
    let copy = one.folder().join("copy.db").display().to_string();
    let refused = complaint(&restore(other.folder(), &copy, "minitwit.db", &[]));
    assert!(refused.contains("another MiniTwit"), "{refused}");
    assert_eq!(texts(&other.database()).len(), 1);
    said(&restore(other.folder(), &copy, "minitwit.db", &["--replace-newer"]));
    assert_eq!(texts(&other.database()).len(), 2);
}

#[test]
fn a_damaged_database_is_replaced_and_kept_with_its_log() {
    let mut server = stopped_server(50);
    said(&backup(server.folder(), "minitwit.db", "copy.db", &[]));
    server.restart();
    Simulator::of(&server).says("ada", "only in the log").expect(204);
    server.kill();
    let log = fs::read(server.folder().join("minitwit.db-wal")).unwrap();
    assert!(!log.is_empty());
    fs::write(server.database(), "what the disk gave back".repeat(1000)).unwrap();
    let told = said(&restore(server.folder(), "copy.db", "minitwit.db", &[]));
    let kept = told.lines().find_map(|line| line.split_once("kept as ")).unwrap().1;
    assert!(fs::read_to_string(kept).unwrap().starts_with("what the disk"), "{told}");
    assert_eq!(fs::read(format!("{kept}-wal")).unwrap(), log);
    assert_eq!(texts(&server.database()).len(), 50);
    server.restart();
    assert_eq!(Simulator::of(&server).messages("/msgs?no=99").len(), 50);
}

#[test]
fn a_database_that_lacks_a_table_is_replaced_too() {
    let server = stopped_server(3);
    said(&backup(server.folder(), "minitwit.db", "copy.db", &[]));
    server.sql().execute("DROP TABLE latest");
    let refused = complaint(&backup(server.folder(), "minitwit.db", "copy.db", &[]));
    assert!(refused.contains("no such table: latest"), "{refused}");
    let told = said(&restore(server.folder(), "copy.db", "minitwit.db", &[]));
    assert!(told.contains("is kept as"), "{told}");
    assert_eq!(texts(&server.database()).len(), 3);
}

#[test]
fn the_log_of_a_lost_database_is_never_applied_to_the_restored_one() {
    let mut server = stopped_server(3);
    said(&backup(server.folder(), "minitwit.db", "copy.db", &[]));
    server.restart();
    for number in 0..20 {
        Simulator::of(&server).says("ada", &format!("in the log {number}")).expect(204);
    }
    server.kill();
    fs::remove_file(server.database()).unwrap();
    let told = said(&restore(server.folder(), "copy.db", "minitwit.db", &[]));
    assert!(told.contains("is kept as"), "{told}");
    assert_eq!(texts(&server.database()).len(), 3);
    assert!(!server.folder().join("minitwit.db-wal").exists());
    server.restart();
    assert_eq!(Simulator::of(&server).messages("/msgs").len(), 3);
}

#[test]
fn a_bad_backup_changes_nothing() {
    let server = stopped_server(50);
    let folder = server.folder();
    said(&backup(folder, "minitwit.db", "damaged.db", &[]));
    damage(&folder.join("damaged.db"));
    let whole = fs::read(folder.join("minitwit.db")).unwrap();
    fs::write(folder.join("cut.db"), &whole[..whole.len() / 2]).unwrap();
    fs::write(folder.join("text.db"), "no backup".repeat(1000)).unwrap();
    fs::write(folder.join("empty.db"), "").unwrap();
    let before = files(folder);
    for (from, mentions) in [
        ("damaged.db", "is damaged"),
        ("cut.db", "is damaged"),
        ("text.db", "is not a SQLite database"),
        ("empty.db", "is empty"),
        ("absent.db", "cannot be opened"),
        (".", "is not a file"),
        ("minitwit.db", "is the backup itself"),
    ] {
        let complaint = complaint(&restore(folder, from, "minitwit.db", &["--replace-newer"]));
        assert!(complaint.contains(mentions), "{from}: no {mentions:?} in {complaint}");
        assert_eq!(files(folder), before, "{from}");
    }
    assert_eq!(fs::read(folder.join("minitwit.db")).unwrap(), whole);
}

#[test]
fn a_missing_folder_is_told() {
    let server = stopped_server(1);
    said(&backup(server.folder(), "minitwit.db", "copy.db", &[]));
    let complaint = complaint(&restore(server.folder(), "copy.db", "not/mounted/m.db", &[]));
    assert!(complaint.contains("mount its disk"), "{complaint}");
}

#[test]
fn a_database_with_another_name_stays_where_it_is() {
    let server = stopped_server(1);
    said(&backup(server.folder(), "minitwit.db", "copy.db", &[]));
    let folder = server.folder();
    fs::create_dir(folder.join("disk")).unwrap();
    fs::rename(folder.join("minitwit.db"), folder.join("disk/real.db")).unwrap();
    fs::set_permissions(folder.join("disk/real.db"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("disk/real.db", folder.join("minitwit.db")).unwrap();
    said(&restore(folder, "copy.db", "minitwit.db", &[]));
    assert!(folder.join("minitwit.db").is_symlink());
    let mode = fs::metadata(folder.join("disk/real.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640, "its server could read it");
}

#[test]
fn what_has_moved_to_postgres_is_not_brought_back_by_mistake() {
    let server = stopped_server(1);
    said(&backup(server.folder(), "minitwit.db", "copy.db", &[]));
    server.sql().execute(
        "CREATE TABLE moved (only_row, target, moved_at, token, see_report);
         INSERT INTO moved VALUES (1, 'postgres://db:5432/mini', 0, x'00', 0)",
    );
    let refused =
        complaint(&restore(server.folder(), "copy.db", "minitwit.db", &["--replace-newer"]));
    assert!(refused.contains("moved to postgres://db:5432/mini"), "{refused}");
}

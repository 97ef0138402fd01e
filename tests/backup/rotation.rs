//! Earlier backups are kept, as many as wanted.

use std::fs;
use std::time::{Duration, UNIX_EPOCH};

use crate::commands::{backup, files, said, stopped_server, texts};

/// Makes a backup seem to be of that many days after the beginning of time.
fn age(file: &std::path::Path, days: u64) {
    let moment = UNIX_EPOCH + Duration::from_secs(days * 86_400);
    fs::File::options().write(true).open(file).unwrap().set_modified(moment).unwrap();
}

#[test]
fn the_newest_has_the_name_and_earlier_ones_their_time() {
    let mut server = stopped_server(0);
    fs::create_dir(server.folder().join("kept")).unwrap();
    let kept = server.folder().join("kept");
    fs::write(kept.join("minitwit.db.notes"), "not a backup").unwrap();
    for day in 1..=5 {
        server.restart();
        crate::support::Simulator::of(&server).says("ada", &format!("day {day}")).expect(204);
        server.terminate();
        let told = said(&backup(server.folder(), "minitwit.db", "kept", &["--keep", "3"]));
        assert_eq!(told.contains("removed "), day > 3, "{told}");
        age(&kept.join("minitwit.db"), day);
    }
    assert_eq!(
        files(&kept),
        [
            "minitwit.db",
            "minitwit.db.19700104T000000Z",
            "minitwit.db.19700105T000000Z",
            "minitwit.db.notes"
        ]
    );
    assert_eq!(texts(&kept.join("minitwit.db")).len(), 5);
    assert_eq!(texts(&kept.join("minitwit.db.19700105T000000Z")).len(), 4);
    assert_eq!(texts(&kept.join("minitwit.db.19700104T000000Z")).len(), 3);
}

#[test]
fn without_keep_one_is_replaced_and_others_are_left() {
    let server = stopped_server(1);
    let other = server.folder().join("copy.db.20200101T000000Z");
    fs::write(&other, "of somebody else").unwrap();
    for _ in 0..2 {
        let told = said(&backup(server.folder(), "minitwit.db", "copy.db", &[]));
        assert!(!told.contains("one before") && !told.contains("removed"), "{told}");
    }
    assert_eq!(fs::read_to_string(other).unwrap(), "of somebody else");
}

#[test]
fn backups_of_one_second_are_all_kept() {
    let server = stopped_server(1);
    for _ in 0..4 {
        said(&backup(server.folder(), "minitwit.db", "copy.db", &["--keep", "4"]));
        age(&server.folder().join("copy.db"), 7);
    }
    let mut names = files(server.folder());
    names.retain(|name| name.starts_with("copy"));
    let second = "copy.db.19700108T000000Z";
    let expected =
        ["copy.db".into(), second.to_owned(), format!("{second}-2"), format!("{second}-3")];
    assert_eq!(names, expected);
}

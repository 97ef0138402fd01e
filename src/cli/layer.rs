//! A database that a container takes with it when it goes.

use std::fs;
use std::path::{Path, PathBuf};

use crate::storage::Database;

/// Warns if the database lies in the container's own layer: whoever makes the container anew, as
/// each upgrade does, would start with an empty one.
pub(super) fn warn_if_lost_with_container(database: &Database) {
    if is_lost_with_container(database) {
        log::warn!(
            "{database} is inside the container and will be gone with it: keep the database on a \
             volume"
        );
    }
}

/// Whether the database lies in the container's own layer.
pub(super) fn is_lost_with_container(database: &Database) -> bool {
    let folder = match database {
        Database::Sqlite(path) => folder(path),
        #[cfg(feature = "postgres")]
        Database::Postgres(_) => None,
    };
    let Some(folder) = folder else { return false };
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    is_in_own_layer(&folder, &mounts)
}

/// The folder of an existing file, as mounts name it.
fn folder(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path).ok()?.parent().map(Path::to_owned)
}

/// Whether what holds the folder is the root of a container, stacked from layers. `mounts` is in
/// the form of `/proc/self/mountinfo` (proc_pid_mountinfo(5)); of two mounts on one place the
/// later one hides the other.
fn is_in_own_layer(folder: &Path, mounts: &str) -> bool {
    let holding = mounts.lines().filter_map(mount).filter(|(place, _)| folder.starts_with(place));
    let nearest = holding.max_by_key(|(place, _)| place.as_os_str().len());
    nearest.is_some_and(|(place, kind)| {
        place == Path::new("/") && matches!(kind, "overlay" | "fuse.fuse-overlayfs" | "aufs")
    })
}

/// Where a line of mountinfo mounts which kind of file system.
fn mount(line: &str) -> Option<(PathBuf, &str)> {
    let (fields, source) = line.split_once(" - ")?;
    let place = fields.split(' ').nth(4)?;
    Some((PathBuf::from(place.replace("\\040", " ")), source.split(' ').next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTAINER: &str = "\
        620 480 0:52 / / ro,relatime - overlay overlay rw,lowerdir=/l/A:/l/B,upperdir=/d/diff\n\
        621 620 0:55 / /proc rw,nosuid - proc proc rw\n\
        640 620 254:0 /volumes/minitwit/_data /data rw,relatime - ext4 /dev/vda rw\n\
        641 620 254:0 /host/a\\040b /srv/a\\040b rw,relatime master:7 - ext4 /dev/vda rw\n\
        642 640 0:60 / /data/stacked rw - overlay overlay rw,lowerdir=/x\n";

    #[track_caller]
    fn assert_lost(folder: &str, mounts: &str, lost: bool) {
        assert_eq!(is_in_own_layer(Path::new(folder), mounts), lost, "{folder}");
    }

    #[test]
    fn a_folder_without_a_mount_of_its_own_is_lost_with_the_container() {
        for folder in ["/", "/srv", "/database", "/srv/a"] {
            assert_lost(folder, CONTAINER, true);
        }
        assert_lost("/x", "1 0 0:9 / / rw - fuse.fuse-overlayfs fuse-overlayfs rw", true);
    }

    #[test]
    fn a_folder_on_a_volume_stays() {
        for folder in ["/data", "/data/deep/down", "/srv/a b", "/data/stacked"] {
            assert_lost(folder, CONTAINER, false);
        }
    }

    #[test]
    fn a_machine_that_is_no_container_has_nothing_to_lose() {
        assert_lost("/srv", "26 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard", false);
        assert_lost("/srv", "", false);
        assert_lost("/srv", "no such form\n", false);
    }

    #[test]
    fn of_two_mounts_on_one_place_the_later_one_counts() {
        let disk = "26 1 254:0 / / rw - ext4 /dev/vda rw\n";
        let layers = "27 26 0:9 / / rw - overlay overlay rw\n";
        assert_lost("/srv", &format!("{disk}{layers}"), true);
        assert_lost("/srv", &format!("{layers}{disk}"), false);
    }
}

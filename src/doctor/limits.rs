//! How many connections there can be at once.

use rustix::process::{Resource, getrlimit};

use crate::storage::diagnosis::Finding;

/// Each connection is an open file. So many may wait to be accepted at once, with room for what
/// else is open.
const WANTED: u64 = 4096 + 256;

/// Looks at the limit on open files, which `serve` raises as far as it may.
pub(super) fn examine() -> Vec<Finding> {
    let limit = getrlimit(Resource::Nofile).maximum;
    vec![match limit {
        Some(limit) if limit < WANTED => Finding::problem(
            format!(
                "a server that is started from here can have {limit} files open, and so fewer connections"
            ),
            "raise it: LimitNOFILE=65536 in the unit of systemd, --ulimit nofile=65536 for docker, \
             or /etc/security/limits.conf",
        ),
        Some(limit) => {
            Finding::fine(format!("a server that is started from here can have {limit} files open"))
        }
        None => {
            Finding::fine("a server that is started from here can have any number of files open")
        }
    }]
}

//! Postgres servers for tests: made in a moment, gone with the process that made them.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Who Postgres runs as when the tests are run by root, as whom it refuses to.
const USER: &str = "postgres";

/// Waits until the tests have ended, however they end: then nobody holds the other end of its
/// input. Stops all servers below the folder, and removes it.
const CLEAN_UP: &str = r#"
    trap '' INT TERM HUP
    read -r _
    for pid_file in "$1"/*/postmaster.pid; do
        [ -f "$pid_file" ] || continue
        pid=$(head -n 1 "$pid_file")
        kill -CONT "$pid" && kill -QUIT "$pid"
        while kill -0 "$pid"; do sleep 0.05; done
    done 2>/dev/null
    rm -rf "$1"
"#;

/// Settings of every server. What it stores need not survive the machine.
const SETTINGS: &str = "
    listen_addresses = '127.0.0.1'
    max_connections = 400
    shared_buffers = 32MB
    fsync = off
    full_page_writes = off
    log_min_messages = fatal
";

/// A Postgres server. The last owner's end is the server's.
pub struct Cluster {
    folder: PathBuf,
    port: u16,
    clean_up: Child,
}

impl Cluster {
    /// The server that all tests of this process share, each with databases of its own.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(""))
    }

    /// A server with further settings, one a line as in `postgresql.conf`.
    pub fn start(settings: &str) -> Self {
        let folder = PathBuf::from(said(as_user("mktemp").args(["-d", "/tmp/minitwit.XXXXXX"])));
        let mut clean_up = Command::new("sh");
        clean_up.args(["-c", CLEAN_UP, "sh"]).arg(&folder);
        clean_up.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let clean_up = clean_up.spawn().unwrap();
        let cluster = Self { folder, port: free_port(), clean_up };
        said(
            as_user(tool("initdb"))
                .args(["--auth=trust", "--username=postgres", "--no-sync"])
                .args(["--encoding=UTF8", "--no-locale", "-D"])
                .arg(cluster.data()),
        );
        let settings = format!(
            "{SETTINGS}\nunix_socket_directories = '{}'\nport = {}\n{settings}\n",
            cluster.folder.display(),
            cluster.port
        );
        append(&cluster.data().join("postgresql.conf"), &settings);
        cluster.resume();
        cluster
    }

    /// Where its files are; certificates and the like may go here too.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Where it listens, on the loopback address.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts the server again.
    pub fn resume(&self) {
        self.control("start");
    }

    /// Stops the server, which lets nobody finish (`immediate`) or ends all sessions (`fast`).
    pub fn stop(&self, mode: &str) {
        said(as_user(tool("pg_ctl")).arg("-D").arg(self.data()).args(["-w", "-m", mode, "stop"]));
    }

    fn control(&self, what: &str) {
        let log = self.folder.join("log");
        let mut command = as_user(tool("pg_ctl"));
        command.arg("-D").arg(self.data()).arg("-l").arg(&log).args(["-w", "-t", "120", what]);
        said(&mut command);
    }

    /// Sends a signal (`STOP`, `CONT`) to all of its processes.
    pub fn signal(&self, signal: &str) {
        let pid_file = fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        let postmaster = pid_file.lines().next().unwrap().to_owned();
        let children = Command::new("pgrep").args(["-P", &postmaster]).output().unwrap().stdout;
        let children = String::from_utf8(children).unwrap();
        let mut kill = Command::new("kill");
        kill.arg(format!("-{signal}")).arg(&postmaster).args(children.split_whitespace());
        // A child may have ended in between.
        let _ = kill.output().unwrap();
    }

    /// The URL of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The URL of a new, empty database that nobody else uses.
    pub fn new_database(&self) -> String {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        self.psql("postgres", &format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// What psql prints for a statement: rows as lines, columns separated by `|`.
    pub fn psql(&self, database: &str, sql: &str) -> String {
        psql(&self.url(database), sql)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.clean_up.stdin.take());
        let _ = self.clean_up.wait();
    }
}

/// What psql prints for a statement on the database of that URL.
pub fn psql(url: &str, sql: &str) -> String {
    let mut command = Command::new(tool("psql"));
    said(command.args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql, url]))
}

/// A program of Postgres, of the newest version there is.
pub fn tool(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            let folder = entry.ok()?.path();
            let version = folder.file_name()?.to_str()?.parse().ok()?;
            Some((version, folder.join("bin").join(name)))
        })
        .filter(|(_, path)| path.exists())
        .collect();
    found.sort();
    // Elsewhere than on Debian they are on the path.
    found.pop().map_or_else(|| PathBuf::from(name), |(_, path)| path)
}

/// A command that runs as somebody whom Postgres accepts.
pub fn as_user(program: impl AsRef<std::ffi::OsStr>) -> Command {
    if !rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", USER, "--regid", USER, "--clear-groups", "--"]).arg(program);
    // It complains about folders it may not enter.
    command.current_dir("/");
    command
}

/// Runs a command to its end and returns what it printed; panics if it fails.
#[track_caller]
pub fn said(command: &mut Command) -> String {
    // A server that goes on must not keep our pipes open: what it prints goes to its log.
    let is_start = command.get_args().any(|argument| argument == "start");
    let output = if is_start {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        assert!(status.success(), "{command:?} failed: {status}");
        return String::new();
    } else {
        command.stdin(Stdio::null()).output()
    };
    let output = output.unwrap_or_else(|error| {
        panic!("{command:?}: {error}; is Postgres installed? `scripts/test tools` installs it")
    });
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// Adds lines to a file of the server's.
pub fn append(path: &Path, lines: &str) {
    let old = fs::read_to_string(path).unwrap_or_default();
    fs::write(path, format!("{old}\n{lines}")).unwrap();
}

/// A port nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

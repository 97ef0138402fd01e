use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::proxy::{self, Proxy};
use super::sql::{Door, Sql, quoted};
use super::{PATIENCE, eventually};

const BINARY: &str = env!("CARGO_BIN_EXE_minitwit");

/// Whether the stories of this crate are told on Postgres.
const IS_ON_POSTGRES: bool =
    matches!(env!("CARGO_CRATE_NAME").as_bytes(), b"http_on_postgres" | b"postgres");

/// Runs the binary to its end, in `folder` and with these variables alone.
pub fn run(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(BINARY);
    command.args(arguments).current_dir(folder).env_clear().envs(variables.iter().copied());
    command.output().unwrap()
}

/// How a server is to be started.
#[derive(Clone)]
pub struct Launch {
    folder: Arc<TempDir>,
    flags: Vec<(String, String)>,
    variables: Vec<(String, String)>,
}

impl Launch {
    /// A server on any free port, with a new database and the cheapest hashes.
    pub fn new() -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let database = match IS_ON_POSTGRES {
            #[cfg(feature = "postgres")]
            true => super::Cluster::shared().new_database(),
            _ => folder.path().join("minitwit.db").display().to_string(),
        };
        Self { folder, flags: Vec::new(), variables: Vec::new() }
            .flag("--database", &database)
            .flag("--listen", "127.0.0.1:0")
            .flag("--bcrypt-cost", "4")
            // A variable, because a build without metrics does not know the flag.
            .variable("MINITWIT_METRICS_LISTEN", "127.0.0.1:0")
    }

    /// Sets a flag, or sets it anew.
    pub fn flag(self, name: &str, value: &str) -> Self {
        let mut launch = self.without(name);
        launch.flags.push((name.to_owned(), value.to_owned()));
        launch
    }

    /// Leaves a flag out.
    pub fn without(mut self, name: &str) -> Self {
        self.flags.retain(|(flag, _)| flag != name);
        self
    }

    /// Sets an environment variable. None is inherited.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Serves this database instead of a new one.
    pub fn database(self, database: impl AsRef<Path>) -> Self {
        self.flag("--database", &database.as_ref().display().to_string())
    }

    /// Where the server runs; it is removed with the last server that was started here.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The database file; relative names are in [`Launch::folder`].
    pub fn database_path(&self) -> PathBuf {
        let flag = self.flags.iter().find(|(name, _)| name == "--database");
        self.folder().join(flag.map_or("minitwit.db", |(_, path)| path))
    }

    /// Starts the server and waits until it says where it is.
    pub fn start(self) -> TestServer {
        let mut process = Process::start(&self);
        let behind = Behind::nginx(&self, &mut process);
        let place = behind.as_ref().map(|behind| behind.proxy.address());
        let address = Arc::new(Mutex::new(place.unwrap_or_else(|| process.address())));
        TestServer { launch: self, process, address, behind }
    }
}

/// What else there is of a server that is reached through nginx.
struct Behind {
    proxy: Proxy,
    _twin: Process,
}

impl Behind {
    /// A twin of the server and nginx before both, if the drill wants them.
    fn nginx(launch: &Launch, process: &mut Process) -> Option<Self> {
        let configuration = proxy::configuration().filter(|_| IS_ON_POSTGRES)?;
        let mut twin = Process::start(launch);
        let proxy = Proxy::start(&configuration, [process.address(), twin.address()]);
        Some(Self { proxy, _twin: twin })
    }
}

/// A running server. It is killed when the test ends; if the test failed, its log is shown.
pub struct TestServer {
    launch: Launch,
    process: Process,
    address: Arc<Mutex<SocketAddr>>,
    behind: Option<Behind>,
}

impl TestServer {
    /// Starts a server with a database of its own.
    pub fn start() -> Self {
        Launch::new().start()
    }

    /// Starts a second server on the same database.
    pub fn twin(&self) -> Self {
        self.launch.clone().start()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        *self.address.lock().unwrap()
    }

    /// Like [`TestServer::address`], for clients that outlive a restart.
    pub fn place(&self) -> Arc<Mutex<SocketAddr>> {
        Arc::clone(&self.address)
    }

    /// What a person types into the browser, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Where it runs.
    pub fn folder(&self) -> &Path {
        self.launch.folder()
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.launch.database_path()
    }

    /// The database as another process would open it.
    pub fn sql(&self) -> Sql {
        let flag = self.launch.flags.iter().find(|(name, _)| name == "--database");
        Sql(match flag {
            #[cfg(feature = "postgres")]
            Some((_, url)) if url.starts_with("postgres") => Door::Server(url.clone()),
            #[cfg(feature = "sqlite")]
            _ => Door::File(self.database()),
            #[cfg(not(feature = "sqlite"))]
            _ => panic!("no database that this build knows"),
        })
    }

    /// Opens the database file.
    #[cfg(feature = "sqlite")]
    pub fn sqlite(&self) -> rusqlite::Connection {
        super::sql::open(&self.database())
    }

    /// Writes a message into the database at a time of choice, as a script of the operator would.
    #[track_caller]
    pub fn insert_message(&self, author: &str, text: &str, pub_date: i64) {
        let insert = format!(
            r#"INSERT INTO message (author_id, text, pub_date, flagged)
               SELECT user_id, {}, {pub_date}, 0 FROM "user" WHERE username = {}"#,
            quoted(text),
            quoted(author)
        );
        let inserted = self.sql().execute(&insert);
        assert_eq!(inserted, 1, "is {author} a user?");
    }

    /// Runs another command of the binary on the same database, to its end.
    pub fn command(&self, arguments: &[&str]) -> Output {
        self.command_told(arguments, "")
    }

    /// As [`TestServer::command`], with something to read on stdin.
    pub fn command_told(&self, arguments: &[&str], stdin: &str) -> Output {
        let flag = self.launch.flags.iter().find(|(name, _)| name == "--database");
        let mut command = Command::new(BINARY);
        command.args(arguments).current_dir(self.folder()).env_clear();
        command.envs(flag.map(|(_, database)| ("DATABASE_URL", database)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // It need not read it.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// What it has written to stderr so far.
    pub fn log(&self) -> String {
        self.process.stderr.lock().unwrap().clone()
    }

    /// Sends it a signal.
    pub fn signal(&mut self, signal: Signal) {
        // The system may have given the id of one that ended to somebody else.
        let ended = self.process.child.try_wait().unwrap();
        assert!(ended.is_none(), "the server has ended: {ended:?}");
        kill_process(Pid::from_child(&self.process.child), signal).unwrap();
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> ExitStatus {
        self.process.wait()
    }

    /// Asks it to end (SIGTERM) and waits for that.
    pub fn terminate(&mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.wait()
    }

    /// Ends it as a crash would (SIGKILL).
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        self.wait();
    }

    /// Starts it again on the same database, ending it first if it runs. Visitors find it.
    pub fn restart(&mut self) {
        if self.process.child.try_wait().unwrap().is_none() {
            self.terminate();
        }
        self.process = Process::start(&self.launch);
        self.behind = Behind::nginx(&self.launch, &mut self.process);
        let place = self.behind.as_ref().map(|behind| behind.proxy.address());
        *self.address.lock().unwrap() = place.unwrap_or_else(|| self.process.address());
    }
}

struct Process {
    child: Child,
    stdout: Arc<Mutex<String>>,
    stderr: Arc<Mutex<String>>,
}

impl Process {
    fn start(launch: &Launch) -> Self {
        let mut command = Command::new(BINARY);
        command.arg("serve").current_dir(launch.folder()).env_clear();
        for (flag, value) in &launch.flags {
            command.arg(flag).arg(value);
        }
        command.envs(launch.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = collected(child.stdout.take().unwrap());
        let stderr = collected(child.stderr.take().unwrap());
        Self { child, stdout, stderr }
    }

    /// The address in the line `MiniTwit is at http://…`.
    fn address(&mut self) -> SocketAddr {
        let line = eventually("the server to say where it is", || {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "the server ended at its start: {ended:?}");
            let stdout = self.stdout.lock().unwrap();
            stdout.lines().find(|line| line.starts_with("MiniTwit is at ")).map(str::to_owned)
        });
        let address = line.trim_start_matches("MiniTwit is at http://").trim_end_matches('/');
        let address: SocketAddr = address.parse().unwrap_or_else(|_| panic!("no URL: {line}"));
        // Who listens on every address is reached on the loopback one.
        if address.ip().is_unspecified() {
            SocketAddr::from(([127, 0, 0, 1], address.port()))
        } else {
            address
        }
    }

    fn wait(&mut self) -> ExitStatus {
        eventually("the server to end", || self.child.try_wait().unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            // The last lines may still be on their way through the pipe.
            thread::sleep(Duration::from_millis(50));
            println!("--- the server's log ---\n{}", self.stderr.lock().unwrap());
        }
    }
}

fn collected(stream: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let collector = Arc::clone(&text);
    thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            let mut text = collector.lock().unwrap();
            text.push_str(&String::from_utf8_lossy(&line));
            text.push('\n');
        }
    });
    text
}

//! nginx in front of two servers on one database, for `scripts/drill-replicas`.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::eventually;

/// Set by the drill, whose configuration it names: then every server gets a twin, and both are
/// reached through nginx.
const CONFIGURATION: &str = "MINITWIT_TEST_NGINX";

/// The configuration to run nginx with, if the stories are to be told through it.
pub(super) fn configuration() -> Option<String> {
    let path = std::env::var_os(CONFIGURATION)?;
    Some(fs::read_to_string(path).unwrap())
}

/// A running nginx. It ends with its owner.
pub(super) struct Proxy {
    nginx: Child,
    address: SocketAddr,
    _folder: TempDir,
}

impl Proxy {
    /// Starts nginx in front of two servers, and waits until it takes connections.
    pub(super) fn start(configuration: &str, servers: [SocketAddr; 2]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        let configuration = configuration
            .replace("{folder}", &folder.path().display().to_string())
            .replace("{first}", &servers[0].port().to_string())
            .replace("{second}", &servers[1].port().to_string())
            .replace("{port}", &address.port().to_string());
        let path = folder.path().join("nginx.conf");
        fs::write(&path, configuration).unwrap();
        let mut command = Command::new("nginx");
        command.arg("-c").arg(&path).arg("-e").arg(folder.path().join("error.log"));
        let nginx = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let proxy = Self { nginx, address, _folder: folder };
        eventually("nginx to listen", || TcpStream::connect(address).ok());
        proxy
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Not killed: it has a child of its own to end.
        let pid = rustix::process::Pid::from_child(&self.nginx);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.nginx.wait();
    }
}

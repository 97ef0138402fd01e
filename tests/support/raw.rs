use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use super::PATIENCE;

/// All that the server sent on one connection.
#[derive(Debug)]
pub struct Raw(pub String);

impl Raw {
    /// The status codes of the answers, interim ones included.
    pub fn statuses(&self) -> Vec<u16> {
        let lines = self.0.split("HTTP/1.").skip(1);
        lines.filter_map(|line| line.get(2..5)?.parse().ok()).collect()
    }

    /// The status of the last answer; panics if there was none.
    #[track_caller]
    pub fn status(&self) -> u16 {
        *self.statuses().last().unwrap_or_else(|| panic!("no answer: {self:?}"))
    }
}

/// Sends bytes and reads until the server closes the connection. So the request must say
/// `Connection: close`, or be one that a server does not forgive.
#[track_caller]
pub fn raw(address: SocketAddr, request: impl AsRef<[u8]>) -> Raw {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // A server that has answered already may close before everything is written.
    let _ = stream.write_all(request.as_ref());
    Raw(rest(&mut stream))
}

/// Sends bytes, says that there will be no more, and reads until the server closes the connection:
/// for requests that never end as far as a server can tell.
#[track_caller]
pub fn hang_up_after(address: SocketAddr, request: impl AsRef<[u8]>) -> Raw {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // The server may have closed before everything is written.
    let _ = stream.write_all(request.as_ref());
    let _ = stream.shutdown(Shutdown::Write);
    Raw(rest(&mut stream))
}

/// Reads until the other side closes the connection.
#[track_caller]
pub fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => panic!("{error} after {:?}", String::from_utf8_lossy(&bytes)),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

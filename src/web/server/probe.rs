//! A server that asks itself, the way a stranger would.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Server;

const QUESTION: &[u8] = b"GET /readyz HTTP/1.0\r\n\r\n";

/// Bytes of `HTTP/1.0 200`.
const STATUS_LINE: usize = 12;

impl Server {
    /// Whether every worker answers, and says that the database answers. Fails if one does not
    /// answer at all; has no deadline of its own.
    pub async fn is_ready(&self) -> io::Result<bool> {
        let mut ready = true;
        for worker in 0..self.reception.workers() {
            ready &= self.ask(worker).await? == b"HTTP/1.0 200"[..];
        }
        Ok(ready)
    }

    /// The beginning of a worker's answer.
    async fn ask(&self, worker: usize) -> io::Result<Vec<u8>> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address: SocketAddr = listener.local_addr()?;
        let mut question = TcpStream::connect(address).await?;
        let (answering, _) = listener.accept()?;
        answering.set_nonblocking(true)?;
        self.reception.lead(answering, worker)?;
        question.write_all(QUESTION).await?;
        let mut answer = Vec::with_capacity(STATUS_LINE);
        question.take(STATUS_LINE as u64).read_to_end(&mut answer).await?;
        Ok(answer)
    }
}

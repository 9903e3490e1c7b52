//! Bytes on a socket.

use std::time::{Duration, Instant};

use banq_testkit::DEADLINE;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::within_deadline;

/// A connection that says exactly what it is told to.
pub(crate) struct Raw {
    socket: TcpStream,
    since: Instant,
}

impl Raw {
    /// Connects to `http://address`.
    pub(crate) async fn connect(url: &str) -> Self {
        let address = url.strip_prefix("http://").unwrap();
        Self { socket: within_deadline(TcpStream::connect(address)).await.unwrap(), since: Instant::now() }
    }

    /// Sends; a server that has closed already is no fault.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        within_deadline(self.socket.write_all(bytes.as_ref())).await.is_ok()
    }

    /// Closes this end, and keeps reading.
    pub(crate) async fn say_no_more(&mut self) {
        within_deadline(self.socket.shutdown()).await.ok();
    }

    /// Lets some time pass; whether the server has kept the connection open. What it says is thrown away.
    pub(crate) async fn is_open_after(&mut self, time: Duration) -> bool {
        assert!(self.since.elapsed() < DEADLINE, "the server never closed the connection");
        let mut buffer = [0; 4096];
        match tokio::time::timeout(time, self.socket.read(&mut buffer)).await {
            Ok(Ok(0) | Err(_)) => false,
            Ok(Ok(_)) | Err(_) => true,
        }
    }

    /// Everything up to the moment at which the server closes the connection.
    pub(crate) async fn until_closed(&mut self) -> String {
        let mut answer = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            match within_deadline(self.socket.read(&mut buffer)).await {
                // Data that nobody read makes the close a reset.
                Ok(0) | Err(_) => return String::from_utf8_lossy(&answer).into_owned(),
                Ok(length) => answer.extend_from_slice(&buffer[..length]),
            }
        }
    }

    /// Everything up to and including `end`.
    pub(crate) async fn until(&mut self, end: &str) -> String {
        let mut answer = String::new();
        let mut byte = [0; 1];
        while !answer.ends_with(end) {
            assert_eq!(
                within_deadline(self.socket.read(&mut byte)).await.unwrap(),
                1,
                "closed after {answer}"
            );
            answer.push(char::from(byte[0]));
        }
        answer
    }

    /// Sends on a connection of its own, and waits for the close.
    pub(crate) async fn exchange(url: &str, bytes: impl AsRef<[u8]>) -> String {
        let mut raw = Self::connect(url).await;
        raw.send(bytes).await;
        raw.until_closed().await
    }
}

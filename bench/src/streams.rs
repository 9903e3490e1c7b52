//! Opens many streams of server-sent events, and notes when each says what is waited for.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// How many connections are made at the same time.
const AT_ONCE: usize = 64;

/// Open streams. They are closed when this is dropped.
pub(crate) struct Streams {
    said: Arc<Said>,
    _readers: JoinSet<()>,
}

struct Said {
    at: Mutex<Vec<Option<Instant>>>,
    count: AtomicUsize,
    changed: Notify,
}

impl Streams {
    /// Opens a stream for each server and path, and waits until each server has answered. `word` is what they wait for.
    pub(crate) async fn open(places: Vec<(SocketAddr, String)>, word: &'static str) -> Self {
        let at = Mutex::new(vec![None; places.len()]);
        let said = Arc::new(Said { at, count: AtomicUsize::new(0), changed: Notify::new() });
        let mut opened = futures_util::stream::iter(places.into_iter().enumerate())
            .map(async |(number, (address, path))| (number, begin(address, &path).await))
            .buffer_unordered(AT_ONCE);
        let mut readers = JoinSet::new();
        while let Some((number, (stream, seen))) = opened.next().await {
            readers.spawn(read(number, stream, seen, word, Arc::clone(&said)));
        }
        Self { said, _readers: readers }
    }

    /// Waits until that many have said it, or until nothing has come for `patience`.
    pub(crate) async fn until(&self, count: usize, patience: Duration) {
        let mut before = usize::MAX;
        loop {
            let now = self.said.count.load(Ordering::Relaxed);
            if now >= count || now == before {
                return;
            }
            before = now;
            let more = async {
                while self.said.count.load(Ordering::Relaxed) < count {
                    self.said.changed.notified().await;
                }
            };
            let _ = tokio::time::timeout(patience, more).await;
        }
    }

    /// Returns when each said it.
    pub(crate) fn times(&self) -> Vec<Option<Instant>> {
        self.said.at.lock().unwrap().clone()
    }
}

/// Sends the request, and reads until the answer has begun.
async fn begin(address: SocketAddr, path: &str) -> (TcpStream, Vec<u8>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut seen = Vec::with_capacity(1_024);
    while !seen.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        let count = stream.read_buf(&mut seen).await.unwrap();
        assert!(count > 0, "the stream {path} ended: {}", String::from_utf8_lossy(&seen));
    }
    assert!(seen.starts_with(b"HTTP/1.1 200"), "{path}: {}", String::from_utf8_lossy(&seen));
    (stream, seen)
}

async fn read(number: usize, mut stream: TcpStream, mut seen: Vec<u8>, word: &'static str, said: Arc<Said>) {
    while !seen.windows(word.len()).any(|bytes| bytes == word.as_bytes()) {
        // A word that arrives in two parts is seen too; what is older is not looked at again.
        seen.drain(..seen.len().saturating_sub(word.len()));
        match stream.read_buf(&mut seen).await {
            Ok(count) if count > 0 => {}
            // The server ended the stream: its event is missing from the result.
            _ => return,
        }
    }
    said.at.lock().unwrap()[number] = Some(Instant::now());
    said.count.fetch_add(1, Ordering::Relaxed);
    said.changed.notify_one();
    // Stays open, as a page's does.
    std::future::pending::<()>().await;
}

//! Writes one stream to its own socket without buffers: only the current event is in memory.

use std::{io, time::Duration};

use axum::http::{HeaderValue, header, response::Parts};
use jiff::Timestamp;
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};

use crate::stream::{event_stream::Subscriber, sse_event::SseEvent};

const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// The bytes that a client may send during a stream; none are expected.
const MOST_NOISE: usize = 16 * 1024;

/// Writes until the stream ends, the client leaves, or a write times out. This function owns the values that the others
/// borrow: thousands of these futures are in memory.
pub(super) async fn run(
    mut socket: TcpStream,
    start: Vec<u8>,
    mut subscriber: Subscriber,
    write_timeout: Duration,
) {
    // The client usually ends the stream, so an error is expected.
    if let Err(error) = write(&mut socket, start, &mut subscriber, write_timeout).await {
        tracing::debug!(%error, "a stream broke");
    }
}

async fn write(
    socket: &mut TcpStream,
    mut start: Vec<u8>,
    subscriber: &mut Subscriber,
    write_timeout: Duration,
) -> io::Result<()> {
    // Head, greeting and the first snapshot go out together.
    if let Some(event) = subscriber.next().await {
        start.extend_from_slice(event.chunk());
    }
    send(socket, &start, write_timeout).await?;
    drop(start);
    while let Some(event) = next(socket, subscriber).await? {
        send(socket, event.chunk(), write_timeout).await?;
    }
    send(socket, LAST_CHUNK, write_timeout).await?;
    socket.shutdown().await
}

/// Returns the next event, or an error if the client leaves first.
async fn next(socket: &TcpStream, subscriber: &mut Subscriber) -> io::Result<Option<SseEvent>> {
    tokio::select! {
        biased;
        event = subscriber.next() => Ok(event),
        error = gone(socket) => Err(error),
    }
}

/// Waits until the client has closed the connection.
async fn gone(socket: &TcpStream) -> io::Error {
    let mut noise = 0;
    loop {
        if let Err(error) = socket.readable().await {
            return error;
        }
        match socket.try_read(&mut [0; 256]) {
            Ok(0) => return io::ErrorKind::UnexpectedEof.into(),
            Ok(count) => noise += count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return error,
        }
        if noise > MOST_NOISE {
            return io::ErrorKind::InvalidData.into();
        }
    }
}

/// Sends bytes. While a slow client reads, newer snapshots replace older ones in the hub, not here.
async fn send(socket: &mut TcpStream, bytes: &[u8], write_timeout: Duration) -> io::Result<()> {
    timeout(write_timeout, socket.write_all(bytes)).await?
}

/// Returns the status line, the headers as hyper would write them, and the greeting.
pub(super) fn start_of(head: &Parts) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1024);
    bytes.extend_from_slice(b"HTTP/1.1 ");
    bytes.extend_from_slice(head.status.as_str().as_bytes());
    bytes.extend_from_slice(b" OK\r\n");
    let mut line = |name: &[u8], value: &[u8]| {
        for part in [name, b": ", value, b"\r\n"] {
            bytes.extend_from_slice(part);
        }
    };
    for (name, value) in &head.headers {
        line(name.as_str().as_bytes(), value.as_bytes());
    }
    let date = Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    for (name, value) in [
        (header::DATE, HeaderValue::from_str(&date).ok()),
        (header::TRANSFER_ENCODING, Some(HeaderValue::from_static("chunked"))),
        (header::CONNECTION, Some(HeaderValue::from_static("close"))),
    ] {
        if let Some(value) = value {
            line(name.as_str().as_bytes(), value.as_bytes());
        }
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(Subscriber::greeting().chunk());
    bytes
}

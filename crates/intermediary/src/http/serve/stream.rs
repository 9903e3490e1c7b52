//! One stream on its own socket: no buffers, only the frame that is being written.

use std::{io, time::Duration};

use axum::http::{HeaderValue, header, response::Parts};
use jiff::Timestamp;
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};

use crate::stream::{event_stream::Subscriber, sse_event::SseEvent};

/// Ends a body of chunks.
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// What a client may send while it listens, in bytes; it has nothing to say.
const MOST_NOISE: usize = 16 * 1024;

/// Writes until the reader ends, the client leaves, or takes nothing for so long. What is borrowed below is
/// kept here once: thousands of these lie in memory.
pub(super) async fn run(
    mut socket: TcpStream,
    start: Vec<u8>,
    mut reader: Subscriber,
    write_timeout: Duration,
) {
    // The usual end is the client's, so an error is no news.
    if let Err(error) = write(&mut socket, start, &mut reader, write_timeout).await {
        tracing::debug!(%error, "a stream broke");
    }
}

async fn write(
    socket: &mut TcpStream,
    mut start: Vec<u8>,
    reader: &mut Subscriber,
    write_timeout: Duration,
) -> io::Result<()> {
    // Head, greeting and the present go out together.
    if let Some(frame) = reader.next().await {
        start.extend_from_slice(frame.chunk());
    }
    send(socket, &start, write_timeout).await?;
    drop(start);
    while let Some(frame) = next(socket, reader).await? {
        send(socket, frame.chunk(), write_timeout).await?;
    }
    send(socket, LAST_CHUNK, write_timeout).await?;
    socket.shutdown().await
}

/// The next frame; an error when the client is gone first.
async fn next(socket: &TcpStream, reader: &mut Subscriber) -> io::Result<Option<SseEvent>> {
    tokio::select! {
        biased;
        frame = reader.next() => Ok(frame),
        error = gone(socket) => Err(error),
    }
}

/// Waits until the client has closed its end.
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

/// While a slow client takes its time, newer states replace older ones in the hub and not here.
async fn send(socket: &mut TcpStream, bytes: &[u8], write_timeout: Duration) -> io::Result<()> {
    timeout(write_timeout, socket.write_all(bytes)).await?
}

/// Status line, headers as hyper would write them, and the greeting.
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

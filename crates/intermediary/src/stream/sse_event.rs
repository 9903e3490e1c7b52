//! One event of a stream, as bytes that any number of readers share.

use std::fmt::Write;

use axum::body::Bytes;
use wire::Snapshot;

/// A few hundred bytes: the event, and around it the chunk of HTTP/1.1 that carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SseEvent {
    chunk: Bytes,
    /// Where in the chunk the event begins.
    start: usize,
}

/// After the event, in its chunk.
const CHUNK_END: &str = "\r\n";

impl SseEvent {
    /// `event: status`, with the version as its id.
    pub(crate) fn status(snapshot: &Snapshot) -> Option<Self> {
        // Strings and numbers always are JSON, and JSON on one line has no line break.
        let data = serde_json::to_string(snapshot).ok()?;
        Some(Self::new(&format!("event: status\nid: {}\ndata: {data}\n\n", snapshot.version)))
    }

    /// Tells the browser how long to wait before it opens a broken stream again, in milliseconds.
    pub(crate) fn retry(milliseconds: u32) -> Self {
        Self::new(&format!("retry: {milliseconds}\n\n"))
    }

    /// A comment, since proxies close silent streams; and an event, since a page does not see comments, and
    /// must know whether a stream that says nothing is alive or held back by a proxy.
    pub(crate) fn heartbeat() -> Self {
        Self { chunk: Bytes::from_static(b"24\r\n: heartbeat\nevent: heartbeat\ndata:\n\n\r\n"), start: 4 }
    }

    /// Tells the page that its place went to a newcomer, so that it asks instead of coming back and taking another
    /// one's; a page that does not know the word comes back after so many milliseconds.
    pub(crate) fn crowded(milliseconds: u32) -> Self {
        Self::new(&format!("event: crowded\ndata:\nretry: {milliseconds}\n\n"))
    }

    fn new(event: &str) -> Self {
        let mut chunk = String::with_capacity(event.len() + 8);
        // Writing to a string can't fail.
        let _ = write!(chunk, "{:x}\r\n", event.len());
        let start = chunk.len();
        chunk.push_str(event);
        chunk.push_str(CHUNK_END);
        Self { chunk: chunk.into(), start }
    }

    /// As HTTP/1.1 carries it.
    pub(crate) fn chunk(&self) -> &[u8] {
        &self.chunk
    }

    /// The event alone.
    pub(crate) fn event(&self) -> Bytes {
        self.chunk.slice(self.start..self.chunk.len() - CHUNK_END.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_says_how_long_its_event_is() {
        for frame in [SseEvent::retry(2000), SseEvent::crowded(5000), SseEvent::heartbeat()] {
            let event = frame.event();
            assert!(event.ends_with(b"\n\n"));
            let chunk = format!("{:x}\r\n{}\r\n", event.len(), str::from_utf8(&event).unwrap());
            assert_eq!(frame.chunk(), chunk.as_bytes());
        }
        assert_eq!(&SseEvent::heartbeat().event()[..], b": heartbeat\nevent: heartbeat\ndata:\n\n");
    }
}

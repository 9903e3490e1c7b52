//! One event of a stream, as bytes that any number of subscribers share.

use std::fmt::Write;

use axum::body::Bytes;
use wire::Snapshot;

/// The event inside its HTTP/1.1 chunk; a few hundred bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SseEvent {
    chunk: Bytes,
    /// The index in the chunk at which the event begins.
    start: usize,
}

const CHUNK_END: &str = "\r\n";

impl SseEvent {
    /// Returns `event: status`, with the version as its id.
    pub(crate) fn status(snapshot: &Snapshot) -> Option<Self> {
        // Serializing strings and numbers cannot fail, and compact JSON has no line break.
        let data = serde_json::to_string(snapshot).ok()?;
        Some(Self::new(&format!("event: status\nid: {}\ndata: {data}\n\n", snapshot.version)))
    }

    /// Returns the event that sets the browser's retry time, in milliseconds.
    pub(crate) fn retry(milliseconds: u32) -> Self {
        Self::new(&format!("retry: {milliseconds}\n\n"))
    }

    /// Returns a heartbeat: an event, not a comment. It keeps proxies from closing the silent stream, and the page,
    /// which cannot see comments, learns that the stream is alive and not held back by a proxy.
    pub(crate) fn heartbeat() -> Self {
        Self { chunk: Bytes::from_static(b"24\r\n: heartbeat\nevent: heartbeat\ndata:\n\n\r\n"), start: 4 }
    }

    /// Returns the event that reports that a newcomer took the permit, so that the page polls instead of reconnecting
    /// and taking another one's; a page that does not know the event reconnects after so many milliseconds.
    pub(crate) fn crowded(milliseconds: u32) -> Self {
        Self::new(&format!("event: crowded\ndata:\nretry: {milliseconds}\n\n"))
    }

    fn new(event: &str) -> Self {
        let mut chunk = String::with_capacity(event.len() + 8);
        // Writing to a string cannot fail.
        let _ = write!(chunk, "{:x}\r\n", event.len());
        let start = chunk.len();
        chunk.push_str(event);
        chunk.push_str(CHUNK_END);
        Self { chunk: chunk.into(), start }
    }

    pub(crate) fn chunk(&self) -> &[u8] {
        &self.chunk
    }

    pub(crate) fn event(&self) -> Bytes {
        self.chunk.slice(self.start..self.chunk.len() - CHUNK_END.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_says_how_long_its_event_is() {
        for sse_event in [SseEvent::retry(2000), SseEvent::crowded(5000), SseEvent::heartbeat()] {
            let event = sse_event.event();
            assert!(event.ends_with(b"\n\n"));
            let chunk = format!("{:x}\r\n{}\r\n", event.len(), str::from_utf8(&event).unwrap());
            assert_eq!(sse_event.chunk(), chunk.as_bytes());
        }
        assert_eq!(&SseEvent::heartbeat().event()[..], b": heartbeat\nevent: heartbeat\ndata:\n\n");
    }
}

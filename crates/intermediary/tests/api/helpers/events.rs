//! A reader of Server-Sent Events that sees everything, comments and ends included.

use reqwest::Response;
use serde_json::Value;

use super::within_deadline;

/// One block of a stream.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Event {
    pub(crate) name: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) retry: Option<String>,
    pub(crate) comment: Option<String>,
    /// The snapshot.
    pub(crate) data: Value,
}

/// An open stream.
pub(crate) struct Events {
    pub(crate) response: Response,
    buffer: String,
}

impl Events {
    pub(crate) fn new(response: Response) -> Self {
        assert_eq!(response.status(), 200);
        Self { response, buffer: String::new() }
    }

    /// The next block, comments too; `None` at the end of the stream.
    pub(crate) async fn next_block(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.buffer.split_once("\n\n") {
                let event = parse(block);
                self.buffer = rest.to_owned();
                return Some(event);
            }
            let chunk = within_deadline(self.response.chunk()).await.unwrap()?;
            self.buffer.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next `status` event; `None` at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            let event = self.next_block().await?;
            // The waiting time for a browser that comes back, and the heartbeat, are no news.
            if event.comment.is_none() && event.data != Value::Null {
                assert_eq!(event.name.as_deref(), Some("status"));
                return Some(event);
            }
        }
    }

    /// The next status and its version.
    pub(crate) async fn next_status(&mut self) -> (String, u64) {
        let event = self.next().await.expect("the stream ended");
        let version = event.data["version"].as_u64().unwrap();
        assert_eq!(event.id, Some(version.to_string()));
        (event.data["status"].as_str().unwrap().to_owned(), version)
    }

    /// Everything up to the end.
    pub(crate) async fn rest(&mut self) -> Vec<(String, u64)> {
        let mut all = Vec::new();
        while let Some(event) = self.next().await {
            all.push((
                event.data["status"].as_str().unwrap().to_owned(),
                event.data["version"].as_u64().unwrap(),
            ));
        }
        all
    }
}

fn parse(block: &str) -> Event {
    let mut event = Event::default();
    for line in block.lines() {
        let (field, value) = line.split_once(':').unwrap();
        let value = value.strip_prefix(' ').unwrap_or(value).to_owned();
        match field {
            "" => event.comment = Some(value),
            "event" => event.name = Some(value),
            "id" => event.id = Some(value),
            "retry" => event.retry = Some(value),
            "data" if value.is_empty() => {}
            "data" => event.data = serde_json::from_str(&value).unwrap(),
            other => panic!("an unknown field {other}"),
        }
    }
    event
}

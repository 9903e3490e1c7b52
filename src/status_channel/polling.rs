//! Requests the snapshot: the server responds late, when something has changed (long poll), or at once.

use std::rc::Rc;

use banq_checkout_wire::Snapshot;
use gloo_net::http::{Request, RequestBuilder};
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, RequestCache};

use super::machine::ChannelEvent;
use super::{Dispatch, read_snapshot};
use crate::browser;
use crate::http::{self, Answer};

/// The seconds for which the server holds a response back; proxies cut off at 30 or 60.
const LONG_POLL_QUERY: &str = "?wait=25";

/// A pending request. Dropping it aborts it.
#[derive(Debug)]
pub(super) struct PendingPoll(AbortController);

impl PendingPoll {
    /// Sends a poll. `dispatch` gets the response, unless the poll is dropped before.
    pub(super) fn send(
        events_url: &str,
        request_id: &str,
        wait: bool,
        version: Option<u32>,
        dispatch: Dispatch,
    ) -> Option<Self> {
        let abort = AbortController::new().ok()?;
        let signal = abort.signal();
        let query = if wait { LONG_POLL_QUERY } else { "" };
        let mut request = get(&[snapshot_url(events_url)?, query].concat(), request_id);
        if let Some(version) = version {
            request = request.header("If-None-Match", &format!("W/\"{version}\""));
        }
        let request = request.abort_signal(Some(&signal));
        spawn_local(async move {
            let event = send(request).await;
            if !signal.aborted() {
                dispatch(event);
            }
        });
        Some(Self(abort))
    }
}

impl Drop for PendingPoll {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Requests the snapshot of a checkout once; returns `None` without an answer that can be read.
pub async fn fetch_snapshot(events_url: &str, request_id: &str) -> Option<Rc<Snapshot>> {
    match send(get(snapshot_url(events_url)?, request_id)).await {
        ChannelEvent::PollResponse(snapshot) => snapshot,
        _ => None,
    }
}

/// Returns the URL of the snapshot: by contract, the stream's without its end.
pub(super) fn snapshot_url(events_url: &str) -> Option<&str> {
    events_url.strip_suffix("/events")
}

fn get(url: &str, request_id: &str) -> RequestBuilder {
    Request::get(url).cache(RequestCache::NoStore).header("X-Request-Id", request_id)
}

async fn send(request: RequestBuilder) -> ChannelEvent {
    let Ok(request) = request.build() else { return ChannelEvent::PollFailed };
    match http::read(http::send(request)).await {
        Ok(Answer { status: 200, body }) => {
            match read_snapshot(&browser::get(&browser::own_properties(&body), "data")) {
                Some(snapshot) => ChannelEvent::PollResponse(Some(snapshot)),
                None => ChannelEvent::PollFailed,
            }
        }
        Ok(Answer { status: 304, .. }) => ChannelEvent::PollResponse(None),
        Ok(_) | Err(_) => ChannelEvent::PollFailed,
    }
}

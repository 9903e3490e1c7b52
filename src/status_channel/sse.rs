//! The stream of status events (Server-Sent Events).

use gloo_events::EventListener;
use js_sys::JSON;
use wasm_bindgen::JsValue;
use web_sys::{Event, EventSource};

use super::machine::ChannelEvent;
use super::{Dispatch, read_snapshot};
use crate::browser;

/// An open stream; dropping it closes it.
#[derive(Debug)]
pub(super) struct EventStream {
    source: EventSource,
    _listeners: [EventListener; 4],
}

impl EventStream {
    /// Opens a stream; `None` if the address is not a URL.
    pub(super) fn open(events_url: &str, dispatch: &Dispatch) -> Option<Self> {
        let source = EventSource::new(events_url).ok()?;
        let listeners = ["status", "heartbeat", "crowded", "error"].map(|name| {
            let (dispatch, stream) = (dispatch.clone(), source.clone());
            EventListener::new(&source, name, move |event| dispatch(read_event(&stream, event)))
        });
        Some(Self { source, _listeners: listeners })
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.source.close();
    }
}

fn read_event(source: &EventSource, event: &Event) -> ChannelEvent {
    match event.type_().as_str() {
        "error" => ChannelEvent::StreamError { closed: source.ready_state() == EventSource::CLOSED },
        "crowded" => ChannelEvent::StreamCrowded,
        "status" => {
            let data = browser::get_text(event, "data").unwrap_or_default();
            ChannelEvent::StreamEvent(read_snapshot(&JSON::parse(&data).unwrap_or(JsValue::UNDEFINED)))
        }
        _ => ChannelEvent::StreamEvent(None),
    }
}

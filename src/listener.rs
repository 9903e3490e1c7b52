//! The stream of a checkout's status, opened again whenever it breaks, until the [`Listener`] is dropped.

use std::rc::Rc;

use banq_checkout_wire::Snapshot;
use futures_util::StreamExt;
use futures_util::future::{AbortHandle, Abortable};
use gloo_net::eventsource::futures::EventSource;
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;

use crate::js;

/// Milliseconds before the first reopening; doubled up to the longest.
const FIRST_PAUSE: u32 = 1_000;
const LONGEST_PAUSE: u32 = 15_000;

/// What the stream says.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// Where the checkout stands.
    Snapshot(Rc<Snapshot>),
    /// The stream broke; it is being opened again.
    Lost,
}

/// Listens as long as it lives; dropping it closes the stream.
#[must_use = "dropping the listener closes the stream"]
#[derive(Debug)]
pub struct Listener {
    abort: AbortHandle,
}

impl Listener {
    /// Opens the stream at `url` and passes on what it says.
    pub fn start(url: String, hear: impl Fn(Heard) + 'static) -> Self {
        let (abort, registration) = AbortHandle::new_pair();
        spawn_local(async move {
            // Aborted by the drop below; there is nothing to do about it.
            let _ = Abortable::new(listen(url, hear), registration).await;
        });
        Self { abort }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.abort.abort();
    }
}

async fn listen(url: String, hear: impl Fn(Heard)) {
    let mut pause = FIRST_PAUSE;
    loop {
        // The browser itself reconnects after a broken connection; this loop is for what it gives up on:
        // an answer that is not a stream, as of a proxy whose server is being restarted.
        if let Ok(mut source) = EventSource::new(&url)
            && let Ok(mut events) = source.subscribe("status")
        {
            while let Some(Ok((_, message))) = events.next().await {
                match snapshot(&message) {
                    Ok(snapshot) => {
                        pause = FIRST_PAUSE;
                        hear(Heard::Snapshot(Rc::new(snapshot)));
                    }
                    // An unknown status changes nothing and is never a success.
                    Err(why) => js::warn(&["a status event was not understood: ", &why].concat()),
                }
            }
        }
        hear(Heard::Lost);
        TimeoutFuture::new(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn snapshot(message: &web_sys::MessageEvent) -> Result<Snapshot, String> {
    let text = message.data().as_string().unwrap_or_default();
    let value = js_sys::JSON::parse(&text).map_err(|error| js::describe(&error))?;
    serde_wasm_bindgen::from_value(value).map_err(|error| error.to_string())
}

//! The same core without a face, for those who draw their own: a bundle of its own, without Yew.
//!
//! ```js
//! import init, { Client } from 'https://pay.your-shop.example/widget/banq-headless.js';
//! await init();
//! const client = new Client({ server: 'https://pay.your-shop.example' });
//! const checkout = await client.createCheckout({ orderId: 'A7Q2-9XKD', token });
//! const stop = client.watchCheckout(checkout.checkoutId, (snapshot) => console.log(snapshot.status));
//! ```

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use banq_checkout_wire::Snapshot;
use js_sys::{Function, Object, Promise};
use wasm_bindgen::prelude::*;

use crate::error::Failure;
use crate::js::{self, object, optional};
use crate::listener::{Heard, Listener};
use crate::merchant::{self, LinkRequest};
use crate::options::{self, LinkSource};
use crate::payment_info::{Environment, PaymentInfo};
use crate::state::Channel;

/// Talks to one intermediary.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Client {
    /// Without a slash at the end.
    server: String,
    environment: Environment,
    request_id: String,
}

#[wasm_bindgen]
impl Client {
    /// `{server, environment?}`: the intermediary's address, and which links are acceptable.
    ///
    /// # Errors
    /// An `Error` with `code` `invalid_option` whose message names the option.
    #[wasm_bindgen(constructor)]
    pub fn new(settings: &JsValue) -> Result<Self, JsValue> {
        let server = js::own(settings, "server").as_string();
        let server = server.ok_or_else(|| {
            let got = js::own(settings, "server");
            error(&options::expected("server", "the address of the intermediary", &got))
        })?;
        Ok(Self {
            server: server.trim_end_matches('/').to_owned(),
            environment: options::environment(settings).map_err(|failure| error(&failure))?,
            request_id: js::random_id(),
        })
    }

    /// Asks for the payment link of an order; resolves to `PaymentInfo`. The link is checked: only one that
    /// is safe to show comes back.
    #[wasm_bindgen(js_name = createCheckout)]
    pub fn create_checkout(&self, order: &JsValue) -> Promise {
        let url = [&self.server, "/generate-payment-link"].concat();
        let source = LinkSource::Endpoint { url, order: order.clone(), said: JsValue::UNDEFINED };
        let (environment, request_id) = (self.environment, self.request_id.clone());
        promise(move |settle| {
            let waiting = Rc::new(RefCell::new(None));
            let waits = waiting.clone();
            let tell = move |answer: Result<PaymentInfo, Failure>| {
                settle(answer.map(|info| payment_info(&info)));
                // Nothing more is waited for.
                waits.take();
            };
            let request = LinkRequest::start(Rc::new(source), environment, request_id, None, Rc::new(tell));
            waiting.replace(request);
        })
    }

    /// Resolves to the checkout's snapshot.
    #[wasm_bindgen(js_name = getCheckout)]
    pub fn get_checkout(&self, id: &str) -> Promise {
        let url = [&self.server, "/checkouts/", id].concat();
        let request_id = self.request_id.clone();
        promise(move |settle| {
            let headers = object(&[("X-Request-Id", request_id.as_str().into())]);
            let request = object(&[("headers", headers.into())]);
            let answered = move |answer| {
                settle(merchant::answer_of_server(answer).map(|answer| js::own(&answer, "data")));
            };
            js::fetch(&url, &request, Box::new(answered));
        })
    }

    /// Calls `callback` with the present snapshot and each newer one, until the checkout is over or the
    /// function that comes back is called. The snapshot has `transport` beside what the server says.
    #[wasm_bindgen(js_name = watchCheckout)]
    pub fn watch_checkout(&self, id: &str, callback: &Function) -> JsValue {
        let url = [&self.server, "/checkouts/", id, "/events"].concat();
        let listening: Rc<RefCell<Option<Listener>>> = Rc::default();
        let (channel, seen, callback) = (Cell::new(Channel::Stream), Cell::new(0), callback.clone());
        let listens = listening.clone();
        let hear = move |heard| match heard {
            Heard::Channel(by) => channel.set(by),
            Heard::Snapshot(snapshot) if snapshot.version > seen.get() => {
                seen.set(snapshot.version);
                if snapshot.status.is_terminal() {
                    listens.take();
                }
                let detail = describe(&snapshot, channel.get());
                if let Err(error) = callback.call1(&JsValue::UNDEFINED, &detail) {
                    js::report("the callback of watchCheckout threw", &error);
                }
            }
            Heard::Snapshot(_) => {}
        };
        listening.replace(Some(Listener::start(url, self.request_id.clone(), Rc::new(hear))));
        let stop: Box<dyn FnMut()> = Box::new(move || drop(listening.take()));
        Closure::wrap(stop).into_js_value()
    }
}

/// A promise, and the function that settles it.
fn promise(start: impl FnOnce(Box<dyn Fn(Result<JsValue, Failure>)>)) -> Promise {
    let mut start = Some(start);
    Promise::new(&mut |resolve, reject| {
        let Some(start) = start.take() else { return };
        start(Box::new(move |result| {
            let (settle, with) = match result {
                Ok(value) => (&resolve, value),
                Err(failure) => (&reject, error(&failure)),
            };
            // The browser's own functions, which never throw.
            let _ = settle.call1(&JsValue::UNDEFINED, &with);
        }));
    })
}

/// `Error` with `code` and `recoverable`, as `onError` of the widget gets them.
fn error(failure: &Failure) -> JsValue {
    let error = js_sys::Error::new(&failure.cause);
    for (name, value) in [
        ("code", JsValue::from(failure.code.as_str())),
        ("recoverable", failure.code.is_recoverable().into()),
    ] {
        // Cannot fail on a fresh error.
        let _ = js_sys::Reflect::set(&error, &name.into(), &value);
    }
    error.into()
}

fn payment_info(info: &PaymentInfo) -> JsValue {
    object(&[
        ("url", info.url.as_str().into()),
        ("checkoutId", optional(info.checkout_id.as_deref())),
        ("eventsUrl", optional(info.events_url.as_deref())),
        ("funds", optional(info.funds.as_deref())),
        ("currency", optional(info.currency.as_deref())),
        ("comment", optional(info.comment.as_deref())),
        ("expiresAt", optional(info.expires_at.as_deref())),
    ])
    .into()
}

fn describe(snapshot: &Snapshot, channel: Channel) -> Object {
    object(&[
        ("checkoutId", snapshot.checkout_id.as_str().into()),
        ("orderId", snapshot.order_id.as_str().into()),
        ("status", snapshot.status.as_str().into()),
        ("failReason", optional(snapshot.fail_reason.map(|reason| reason.as_str()))),
        ("issue", optional(snapshot.issue.map(|issue| issue.as_str()))),
        ("funds", snapshot.funds.as_str().into()),
        ("currency", snapshot.currency.as_str().into()),
        ("comment", snapshot.comment.as_str().into()),
        ("expiresAt", snapshot.expires_at.as_str().into()),
        ("version", snapshot.version.into()),
        ("serverTime", snapshot.server_time.as_str().into()),
        ("transport", optional(channel.as_str())),
    ])
}

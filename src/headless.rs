//! The headless client, for pages that draw the checkout themselves: a bundle of its own, without Yew.
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

use gloo_net::http::Request;
use js_sys::{Function, Object, Promise};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use crate::error::{ErrorCode, Failure};
use crate::payment_info::{Environment, PaymentInfo};
use crate::state::Channel;
use crate::status_channel::{ChannelReport, StatusChannel};
use crate::{browser, http, link_request, options};

/// Talks to one intermediary.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Client {
    /// The address without a slash at the end.
    server: String,
    environment: Environment,
    request_id: String,
}

/// Returns whether paths can be appended to the address: one with a scheme, or a path from the root of the page's own
/// server. `pay.shop.example` alone would be a path beside the page.
fn is_address(text: &str) -> bool {
    let has_scheme = text.starts_with("https://") || text.starts_with("http://");
    let is_complete =
        (text.starts_with('/') && !text.starts_with("//")) || (has_scheme && web_sys::Url::new(text).is_ok());
    is_complete && !text.contains(['?', '#', '@', ' ', '\n'])
}

/// The transport that brought a snapshot; added to the server's fields.
#[derive(Serialize)]
struct Transport {
    transport: Option<&'static str>,
}

#[wasm_bindgen]
impl Client {
    /// Makes a client from `{server, environment?}`: the intermediary's address, and which links are acceptable.
    ///
    /// # Errors
    /// An `Error` with `code` `invalid_option` whose message names the option.
    #[wasm_bindgen(constructor)]
    pub fn new(settings: &JsValue) -> Result<Self, JsValue> {
        let settings = browser::own_properties(settings);
        let server = browser::get(&settings, "server");
        let Some(address) = server.as_string().filter(|text| is_address(text)) else {
            let what = "the intermediary's address with https:// or http://, without ?, # and @,";
            return Err(options::wrong_value("server", what, &server).to_js());
        };
        let environment = options::environment(&settings).map_err(|failure| failure.to_js())?;
        Ok(Self {
            server: address.trim_end_matches('/').to_owned(),
            environment: environment.unwrap_or_default(),
            request_id: browser::random_id(),
        })
    }

    /// Requests the payment link of an order, and resolves to a `PaymentInfo`. The link is checked: a link that is not
    /// safe to show rejects the promise.
    #[wasm_bindgen(js_name = createCheckout)]
    pub fn create_checkout(&self, order: &JsValue) -> Promise {
        let url = format!("{}/generate-payment-link", self.server);
        let (order, environment, request_id) = (order.clone(), self.environment, self.request_id.clone());
        future_to_promise(async move {
            let request =
                async { link_request::body_of(link_request::post(&url, &order, &request_id, None)?).await };
            let answer = link_request::in_time(request).await;
            let info = answer.and_then(|answer| PaymentInfo::from_js(&answer, environment));
            info.map(|info| browser::to_object(&info)).map_err(|failure| failure.to_js())
        })
    }

    /// Resolves to the checkout's snapshot.
    #[wasm_bindgen(js_name = getCheckout)]
    pub fn get_checkout(&self, id: &str) -> Promise {
        let url = format!("{}/checkouts/{id}", self.server);
        let request_id = self.request_id.clone();
        future_to_promise(async move {
            let request = Request::get(&url).header("X-Request-Id", &request_id).build();
            let request = request
                .map_err(|error| Failure::new(ErrorCode::LinkRequestFailed, error.to_string()).to_js())?;
            let body = link_request::body_of(http::send(request)).await.map_err(|failure| failure.to_js())?;
            Ok(browser::get(&browser::own_properties(&body), "data"))
        })
    }

    /// Calls `callback` with the present snapshot and each newer one, until the checkout is over or the returned
    /// function is called. The snapshot has `transport` in addition to the server's fields.
    #[wasm_bindgen(js_name = watchCheckout)]
    pub fn watch_checkout(&self, id: &str, callback: &Function) -> JsValue {
        let url = format!("{}/checkouts/{id}/events", self.server);
        let listening: Rc<RefCell<Option<StatusChannel>>> = Rc::default();
        let (channel, seen, callback) = (Cell::new(Channel::Stream), Cell::new(0), callback.clone());
        let listens = listening.clone();
        let on_report = move |report| match report {
            ChannelReport::Transport(by) => channel.set(by),
            ChannelReport::Snapshot(snapshot) if snapshot.version > seen.get() => {
                seen.set(snapshot.version);
                if snapshot.status.is_terminal() {
                    listens.take();
                }
                let transport = browser::to_object(&Transport { transport: channel.get().as_str() });
                let detail = Object::assign(&Object::from(browser::to_object(&*snapshot)), &transport.into());
                if let Err(error) = callback.call1(&JsValue::UNDEFINED, &detail) {
                    browser::report("the callback of watchCheckout threw", &error);
                }
            }
            ChannelReport::Snapshot(_) => {}
        };
        listening.replace(Some(StatusChannel::open(url, self.request_id.clone(), on_report)));
        let stop: Box<dyn FnMut()> = Box::new(move || drop(listening.take()));
        Closure::wrap(stop).into_js_value()
    }
}

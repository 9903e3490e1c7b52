//! Requests to the merchant's server.

use gloo_net::http::Request;
use js_sys::{JSON, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use crate::browser;

#[wasm_bindgen]
extern "C" {
    /// The page's `fetch`, which a polyfill may have replaced: it can throw, and promise anything.
    #[wasm_bindgen(catch)]
    fn fetch(request: &web_sys::Request) -> Result<JsValue, JsValue>;
}

/// A server's answer.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, parsed; `undefined` where it is not JSON.
    pub body: JsValue,
}

/// Sends a request that gloo-net has built; settles with the `Response`, or with what `fetch` threw or rejected with, as
/// without a connection.
///
/// Not by gloo-net's own `send`, which panics, and so ends the widget, when the page's `fetch` rejects with something
/// that is no `Error` or answers with a `Response` of another realm.
pub fn send(request: Request) -> JsFuture {
    settled(fetch(&request.into()))
}

/// Reads a `Response` when it is there, whichever realm or polyfill it comes from.
///
/// # Errors
/// What came in its place, or what the body rejected with.
pub async fn read(response: JsFuture) -> Result<Answer, JsValue> {
    let response = response.await?;
    if !response.is_object() {
        return Err("fetch did not answer with a Response".into());
    }
    let response: &Response = response.unchecked_ref();
    let status = response.status();
    let text = settled(response.text().map(JsValue::from)).await?.as_string().unwrap_or_default();
    Ok(Answer { status, body: JSON::parse(&text).unwrap_or(JsValue::UNDEFINED) })
}

/// Sends a request and returns a header of its answer; `None` where there is none.
pub async fn header(request: Request, name: &str) -> Option<String> {
    let response = send(request).await.ok().filter(JsValue::is_object)?;
    let headers = browser::get(&response, "headers");
    headers.is_object().then(|| headers.unchecked_ref::<web_sys::Headers>().get(name).ok()?)?
}

/// Waits for what a function returned: a promise, or what stands in its place. What it threw comes back as a rejection
/// does.
pub fn settled(returned: Result<JsValue, JsValue>) -> JsFuture {
    returned.map_or_else(|error| Promise::reject(&error), |value| Promise::resolve(&value)).into()
}

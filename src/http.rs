//! Sends requests to the merchant's server.

use gloo_net::http::Request;
use js_sys::{JSON, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use crate::browser;

#[wasm_bindgen]
extern "C" {
    /// The page's `fetch`. A polyfill may have replaced it, so it can throw, and its promise can resolve to any value.
    #[wasm_bindgen(catch)]
    fn fetch(request: &web_sys::Request) -> Result<JsValue, JsValue>;
}

/// The answer of a server.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, parsed; `undefined` if it is not JSON.
    pub body: JsValue,
}

/// Sends a request that gloo-net has built. Settles with the `Response`, or with what `fetch` threw or rejected with,
/// for example without a connection.
///
/// Not by gloo-net's own `send`: that panics, and so ends the widget, if the page's `fetch` rejects with a value that
/// is not an `Error`, or answers with a `Response` of another realm.
pub fn send(request: Request) -> JsFuture {
    settled(fetch(&request.into()))
}

/// Waits for a `Response` and reads it, also if it comes from another realm or a polyfill.
///
/// # Errors
/// What `fetch` gave instead of a `Response`, or what the body rejected with.
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

/// Sends a request and returns a header of its answer; `None` if the answer has no such header.
pub async fn header(request: Request, name: &str) -> Option<String> {
    let response = send(request).await.ok().filter(JsValue::is_object)?;
    let headers = browser::get(&response, "headers");
    headers.is_object().then(|| headers.unchecked_ref::<web_sys::Headers>().get(name).ok()?)?
}

/// Waits for a function's result, which is a promise or a plain value. An error that the function threw is returned
/// like a rejection.
pub fn settled(returned: Result<JsValue, JsValue>) -> JsFuture {
    returned.map_or_else(|error| Promise::reject(&error), |value| Promise::resolve(&value)).into()
}

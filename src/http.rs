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

/// Sends a request that gloo-net has built.
///
/// Not by gloo-net's own `send`, which panics, and so ends the widget, when the page's `fetch` rejects with something
/// that is no `Error` or answers with a `Response` of another realm.
///
/// # Errors
/// What `fetch` threw or rejected with, as without a connection.
pub async fn send(request: Request) -> Result<Answer, JsValue> {
    let request: web_sys::Request = request.into();
    read(&settled(fetch(&request)?).await?).await
}

/// Reads a `Response`, whichever realm or polyfill it comes from.
///
/// # Errors
/// What the body rejected with.
pub async fn read(response: &JsValue) -> Result<Answer, JsValue> {
    if !response.is_object() {
        return Err("fetch did not answer with a Response".into());
    }
    let response: &Response = response.unchecked_ref();
    let status = response.status();
    let text = settled(response.text()?.into()).await?.as_string().unwrap_or_default();
    Ok(Answer { status, body: JSON::parse(&text).unwrap_or(JsValue::UNDEFINED) })
}

/// Sends a request and returns a header of its answer; `None` where there is none.
pub async fn header(request: Request, name: &str) -> Option<String> {
    let request: web_sys::Request = request.into();
    let response = settled(fetch(&request).ok()?).await.ok().filter(JsValue::is_object)?;
    let headers = browser::get(&response, "headers");
    headers.is_object().then(|| headers.unchecked_ref::<web_sys::Headers>().get(name).ok()?)?
}

/// Waits for a promise, or for what stands in its place.
///
/// # Errors
/// What the promise rejected with.
pub async fn settled(value: JsValue) -> Result<JsValue, JsValue> {
    JsFuture::from(Promise::resolve(&value)).await
}

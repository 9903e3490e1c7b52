//! Sends requests. The page may have replaced `fetch`, so nothing of what comes back is taken for granted.

use gloo_net::http::Request;
use js_sys::{JSON, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::js;

/// A server's response.
#[derive(Debug, Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The body as JSON; `undefined` where it is none.
    pub body: JsValue,
}

/// No response: what was thrown, as without a connection, or after an abort.
#[derive(Debug, Clone)]
pub struct FetchError(pub JsValue);

impl FetchError {
    /// The sentence in what was thrown.
    #[must_use]
    pub fn describe(&self) -> String {
        js::describe(&self.0)
    }
}

impl From<JsValue> for FetchError {
    fn from(thrown: JsValue) -> Self {
        Self(thrown)
    }
}

impl From<gloo_net::Error> for FetchError {
    fn from(error: gloo_net::Error) -> Self {
        Self(js_sys::Error::new(&error.to_string()).into())
    }
}

/// Sends a request and reads the response.
///
/// gloo-net's own `send` panics where a page's `fetch` rejects with something that is not an `Error`, or answers
/// with a `Response` of another realm, such as a frame's.
///
/// # Errors
/// [`FetchError`] if there is no response, or none that can be read.
pub async fn send(request: Request) -> Result<Response, FetchError> {
    let request = web_sys::Request::from(request);
    let sent = js::call_method(&js_sys::global(), "fetch", &request)?;
    let response = JsFuture::from(Promise::resolve(&sent)).await?;
    // Throws where there is no such method.
    let text = response.unchecked_ref::<web_sys::Response>().text()?;
    let text = JsFuture::from(Promise::resolve(&text)).await?.as_string().unwrap_or_default();
    let status = js::get(&response, "status").as_f64().unwrap_or_default() as u16;
    Ok(Response { status, body: JSON::parse(&text).unwrap_or(JsValue::UNDEFINED) })
}

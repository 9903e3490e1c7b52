//! JavaScript's values, read and written in one place.

use std::rc::Rc;

use js_sys::{Function, JSON, Number, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::Response;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = warn)]
    fn console_warn(message: &str);
    #[wasm_bindgen(js_namespace = console, js_name = debug)]
    fn console_debug(message: &str);
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn console_error(message: &str, cause: &JsValue);
}

/// Tells the developer something that does no harm.
pub fn warn(message: &str) {
    console_warn(&["banq-checkout: ", message].concat());
}

/// Adds a line to the timeline of `debug: true`.
pub fn debug(message: &str) {
    console_debug(&["banq-checkout ", message].concat());
}

/// Tells the developer what went wrong.
pub fn report(message: &str, cause: &JsValue) {
    console_error(&["banq-checkout: ", message].concat(), cause);
}

/// `value[name]` of an object of the browser, whose properties are inherited; `undefined` where there is no such thing.
#[must_use]
pub fn get(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// [`get`], unless it is `undefined` or `null`.
#[must_use]
pub fn get_some(value: &JsValue, name: &str) -> Option<JsValue> {
    some(get(value, name))
}

/// [`get`] as text.
#[must_use]
pub fn get_text(value: &JsValue, name: &str) -> Option<String> {
    text(&get_some(value, name)?)
}

/// A property as text, or else `undefined` in a payload for the page.
#[must_use]
pub fn optional(text: Option<&str>) -> JsValue {
    text.map_or(JsValue::UNDEFINED, JsValue::from_str)
}

/// A plain object.
#[must_use]
pub fn object(fields: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in fields {
        // Cannot fail on a fresh plain object.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object
}

/// `value[name]` of what the page or the shop gave; `undefined` where that has no such property itself. What is
/// inherited is somebody else's: a script that wrote into `Object.prototype` must not choose a payment link.
#[must_use]
pub fn own(value: &JsValue, name: &str) -> JsValue {
    // Throws for what is no object.
    match Reflect::get_own_property_descriptor(value.unchecked_ref::<Object>(), &name.into()) {
        Ok(found) if !found.is_undefined() => get(value, name),
        Ok(_) | Err(_) => JsValue::UNDEFINED,
    }
}

/// [`own`], unless it is `undefined` or `null`.
#[must_use]
pub fn own_some(value: &JsValue, name: &str) -> Option<JsValue> {
    some(own(value, name))
}

/// [`own`] as text; a number in JavaScript's own spelling, so that `funds: 2` and `funds: "2"` agree.
#[must_use]
pub fn own_text(value: &JsValue, name: &str) -> Option<String> {
    text(&own_some(value, name)?)
}

fn some(value: JsValue) -> Option<JsValue> {
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

fn text(value: &JsValue) -> Option<String> {
    value.as_string().or_else(|| value.dyn_ref::<Number>()?.to_string_with_radix(10).ok()?.as_string())
}

/// The sentence in an error, whatever was thrown.
#[must_use]
pub fn describe(error: &JsValue) -> String {
    get_text(error, "message")
        .or_else(|| error.as_string())
        .or_else(|| JSON::stringify(error).ok()?.as_string())
        .unwrap_or_default()
}

/// What kind of thing a value is, for a message such as "expected a function, got a string".
#[must_use]
pub fn kind(value: &JsValue) -> String {
    if value.is_null() {
        return "null".to_owned();
    }
    value.js_typeof().as_string().unwrap_or_default()
}

/// Who is told of something that may happen again.
pub type Tell<T> = Rc<dyn Fn(T)>;

/// What is done with what a promise came to.
pub type Then = Box<dyn FnOnce(Result<JsValue, JsValue>)>;

/// Waits for a promise. Instead of `await` in many places, of which each would ship a state machine.
pub fn settle(promise: Promise, then: Then) {
    spawn_local(async move { then(JsFuture::from(promise).await) });
}

/// Calls a function of the page and waits for what it promises. Never throws: a synchronous exception
/// comes back as a rejection does.
pub fn call(function: &Function, argument: &JsValue, then: Then) {
    match function.call1(&JsValue::UNDEFINED, argument) {
        Ok(answer) => settle(Promise::resolve(&answer), then),
        Err(error) => then(Err(error)),
    }
}

/// What is done with a server's answer: its status and what it says, `undefined` where that is not JSON; or
/// what `fetch` was rejected with, as without a connection.
pub type Answered = Box<dyn FnOnce(Result<(u16, JsValue), JsValue>)>;

/// Asks a server.
pub fn fetch(url: &str, request: &Object, answered: Answered) {
    let Some(window) = web_sys::window() else { return answered(Err(JsValue::UNDEFINED)) };
    read(window.fetch_with_str_and_init(url, request.unchecked_ref()), answered);
}

/// Reads the `Response` that `fetch` promised.
pub fn read(sent: Promise, answered: Answered) {
    let then = move |response: Result<JsValue, JsValue>| {
        let read = response.map(JsCast::unchecked_into::<Response>).and_then(|response| {
            let status = response.status();
            Ok((status, response.text()?))
        });
        match read {
            Ok((status, text)) => {
                let parse = move |text: Result<JsValue, JsValue>| {
                    let text = text.map(|text| text.as_string().unwrap_or_default());
                    answered(text.map(|text| (status, JSON::parse(&text).unwrap_or(JsValue::UNDEFINED))));
                };
                settle(text, Box::new(parse));
            }
            Err(error) => answered(Err(error)),
        }
    };
    settle(sent, Box::new(then));
}

/// Whether a media query holds.
#[must_use]
pub fn matches(query: &str) -> bool {
    let media = web_sys::window()
        .and_then(|window| call_method(&window, "matchMedia", &query.into()).ok())
        .unwrap_or_default();
    get(&media, "matches").is_truthy()
}

/// Sends a window to an address, which must be a checked one: `javascript:` would run in the page.
pub fn go_to(window: &JsValue, url: &str) {
    // Assigning is allowed also where another origin is shown.
    let _ = Reflect::set(window, &"location".into(), &url.into());
}

/// Sixteen random digits, not secret: they find a page's requests in the server's log.
#[must_use]
pub fn random_id() -> String {
    (0..16).filter_map(|_| char::from_digit((js_sys::Math::random() * 16.0) as u32, 16)).collect()
}

/// Calls a method by name, for the few that `web-sys` does not know.
///
/// # Errors
/// What was thrown, or that there is no such method.
pub fn call_method(target: &JsValue, name: &str, argument: &JsValue) -> Result<JsValue, JsValue> {
    get(target, name).dyn_into::<Function>()?.call1(target, argument)
}

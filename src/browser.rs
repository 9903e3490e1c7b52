//! Reads the page's values and calls the browser's functions, where wasm-bindgen's own types do not suffice.

use js_sys::{JSON, Object, Reflect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The address of the JavaScript that wasm-bindgen writes.
    #[wasm_bindgen(thread_local_v2, js_namespace = ["import", "meta"], js_name = url)]
    static MODULE_URL: String;

    #[wasm_bindgen(js_namespace = console, js_name = warn)]
    fn console_warn(message: &str);
    #[wasm_bindgen(js_namespace = console, js_name = debug)]
    fn console_debug(message: &str);
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn console_error(message: &str, cause: &JsValue);

    /// `Object.create`, also with `null`: js-sys accepts only an object.
    #[wasm_bindgen(js_namespace = Object, js_name = create)]
    fn object_create(prototype: &JsValue) -> Object;
    /// `Object.assign`, returning the errors that the source's getters throw.
    #[wasm_bindgen(js_namespace = Object, catch)]
    fn assign(target: &Object, source: &JsValue) -> Result<Object, JsValue>;
}

/// Warns the developer in the console.
pub fn warn(message: &str) {
    console_warn(&format!("banq-checkout: {message}"));
}

/// Adds a line to the timeline of `debug: true`.
pub fn debug(message: &str) {
    console_debug(&format!("banq-checkout {message}"));
}

/// Reports an error to the developer in the console.
pub fn report(message: &str, cause: &JsValue) {
    console_error(&format!("banq-checkout: {message}"), cause);
}

/// Returns the address of a file beside the widget's own.
#[must_use]
pub fn asset(name: &str) -> String {
    let module = MODULE_URL.with(String::clone);
    web_sys::Url::new_with_base(name, &module).map(|url| url.href()).unwrap_or_default()
}

/// Returns [`get`] as text; `None` if it is not a string.
#[must_use]
pub fn get_text(value: &JsValue, name: &str) -> Option<String> {
    get(value, name).as_string()
}

/// Copies the own properties of a value from the page, without the inherited ones: a script that wrote into
/// `Object.prototype` must not choose a payment link. If a getter throws, the copy is empty.
#[must_use]
pub fn own_properties(value: &JsValue) -> Object {
    let copy = object_create(&JsValue::NULL);
    if value.is_object() {
        // `assign` returns its target; the error is the getter's own.
        let _ = assign(&copy, value);
    }
    copy
}

/// Returns `value[name]`, own or inherited; `undefined` if there is no such property.
#[must_use]
pub fn get(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &name.into()).unwrap_or_default()
}

/// Reads `value[name]`; `None` if there is no such property, or if it has another type.
#[must_use]
pub fn property<T: DeserializeOwned>(value: &Object, name: &str) -> Option<T> {
    serde_wasm_bindgen::from_value(get(value, name)).ok()
}

/// Converts a struct into a plain object; `None` becomes `undefined`.
#[must_use]
pub fn to_object(value: &impl Serialize) -> JsValue {
    // Fails only for maps with odd keys, which no struct here has.
    serde_wasm_bindgen::to_value(value).unwrap_or_default()
}

/// Returns a string, or a number in JavaScript's own spelling; `None` for a value of another type.
#[must_use]
pub fn text_of(value: &JsValue) -> Option<String> {
    value.as_string().or_else(|| {
        value.as_f64().filter(|number| number.is_finite())?;
        JSON::stringify(value).ok()?.as_string()
    })
}

/// Returns the message of an error, whatever type was thrown.
#[must_use]
pub fn describe(error: &JsValue) -> String {
    get_text(error, "message")
        .or_else(|| error.as_string())
        .or_else(|| JSON::stringify(error).ok()?.as_string())
        .unwrap_or_default()
}

/// Returns the type of a value, for a message such as "expected a function, got string".
#[must_use]
pub fn kind(value: &JsValue) -> String {
    if value.is_null() {
        return "null".to_owned();
    }
    value.js_typeof().as_string().unwrap_or_default()
}

/// Returns whether a media query matches.
#[must_use]
pub fn matches(query: &str) -> bool {
    let media = web_sys::window().and_then(|window| window.match_media(query).ok()?);
    media.is_some_and(|media| media.matches())
}

/// Returns sixteen random digits, not secret: an id by which a page's requests can be found in the server's log.
#[must_use]
pub fn random_id() -> String {
    (0..16).filter_map(|_| char::from_digit((js_sys::Math::random() * 16.0) as u32, 16)).collect()
}

//! Checks the options that only change the look. The loader applies the good values and leaves out the others; this
//! module reports those. No such mistake costs a shop its button.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

use crate::browser;
use crate::error::{ErrorCode, Failure};
use crate::options::{is_absent, wrong_value};

/// The properties of `appearance`, each with the CSS property that decides which values are good, and the expected
/// value. The loader has the same list.
const PROPERTIES: [(&str, &str, &str); 4] = [
    ("accentColor", "color", "a CSS color,"),
    ("borderRadius", "border-radius", "a CSS border-radius,"),
    ("buttonWidth", "width", "a CSS width,"),
    ("fontFamily", "font-family", "a CSS font-family,"),
];

/// Adds a mistake for a wrong `nonce`, and one for all that is wrong in `appearance`.
pub fn check(options: &Object, mistakes: &mut Vec<Failure>) {
    let nonce = browser::get(options, "nonce");
    if !is_absent(&nonce) && !nonce.is_string() {
        wrong_value("nonce", "a string,", &nonce).keep_in(mistakes);
    }
    let appearance = browser::get(options, "appearance");
    let wrong = if is_absent(&appearance) {
        Vec::new()
    } else if appearance.is_object() {
        wrong_values(&browser::own_properties(&appearance))
    } else {
        vec![wrong_value("appearance", "an object,", &appearance).cause]
    };
    if !wrong.is_empty() {
        Failure::new(ErrorCode::InvalidOption, wrong.join("; ")).keep_in(mistakes);
    }
}

/// Returns one sentence for each wrong value.
fn wrong_values(appearance: &Object) -> Vec<String> {
    let mut wrong = Vec::new();
    // Not `Object.keys`: some libraries replace it by a function that also lists inherited properties.
    for key in Reflect::own_keys(appearance).unwrap_or_default() {
        let Some(key) = key.as_string() else { continue };
        let value = browser::get(appearance, &key);
        let what = match PROPERTIES.iter().find(|(known, ..)| *known == key) {
            None => "one of accentColor, borderRadius, buttonWidth, fontFamily;",
            Some((_, property, _)) if is_absent(&value) || takes(property, &value) => continue,
            Some((.., what)) => what,
        };
        wrong.push(wrong_value(&("appearance.".to_owned() + &key), what, &value).cause);
    }
    wrong
}

/// Returns whether a CSS property accepts a value.
fn takes(property: &str, value: &JsValue) -> bool {
    let text = browser::text_of(value).unwrap_or_default();
    web_sys::css::supports_with_value(property, &text).unwrap_or(true)
}

//! The options that only change the look. The loader takes what is good and leaves out what is not; this module tells
//! what is wrong with the rest. No such mistake costs a shop its button.

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;

use crate::browser;
use crate::error::{ErrorCode, Failure};
use crate::options::{expected, is_absent};

/// What `appearance` may hold, and the CSS property that says which values are good: the list of the loader.
const PROPERTIES: [(&str, &str); 4] = [
    ("accentColor", "color"),
    ("borderRadius", "border-radius"),
    ("buttonWidth", "width"),
    ("fontFamily", "font-family"),
];

/// Adds a mistake for a wrong `nonce`, and one for all that is wrong in `appearance`.
pub fn check(options: &Object, mistakes: &mut Vec<Failure>) {
    let nonce = browser::get(options, "nonce");
    if !is_absent(&nonce) && !nonce.is_string() {
        mistakes.push(expected("nonce", "a string,", &browser::kind(&nonce)).with_default());
    }
    let appearance = browser::get(options, "appearance");
    let wrong = if is_absent(&appearance) {
        Vec::new()
    } else if appearance.is_object() {
        wrong_values(&browser::own_properties(&appearance))
    } else {
        vec![expected("appearance", "an object,", &browser::kind(&appearance)).cause]
    };
    if !wrong.is_empty() {
        mistakes.push(Failure::new(ErrorCode::InvalidOption, wrong.join("; ")).with_default());
    }
}

/// Returns a sentence for each.
fn wrong_values(appearance: &Object) -> Vec<String> {
    // Not `Object.keys`, which some libraries replace by one that lists what is inherited.
    let keys = Reflect::own_keys(appearance).unwrap_or_default();
    let keys = keys.iter().filter_map(|key| key.as_string());
    keys.filter_map(|key| {
        let value = browser::get(appearance, &key);
        let what = match PROPERTIES.iter().find(|(known, _)| *known == key) {
            None => format!("one of {};", PROPERTIES.map(|(known, _)| known).join(", ")),
            Some((_, property)) if is_absent(&value) || takes(property, &value) => return None,
            Some((_, property)) => format!("a CSS {property},"),
        };
        let got = value.as_string().unwrap_or_else(|| browser::kind(&value));
        Some(expected(&format!("appearance.{key}"), &what, &got).cause)
    })
    .collect()
}

/// Whether a CSS property takes a value: an element outside of the page takes good ones only.
fn takes(property: &str, value: &JsValue) -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    let element = document.and_then(|document| document.create_element("a").ok());
    let Some(element) = element else { return true };
    let style = element.unchecked_ref::<HtmlElement>().style();
    let text = browser::text_of(value).unwrap_or_default();
    style.set_property(property, &text).is_ok()
        && style.get_property_value(property).is_ok_and(|taken| !taken.is_empty())
}

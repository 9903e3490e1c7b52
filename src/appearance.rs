//! The options that only change the look. The loader takes what is good and leaves out what is not; this module tells
//! what is wrong with the rest. No such mistake costs a shop its button.

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;

use crate::browser;
use crate::error::Failure;
use crate::options::{expected, is_absent};

/// What `appearance` may hold, and the CSS property that says which values are good: the list of the loader.
const PROPERTIES: [(&str, &str); 4] = [
    ("accentColor", "color"),
    ("borderRadius", "border-radius"),
    ("buttonWidth", "width"),
    ("fontFamily", "font-family"),
];

/// Adds a mistake for each wrong value in `appearance`, and for a wrong `nonce`.
pub fn check(options: &Object, mistakes: &mut Vec<Failure>) {
    let mut wrong = |name: &str, what: &str, got: &JsValue| {
        let got = got.as_string().unwrap_or_else(|| browser::kind(got));
        mistakes.push(expected(name, what, &got).with_default());
    };
    let nonce = browser::get(options, "nonce");
    if !is_absent(&nonce) && !nonce.is_string() {
        wrong("nonce", "a string,", &nonce);
    }
    let appearance = browser::get(options, "appearance");
    if is_absent(&appearance) {
        return;
    }
    if !appearance.is_object() {
        return wrong("appearance", "an object,", &appearance);
    }
    let appearance = browser::own_properties(&appearance);
    // Not `Object.keys`, which some libraries replace by one that lists what is inherited.
    for key in Reflect::own_keys(&appearance).unwrap_or_default() {
        let Some(key) = key.as_string() else { continue };
        let value = browser::get(&appearance, &key);
        let name = format!("appearance.{key}");
        match PROPERTIES.iter().find(|(known, _)| *known == key) {
            None => wrong(
                &name,
                &format!("one of {};", PROPERTIES.map(|(known, _)| known).join(", ")),
                &key.into(),
            ),
            Some((_, property)) if !is_absent(&value) && !takes(property, &value) => {
                wrong(&name, &format!("a CSS {property},"), &value);
            }
            Some(_) => {}
        }
    }
}

/// Whether a CSS property takes a value: an element outside of the page takes good ones only.
fn takes(property: &str, value: &JsValue) -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    let element = document.and_then(|document| document.create_element("a").ok());
    let Some(element) = element else { return true };
    let style = element.unchecked_ref::<HtmlElement>().style();
    let text = value.as_string().unwrap_or_else(|| browser::text_of(value).unwrap_or_default());
    style.set_property(property, &text).is_ok()
        && style.get_property_value(property).is_ok_and(|taken| !taken.is_empty())
}

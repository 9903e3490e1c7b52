//! The options that only change the look. The loader takes what is good and leaves out what is not; this module says
//! what is wrong with the rest. No such mistake costs a shop its button.

use js_sys::Object;
use wasm_bindgen::{JsCast, JsValue};

use crate::js;

/// What `appearance` may hold, and the CSS property that says which values are good: the list of the loader.
const PROPERTIES: [(&str, &str); 4] = [
    ("accentColor", "color"),
    ("borderRadius", "border-radius"),
    ("buttonWidth", "width"),
    ("fontFamily", "font-family"),
];

/// Returns a sentence for each mistake in `appearance` and `nonce`; nothing when there is none.
#[must_use]
pub fn mistakes(options: &JsValue) -> String {
    let mut sentences = Vec::new();
    if let Some(appearance) = js::own_some(options, "appearance") {
        match appearance.dyn_ref::<Object>() {
            Some(appearance) => sentences.extend(wrong_values(appearance)),
            None => sentences.push("appearance: expected an object".to_owned()),
        }
    }
    if js::own_some(options, "nonce").is_some_and(|nonce| !nonce.is_string()) {
        sentences.push("nonce: expected a string".to_owned());
    }
    sentences.join("; ")
}

fn wrong_values(appearance: &Object) -> Vec<String> {
    let probe = probe();
    let mut sentences = Vec::new();
    // Not `Object.keys`, which some libraries replace by one that lists what is inherited.
    for key in js_sys::Reflect::own_keys(appearance).unwrap_or_default() {
        let Some(key) = key.as_string() else { continue };
        let expected = match PROPERTIES.iter().find(|(name, _)| *name == key) {
            None => {
                let names = PROPERTIES.map(|(name, _)| name);
                ["one of ", &names.join(", ")].concat()
            }
            Some((_, property)) => match js::own_some(appearance, &key) {
                Some(value) if !takes(&probe, property, &value) => ["a CSS ", *property].concat(),
                Some(_) | None => continue,
            },
        };
        sentences.push(["appearance.", &key, ": expected ", &expected].concat());
    }
    sentences
}

/// The style of an element outside of the page: it takes good values only.
fn probe() -> JsValue {
    let document = web_sys::window().and_then(|window| window.document());
    let element = document.and_then(|document| document.create_element("a").ok());
    element.map_or(JsValue::UNDEFINED, |element| js::get(&element, "style"))
}

fn takes(probe: &JsValue, property: &str, value: &JsValue) -> bool {
    let set = |value: &JsValue| {
        let set = js::get(probe, "setProperty").dyn_into::<js_sys::Function>()?;
        set.call2(probe, &property.into(), value)
    };
    let taken = set(&"".into()).and_then(|_| set(value));
    taken.is_ok()
        && js::call_method(probe, "getPropertyValue", &property.into()).is_ok_and(|taken| taken != "")
}

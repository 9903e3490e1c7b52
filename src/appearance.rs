//! Checks the options that only change the look. The loader applies the good values and leaves out the others; this
//! module reports those. No such mistake costs a shop its button.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;
use web_sys::HtmlElement;

use crate::browser;
use crate::error::{ErrorCode, Failure};
use crate::messages::Text;
use crate::options::{is_absent, wrong_value};

/// The properties of `appearance`, each with the CSS property that decides which values are good; docs/theming.md
/// describes them. The loader decides by the same rule. A color has a second property, with `Dark` at the end.
const PROPERTIES: [(&str, &str); 14] = [
    ("accentColor", "color"),
    ("backgroundColor", "color"),
    ("textColor", "color"),
    ("mutedColor", "color"),
    ("lineColor", "color"),
    ("successColor", "color"),
    ("warningColor", "color"),
    ("dangerColor", "color"),
    ("borderRadius", "border-radius"),
    ("buttonRadius", "border-radius"),
    ("fontFamily", "font-family"),
    ("spacing", "width"),
    ("buttonWidth", "width"),
    ("buttonHeight", "width"),
];

/// Returns the CSS property for a property of `appearance`; `None` if there is no such property.
fn css_property(key: &str) -> Option<&'static str> {
    let name = key.strip_suffix("Dark").unwrap_or(key);
    let (_, property) = PROPERTIES.iter().find(|(known, _)| *known == name)?;
    (name == key || *property == "color").then_some(*property)
}

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

/// The values of `appearance.buttonLabel`.
const LABELS: [(&str, Text); 6] = [
    ("pay", Text::Pay),
    ("buy", Text::Buy),
    ("donate", Text::Donate),
    ("subscribe", Text::Subscribe),
    ("checkout", Text::Checkout),
    ("book", Text::Book),
];

/// Returns the text of the button.
#[must_use]
pub fn label(options: &Object) -> Text {
    let appearance = browser::own_properties(&browser::get(options, "appearance"));
    let given = browser::get_text(&appearance, "buttonLabel").unwrap_or_default();
    LABELS.into_iter().find(|(name, _)| *name == given).map_or(Text::Pay, |(_, label)| label)
}

/// Returns one sentence for each wrong value.
fn wrong_values(appearance: &Object) -> Vec<String> {
    let mut wrong = Vec::new();
    // Not `Object.keys`: some libraries replace it by a function that also lists inherited properties.
    for key in Reflect::own_keys(appearance).unwrap_or_default() {
        let Some(key) = key.as_string() else { continue };
        let value = browser::get(appearance, &key);
        let what = match css_property(&key) {
            _ if is_absent(&value) => continue,
            None if key != "buttonLabel" => "a name of docs/theming.md,",
            None if LABELS.iter().any(|(name, _)| value == *name) => continue,
            None => "one of pay, buy, donate, subscribe, checkout, book;",
            Some(property) if takes(property, &value) => continue,
            Some("color") => "a CSS color,",
            Some("font-family") => "a CSS font-family,",
            Some(_) => "a CSS length,",
        };
        wrong.push(wrong_value(&("appearance.".to_owned() + &key), what, &value).cause);
    }
    wrong
}

/// Tells the developer if words on the accent are black because white ones could not be read.
pub fn tell_of_black_words(options: &JsValue, host: &HtmlElement) {
    let appearance = browser::own_properties(&browser::get(options, "appearance"));
    let words = host.style().get_property_value("--banq-on-accent-color").unwrap_or_default();
    if words == "#000" && !is_absent(&browser::get(&appearance, "accentColor")) {
        browser::warn("accentColor: white words would be too faint, so they are black");
    }
}

/// Returns whether a CSS property accepts a value.
fn takes(property: &str, value: &JsValue) -> bool {
    let text = browser::text_of(value).unwrap_or_default();
    web_sys::css::supports_with_value(property, &text).unwrap_or(true)
}

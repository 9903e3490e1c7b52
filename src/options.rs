//! The page's options, read from JavaScript. Each mistake names the option and what it expects.

use js_sys::{Function, Object};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Element;

use crate::callbacks::Callbacks;
use crate::error::{ErrorCode, Failure};
use crate::js;
use crate::payment_info::Environment;

/// Every option there is; any other is a typing mistake, of which the console warns.
const NAMES: [&str; 17] = [
    "selector",
    "getPaymentInfo",
    "endpoint",
    "order",
    "onReady",
    "onPopUpOpen",
    "onPopUpClose",
    "onStatusChange",
    "onPaymentSuccess",
    "onPaymentFailed",
    "onExpired",
    "onError",
    "environment",
    "theme",
    "locale",
    "appearance", // the loader's: custom properties of the host
    "nonce",
];

/// What the page asked for, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Where the payment link comes from.
    pub source: LinkSource,
    /// Which links are acceptable.
    pub environment: Environment,
    /// Light, dark, or as the shopper's system is set.
    pub theme: Theme,
    /// BCP 47 tag for amounts; the browser's own when absent.
    pub locale: Option<String>,
    /// What the page wants to be told.
    pub callbacks: Callbacks,
}

/// Where the payment link comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkSource {
    /// `getPaymentInfo`: the page's own function.
    Page(Function),
    /// `endpoint` and `order`: the widget posts the order to the merchant's server.
    Endpoint {
        /// Absolute, or relative to the page.
        url: String,
        /// An object, or a function that returns one (or a promise of one).
        order: JsValue,
    },
}

/// Colours of the dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the shopper's system is set.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Options {
    /// Reads and checks the options.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidOption`], naming the first option that is wrong and what it expects.
    pub fn from_js(options: &JsValue) -> Result<Self, Failure> {
        let Some(object) = options.dyn_ref::<Object>() else {
            return Err(expected("options", "an object", options));
        };
        for key in Object::keys(object) {
            let key = key.as_string().unwrap_or_default();
            if !NAMES.contains(&&*key) {
                js::warn(&["the option ", &key, " is not known and has no effect"].concat());
            }
        }
        Ok(Self {
            source: link_source(options)?,
            environment: one_of(
                options,
                "environment",
                &[
                    ("local", Environment::Local),
                    ("sandbox", Environment::Sandbox),
                    ("production", Environment::Production),
                ],
            )?,
            theme: one_of(
                options,
                "theme",
                &[("auto", Theme::Auto), ("light", Theme::Light), ("dark", Theme::Dark)],
            )?,
            locale: optional_text(options, "locale")?,
            callbacks: Callbacks::from_js(options)?,
        })
    }
}

/// The element that `selector` names.
///
/// # Errors
/// [`ErrorCode::InvalidOption`] when it is neither a selector nor an element, or nothing matches.
pub fn target(options: &JsValue) -> Result<Element, Failure> {
    let selector = js::get(options, "selector");
    if let Some(element) = selector.dyn_ref::<Element>() {
        return Ok(element.clone());
    }
    let Some(text) = selector.as_string() else {
        return Err(expected("selector", "a CSS selector or an element", &selector));
    };
    let document = web_sys::window().and_then(|window| window.document());
    let found = document.and_then(|document| document.query_selector(&text).ok().flatten());
    found.ok_or_else(|| invalid(&["selector: nothing in this page matches ", &text].concat()))
}

fn link_source(options: &JsValue) -> Result<LinkSource, Failure> {
    match (js::get_some(options, "getPaymentInfo"), optional_text(options, "endpoint")?) {
        (Some(_), Some(_)) => Err(invalid("getPaymentInfo and endpoint: give one of them, not both")),
        (Some(function), None) => function
            .dyn_into()
            .map(LinkSource::Page)
            .map_err(|other| expected("getPaymentInfo", "a function", &other)),
        (None, Some(url)) => {
            let order = js::get(options, "order");
            if !order.is_object() && !order.is_function() {
                return Err(expected("order", "an object or a function that returns one", &order));
            }
            Ok(LinkSource::Endpoint { url, order })
        }
        (None, None) => {
            Err(invalid("getPaymentInfo is missing: give a function that resolves to a payment link"))
        }
    }
}

fn optional_text(options: &JsValue, name: &str) -> Result<Option<String>, Failure> {
    js::get_some(options, name)
        .map(|value| value.as_string().ok_or_else(|| expected(name, "a string", &value)))
        .transpose()
}

/// A word from a closed list; the default when the option is absent.
fn one_of<T: Copy + Default>(options: &JsValue, name: &str, words: &[(&str, T)]) -> Result<T, Failure> {
    let Some(value) = js::get_some(options, name) else { return Ok(T::default()) };
    let text = value.as_string();
    words.iter().find(|(word, _)| text.as_deref() == Some(word)).map(|(_, found)| *found).ok_or_else(|| {
        let list: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let got = text.unwrap_or_else(|| js::kind(&value));
        invalid(&[name, ": expected one of ", &list.join(", "), "; got ", &got].concat())
    })
}

/// The failure for an option of the wrong kind.
#[must_use]
pub fn expected(name: &str, what: &str, got: &JsValue) -> Failure {
    invalid(&[name, ": expected ", what, ", got ", &js::kind(got)].concat())
}

fn invalid(message: &str) -> Failure {
    Failure::new(ErrorCode::InvalidOption, message)
}

//! The page's options, read from JavaScript. Each mistake names the option and what it expects.

use std::rc::Rc;

use js_sys::{Array, Function, JSON, Object};
use wasm_bindgen::{JsCast, JsValue};

use crate::callbacks::Callbacks;
use crate::decimal::decimal;
use crate::error::{ErrorCode, Failure};
use crate::js;
use crate::payment_info::Environment;

/// Every option there is; any other is a typing mistake, of which the console warns.
const NAMES: [&str; 21] = [
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
    "presentation",
    "graceSeconds",
    "debug",
    // Read by the loader, which paints the button.
    "appearance",
    "nonce",
    "assetsUrl",
];

/// Milliseconds, where the page does not say: ten minutes.
const GRACE: u32 = 600_000;

/// What the page asked for, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Where the payment link comes from.
    pub source: Rc<LinkSource>,
    /// Which links are acceptable.
    pub environment: Environment,
    /// Light, dark, or as the shopper's system is set.
    pub theme: Theme,
    /// BCP 47 tag for amounts; the browser's own when absent.
    pub locale: Option<String>,
    /// How the hosted payment page is shown.
    pub presentation: Presentation,
    /// Milliseconds after closing or expiry in which money that comes late is still told.
    pub grace: u32,
    /// Whether the console gets a timeline of all that happens.
    pub debug: bool,
    /// Under which name a reload finds this widget again.
    pub name: String,
    /// What the page wants to be told.
    pub callbacks: Callbacks,
}

/// How the hosted payment page is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Presentation {
    /// In a window of its own.
    #[default]
    Popup,
    /// In a frame inside the dialog.
    Frame,
    /// Instead of the shop's page, which the hosted page comes back to.
    Redirect,
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
        /// The object as JSON when the page gave it, or the function.
        said: JsValue,
    },
}

impl LinkSource {
    /// Whether both ask for the same order, as far as that can be known: functions are the same when they are one.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Page(one), Self::Page(other)) => one == other,
            (
                Self::Endpoint { url: one_url, said: one, .. },
                Self::Endpoint { url: other_url, said: other, .. },
            ) => (one_url, one) == (other_url, other),
            (Self::Page(_), Self::Endpoint { .. }) | (Self::Endpoint { .. }, Self::Page(_)) => false,
        }
    }
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
            source: Rc::new(link_source(options)?),
            environment: environment(options)?,
            theme: one_of(
                options,
                "theme",
                ["auto", "light", "dark"],
                [Theme::Auto, Theme::Light, Theme::Dark],
            )?,
            locale: optional_text(options, "locale")?,
            presentation: one_of(
                options,
                "presentation",
                ["popup", "iframe", "redirect"],
                [Presentation::Popup, Presentation::Frame, Presentation::Redirect],
            )?,
            grace: grace(options)?,
            debug: js::own(options, "debug").is_truthy(),
            name: name(&js::own(options, "selector")),
            callbacks: Callbacks::from_js(options)?,
        })
    }
}

/// Which links are acceptable.
///
/// # Errors
/// [`ErrorCode::InvalidOption`] for a word that is not in the list.
pub fn environment(options: &JsValue) -> Result<Environment, Failure> {
    one_of(
        options,
        "environment",
        ["local", "sandbox", "production"],
        [Environment::Local, Environment::Sandbox, Environment::Production],
    )
}

/// Which place in the page the widget is in: the first element with this id, or else the element's number, so that
/// two places with one name, or without any, are told apart. With the loader, `selector` is the shadow root in it.
fn name(selector: &JsValue) -> String {
    let place = js::get(&js::get(selector, "host"), "parentElement");
    if !place.is_object() {
        return String::new();
    }
    let id = js::get_text(&place, "id").unwrap_or_default();
    let root = js::call_method(&place, "getRootNode", &JsValue::UNDEFINED).unwrap_or_default();
    let found = |method, argument: &str| js::call_method(&root, method, &argument.into()).unwrap_or_default();
    if !id.is_empty() && found("getElementById", &id) == place {
        return ["#", &id].concat();
    }
    let number = Array::from(&found("querySelectorAll", "*")).index_of(&place, 0);
    decimal(number.unsigned_abs())
}

fn link_source(options: &JsValue) -> Result<LinkSource, Failure> {
    match (js::own_some(options, "getPaymentInfo"), optional_text(options, "endpoint")?) {
        (Some(_), Some(_)) => Err(invalid("getPaymentInfo and endpoint: give one of them, not both")),
        (Some(function), None) => function
            .dyn_into()
            .map(LinkSource::Page)
            .map_err(|other| expected("getPaymentInfo", "a function", &other)),
        (None, Some(url)) => {
            let order = js::own(options, "order");
            if !order.is_object() && !order.is_function() {
                return Err(expected("order", "an object or a function that returns one", &order));
            }
            // A function is asked each time; what an object says now can be compared with what another says.
            let said = match JSON::stringify(&order) {
                Ok(text) if !order.is_function() => text.into(),
                Ok(_) | Err(_) => order.clone(),
            };
            Ok(LinkSource::Endpoint { url, order, said })
        }
        (None, None) => {
            Err(invalid("getPaymentInfo is missing: give a function that resolves to a payment link"))
        }
    }
}

fn grace(options: &JsValue) -> Result<u32, Failure> {
    let Some(value) = js::own_some(options, "graceSeconds") else { return Ok(GRACE) };
    let seconds = value.as_f64().filter(|seconds| (0.0..=86_400.0).contains(seconds));
    seconds
        .map(|seconds| (seconds * 1000.0) as u32)
        .ok_or_else(|| expected("graceSeconds", "0 to 86400 seconds", &value))
}

fn optional_text(options: &JsValue, name: &str) -> Result<Option<String>, Failure> {
    js::own_some(options, name)
        .map(|value| value.as_string().ok_or_else(|| expected(name, "a string", &value)))
        .transpose()
}

/// What a word from a closed list means; the default when the option is absent.
fn one_of<T: Copy + Default, const N: usize>(
    options: &JsValue,
    name: &str,
    words: [&str; N],
    meanings: [T; N],
) -> Result<T, Failure> {
    let place = place_of(options, name, &words)?;
    Ok(place.and_then(|place| meanings.get(place).copied()).unwrap_or_default())
}

/// Where an option's word stands in the list; `None` when the option is absent.
fn place_of(options: &JsValue, name: &str, words: &[&str]) -> Result<Option<usize>, Failure> {
    let Some(value) = js::own_some(options, name) else { return Ok(None) };
    let text = value.as_string();
    if let Some(place) = words.iter().position(|word| text.as_deref() == Some(word)) {
        return Ok(Some(place));
    }
    let got = text.unwrap_or_else(|| js::kind(&value));
    let mut message = [name, ": expected one of"].concat();
    let mut before = " ";
    for word in words {
        message += before;
        message += word;
        before = ", ";
    }
    Err(invalid(&[&message, "; got ", &got].concat()))
}

/// The failure for an option of the wrong kind.
#[must_use]
pub fn expected(name: &str, what: &str, got: &JsValue) -> Failure {
    invalid(&[name, ": expected ", what, ", got ", &js::kind(got)].concat())
}

fn invalid(message: &str) -> Failure {
    Failure::new(ErrorCode::InvalidOption, message)
}

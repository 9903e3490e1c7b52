//! Reads the page's options. Each mistake is reported with the option's name and the expected value.

use std::fmt;
use std::rc::Rc;

use js_sys::{Function, JSON, Object};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};

use crate::callbacks::{self, Callbacks};
use crate::error::{ErrorCode, Failure};
use crate::locale::Locale;
use crate::messages::{self, Language, Messages, Text};
use crate::payment_url::Environment;
use crate::{appearance, browser};

/// The options that are no callbacks. Any other name is a typing mistake, and the console warns of it.
const NAMES: [&str; 21] = [
    "selector",
    "getPaymentInfo",
    "endpoint",
    "order",
    "environment",
    "theme",
    "locale",
    "presentation",
    "graceSeconds",
    "debug",
    "messages",
    "shopName",
    "shopLogo",
    "supportUrl",
    "returnUrl",
    "disabled",
    "loading",
    // The loader reads these: it paints the button and fetches the widget.
    "button",
    "appearance",
    "assetsUrl",
    "nonce",
];

/// The possible values of `environment`.
const ENVIRONMENTS: &str = "one of local, sandbox, production;";

/// The schemes of the addresses to which the shopper is led.
const SCHEMES: [&str; 4] = ["https:", "http:", "mailto:", "tel:"];

/// The default in seconds: ten minutes.
const DEFAULT_GRACE: f64 = 600.0;

/// The page's options, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The source of the payment link.
    pub source: Rc<LinkSource>,
    /// Which links are acceptable.
    pub environment: Environment,
    /// The dialog's colours: light, dark, or the same as the shopper's system.
    pub theme: Theme,
    /// The texts, in the shopper's language.
    pub messages: Messages,
    /// The shop in the dialog's heading.
    pub shop: Option<Shop>,
    /// The page where a shopper finds help.
    pub support_url: Option<String>,
    /// The page to go to after a payment.
    pub return_url: Option<String>,
    /// The button in the page.
    pub button: Button,
    /// How the hosted payment page is shown.
    pub presentation: Presentation,
    /// Milliseconds after closing or expiry in which a late payment is still reported.
    pub grace: u32,
    /// Whether the console gets a timeline of all events.
    pub debug: bool,
    /// The page's callbacks.
    pub callbacks: Callbacks,
    /// The wrong options that a default replaces.
    pub mistakes: Vec<Failure>,
}

/// The shop, as the shopper knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shop {
    /// Its name.
    pub name: String,
    /// The address of its logo.
    pub logo: Option<String>,
}

/// The button in the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Button {
    /// Its text.
    pub label: Text,
    /// Whether it cannot be pressed.
    pub disabled: bool,
    /// Whether it shows that the page is working; it cannot be pressed meanwhile.
    pub loading: bool,
}

/// Where the dialog stands, and how the hosted payment page is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "String")]
pub enum Presentation {
    /// In a window of its own.
    #[default]
    Popup,
    /// In a frame inside the dialog.
    Iframe,
    /// In place of the shop's page; the hosted page returns to it at the end.
    Redirect,
    /// In a window of its own, and what is otherwise a dialog stands in the page, in place of the button.
    Inline,
}

impl Presentation {
    /// Returns whether the hosted page gets a window.
    #[must_use]
    pub const fn opens_window(self) -> bool {
        matches!(self, Self::Popup | Self::Inline)
    }
}

impl TryFrom<String> for Presentation {
    type Error = UnknownWord;

    fn try_from(word: String) -> Result<Self, UnknownWord> {
        match &*word {
            "popup" => Ok(Self::Popup),
            "iframe" => Ok(Self::Iframe),
            "redirect" => Ok(Self::Redirect),
            "inline" => Ok(Self::Inline),
            _ => Err(UnknownWord),
        }
    }
}

/// The colours of the dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "String")]
pub enum Theme {
    /// The same as the shopper's system.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl TryFrom<String> for Theme {
    type Error = UnknownWord;

    fn try_from(word: String) -> Result<Self, UnknownWord> {
        match &*word {
            "auto" => Ok(Self::Auto),
            "light" => Ok(Self::Light),
            "dark" => Ok(Self::Dark),
            _ => Err(UnknownWord),
        }
    }
}

/// A word that is not a value of the option. [`read`] names the possible words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownWord;

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown word")
    }
}

/// The source of the payment link.
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
        /// The object as JSON text when the page gave it, or the function.
        given: JsValue,
    },
}

impl LinkSource {
    /// Returns whether both ask for the same order, as far as that can be known: functions are equal only if they are
    /// the same function.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Page(one), Self::Page(other)) => one == other,
            (
                Self::Endpoint { url: one_url, given: one, .. },
                Self::Endpoint { url: other_url, given: other, .. },
            ) => (one_url, one) == (other_url, other),
            (Self::Page(_), Self::Endpoint { .. }) | (Self::Endpoint { .. }, Self::Page(_)) => false,
        }
    }

    /// Returns the source that posts `order`, or what `order` returns, to this address.
    pub(crate) fn endpoint(url: String, order: JsValue) -> Self {
        // A function is called for each request; an object's present value can be compared with a later one.
        let given = match JSON::stringify(&order) {
            Ok(text) if !order.is_function() => text.into(),
            Ok(_) | Err(_) => order.clone(),
        };
        Self::Endpoint { url, order, given }
    }

    /// Reads `getPaymentInfo`, or `endpoint` and `order`.
    fn from_js(options: &Object) -> Result<Self, Failure> {
        let get_payment_info = browser::get(options, "getPaymentInfo");
        let is_page = !is_absent(&get_payment_info);
        match (is_page, read::<String>(options, "endpoint", "a string,")?) {
            (true, Some(_)) => Err(invalid("getPaymentInfo and endpoint: give one of them, not both")),
            (true, None) => get_payment_info
                .dyn_into()
                .map(Self::Page)
                .map_err(|other| expected("getPaymentInfo", "a function,", &browser::kind(&other))),
            (false, Some(url)) => {
                let order = browser::get(options, "order");
                if !order.is_object() && !order.is_function() {
                    let got = browser::kind(&order);
                    return Err(expected("order", "an object or a function that returns one,", &got));
                }
                Ok(Self::endpoint(url, order))
            }
            (false, None) => {
                Err(invalid("getPaymentInfo is missing: give a function that resolves to a payment link"))
            }
        }
    }
}

impl Options {
    /// Reads and checks the options. A wrong option is replaced by its default and reported in
    /// [`mistakes`](Self::mistakes), unless it is the source of the payment link.
    ///
    /// # Errors
    /// [`ErrorCode::InvalidOption`] without a usable source of the payment link.
    pub fn from_js(options: &JsValue, language: Option<&Language>) -> Result<Self, Failure> {
        if !options.is_object() {
            return Err(expected("options", "an object,", &browser::kind(options)));
        }
        let options = &browser::own_properties(options);
        for key in Object::keys(options) {
            let key = key.as_string().unwrap_or_default();
            if !NAMES.contains(&&*key) && !callbacks::NAMES.contains(&&*key) {
                browser::warn(&format!("the option {key} is not known and has no effect"));
            }
        }
        let source = Rc::new(LinkSource::from_js(options)?);
        let mut reader = Reader { options, mistakes: Vec::new() };
        let environment = reader.read("environment", ENVIRONMENTS).unwrap_or_default();
        let theme = reader.read("theme", "one of auto, light, dark;").unwrap_or_default();
        let presentation =
            reader.read("presentation", "one of popup, iframe, redirect, inline;").unwrap_or_default();
        let grace = (reader.grace_seconds() * 1000.0) as u32;
        let shop =
            reader.read("shopName", "a string,").map(|name| Shop { name, logo: reader.address("shopLogo") });
        let support_url = reader.address("supportUrl");
        let return_url = reader.address("returnUrl");
        let locale = reader.locale();
        let debug = browser::get(options, "debug").is_truthy();
        let mut mistakes = reader.mistakes;
        let mut messages = Messages::new(messages::own_texts(options, &mut mistakes), language);
        messages.locale = locale.or(messages.locale);
        let button = Button {
            label: appearance::label(options),
            disabled: browser::get(options, "disabled").is_truthy(),
            loading: browser::get(options, "loading").is_truthy(),
        };
        let callbacks = Callbacks::from_js(options, &mut mistakes);
        appearance::check(options, &mut mistakes);
        Ok(Self {
            source,
            environment,
            theme,
            messages,
            shop,
            support_url,
            return_url,
            button,
            presentation,
            grace,
            debug,
            callbacks,
            mistakes,
        })
    }
}

/// Reads options that have a default, and collects the wrong ones.
struct Reader<'a> {
    options: &'a Object,
    mistakes: Vec<Failure>,
}

impl Reader<'_> {
    /// Reads one option; `None` when it is absent or wrong.
    fn read<T: DeserializeOwned>(&mut self, name: &str, what: &str) -> Option<T> {
        let value = browser::property(self.options, name);
        if value.is_none()
            && let Err(mistake) = refuse_present(self.options, name, what)
        {
            mistake.keep_in(&mut self.mistakes);
        }
        value
    }

    fn address(&mut self, name: &str) -> Option<String> {
        let given: String = self.read(name, "a string,")?;
        address(name, &given, &mut self.mistakes)
    }

    fn locale(&mut self) -> Option<Locale> {
        let tag: String = self.read("locale", "a string,")?;
        locale(&tag, &mut self.mistakes)
    }

    fn grace_seconds(&mut self) -> f64 {
        const RANGE: &str = "0 to 86400 seconds,";
        match self.read("graceSeconds", RANGE) {
            Some(seconds) if (0.0..=86_400.0).contains(&seconds) => seconds,
            Some(seconds) => {
                expected("graceSeconds", RANGE, &f64::to_string(&seconds)).keep_in(&mut self.mistakes);
                DEFAULT_GRACE
            }
            None => DEFAULT_GRACE,
        }
    }
}

/// Reads an address to which the shopper is led, in full. Not one that runs a script: a page may take it from its own
/// address.
pub(crate) fn address(name: &str, given: &str, mistakes: &mut Vec<Failure>) -> Option<String> {
    let page = web_sys::window()?.document()?;
    let base = browser::get_text(&page, "baseURI").unwrap_or_default();
    let url = web_sys::Url::new_with_base(given, &base).ok();
    let url = url.filter(|url| SCHEMES.contains(&&*url.protocol()));
    if url.is_none() {
        expected(name, "a link,", given).keep_in(mistakes);
    }
    url.map(|url| url.href())
}

/// Reads the tag of a locale.
pub(crate) fn locale(tag: &str, mistakes: &mut Vec<Failure>) -> Option<Locale> {
    let known = Locale::parse(tag);
    if known.is_none() {
        expected("locale", "a language tag such as en-US,", tag).keep_in(mistakes);
    }
    known
}

/// Reads which links are acceptable.
///
/// # Errors
/// [`ErrorCode::InvalidOption`] for a word that is not in the list.
pub fn environment(options: &Object) -> Result<Option<Environment>, Failure> {
    read(options, "environment", ENVIRONMENTS)
}

/// Reads one option; `None` if it is absent. `what` names the expected value, with the punctuation mark that ends it.
fn read<T: DeserializeOwned>(options: &Object, name: &str, what: &str) -> Result<Option<T>, Failure> {
    let value = browser::property(options, name);
    if value.is_none() {
        refuse_present(options, name, what)?;
    }
    Ok(value)
}

/// Fails if the option is present. The message quotes a text, and names the type of any other value.
fn refuse_present(options: &Object, name: &str, what: &str) -> Result<(), Failure> {
    let value = browser::get(options, name);
    if is_absent(&value) {
        return Ok(());
    }
    Err(wrong_value(name, what, &value))
}

/// Returns the failure for an option with this value. The message quotes a text, and names the type of any other value.
pub(crate) fn wrong_value(name: &str, what: &str, value: &JsValue) -> Failure {
    expected(name, what, &value.as_string().unwrap_or_else(|| browser::kind(value)))
}

pub(crate) fn is_absent(value: &JsValue) -> bool {
    value.is_undefined() || value.is_null()
}

/// Returns the failure for an option of the wrong type.
#[must_use]
pub fn expected(name: &str, what: &str, got: &str) -> Failure {
    invalid(&format!("{name}: expected {what} got {got}"))
}

fn invalid(message: &str) -> Failure {
    Failure::new(ErrorCode::InvalidOption, message)
}

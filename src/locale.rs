//! Formats amounts in the shopper's locale.

use js_sys::Object;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::browser;

#[wasm_bindgen]
extern "C" {
    /// The browser's formatter, whose constructor throws on an unknown locale or currency.
    #[wasm_bindgen(js_namespace = Intl)]
    type NumberFormat;
    #[wasm_bindgen(constructor, js_namespace = Intl, catch)]
    fn new(locale: &JsValue, options: &JsValue) -> Result<NumberFormat, JsValue>;
    /// Takes the decimal text itself, which the browser reads exactly.
    #[wasm_bindgen(method, catch)]
    fn format(this: &NumberFormat, number: &str) -> Result<String, JsValue>;
}

#[derive(Serialize)]
struct CurrencyStyle<'a> {
    style: &'static str,
    currency: &'a str,
}

/// A BCP 47 language tag that the browser accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locale(String);

impl Locale {
    /// Reads a tag, also in the spelling of POSIX: `de_DE` is `de-DE`. Returns `None` if the browser refuses it.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        let tag = tag.replace('_', "-");
        NumberFormat::new(&tag.as_str().into(), &Object::new()).ok()?;
        Some(Self(tag))
    }
}

/// Formats an amount: `"12.50"`, `USD` → `$12.50`. Uses the browser's own locale if none is given. Returns the plain
/// digits if the browser does not know the currency.
#[must_use]
pub fn format_money(funds: &str, currency: &str, locale: Option<&Locale>) -> String {
    let locale = locale.map_or(JsValue::UNDEFINED, |locale| locale.0.as_str().into());
    let options = browser::to_object(&CurrencyStyle { style: "currency", currency });
    NumberFormat::new(&locale, &options)
        .and_then(|format| format.format(funds))
        .unwrap_or_else(|_| format!("{funds} {currency}"))
}

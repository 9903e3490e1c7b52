//! Formats amounts, dates and numbers in the shopper's locale, by the browser's `Intl`.

use js_sys::{Date, Object};
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

    #[wasm_bindgen(js_namespace = Intl)]
    type DateTimeFormat;
    #[wasm_bindgen(constructor, js_namespace = Intl, catch)]
    fn new(locale: &JsValue, options: &JsValue) -> Result<DateTimeFormat, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn format(this: &DateTimeFormat, date: &Date) -> Result<String, JsValue>;
}

/// The options of `Intl.NumberFormat` and `Intl.DateTimeFormat` that are used here.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Style<'a> {
    style: Option<&'static str>,
    currency: Option<&'a str>,
    hour: Option<&'static str>,
    hour_cycle: Option<&'static str>,
    minute: Option<&'static str>,
    second: Option<&'static str>,
    date_style: Option<&'static str>,
    time_style: Option<&'static str>,
    time_zone: Option<&'static str>,
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

/// Formats an amount: `"12.50"`, `USD` → `$12.50`, with the decimals of the currency. Returns the plain digits if the
/// browser does not know the currency.
#[must_use]
pub fn format_money(funds: &str, currency: &str, locale: Option<&Locale>) -> String {
    let style = Style { style: Some("currency"), currency: Some(currency), ..Style::default() };
    NumberFormat::new(&tag(locale), &browser::to_object(&style))
        .and_then(|format| format.format(funds))
        .unwrap_or_else(|_| format!("{funds} {currency}"))
}

/// Formats seconds as a clock does, in the digits of the locale: `04:09`, with hours if there are any.
#[must_use]
pub fn format_duration(seconds: u32, locale: Option<&Locale>) -> String {
    let style = Style {
        hour: (seconds >= 3600).then_some("numeric"),
        hour_cycle: Some("h23"),
        minute: Some("2-digit"),
        second: Some("2-digit"),
        time_zone: Some("UTC"),
        ..Style::default()
    };
    format_date(&Date::new(&(f64::from(seconds) * 1000.0).into()), &style, locale).unwrap_or_default()
}

/// Formats a moment (RFC 3339) in the shopper's time zone: `31 Jan 2027, 17:32`. Returns the text itself if it is no
/// moment.
#[must_use]
pub fn format_moment(moment: &str, locale: Option<&Locale>) -> String {
    let style = Style { date_style: Some("medium"), time_style: Some("short"), ..Style::default() };
    format_date(&Date::new(&moment.into()), &style, locale).unwrap_or_else(|| moment.to_owned())
}

/// Formats a calendar day (`2027-01-31`): `31 Jan 2027`. Returns the text itself if it is no day.
#[must_use]
pub fn format_day(day: &str, locale: Option<&Locale>) -> String {
    let style = Style { date_style: Some("medium"), time_zone: Some("UTC"), ..Style::default() };
    format_date(&Date::new(&day.into()), &style, locale).unwrap_or_else(|| day.to_owned())
}

/// Returns `None` if the date cannot be read.
fn format_date(date: &Date, style: &Style<'_>, locale: Option<&Locale>) -> Option<String> {
    let format = DateTimeFormat::new(&tag(locale), &browser::to_object(style)).ok()?;
    format.format(date).ok()
}

fn tag(locale: Option<&Locale>) -> JsValue {
    locale.map_or(JsValue::UNDEFINED, |locale| locale.0.as_str().into())
}

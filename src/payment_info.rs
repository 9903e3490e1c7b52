//! Reads the shop's answer to a link request.

use banq_checkout_wire::{Frequency, Schedule, WATCH_MARK};
use js_sys::Object;
use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::browser;
use crate::error::{ErrorCode, Failure};
pub use crate::payment_url::{Environment, PaymentUrl};

/// `PaymentInfo` of the page's contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentInfo {
    /// The address where the shopper pays.
    pub url: PaymentUrl,
    /// The checkout's id at the merchant's server.
    pub checkout_id: Option<String>,
    /// The address of the status stream; without it, the widget does not see payments by phone.
    pub events_url: Option<String>,
    /// The amount in major units, a decimal string.
    pub funds: Option<String>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// A description of the purchase.
    pub comment: Option<String>,
    /// When the link ends, RFC 3339.
    pub expires_at: Option<String>,
    /// The merchant's order.
    pub order_id: Option<String>,
    /// When the payment repeats; absent for a payment that is made once.
    pub schedule: Option<Schedule>,
}

impl PaymentInfo {
    /// Reads the result of `getPaymentInfo` or the answer of the shop's server: a link, a `PaymentInfo`, or `{data:
    /// PaymentInfo}`. The link itself may contain, in its fragment, the address of the status stream.
    ///
    /// # Errors
    /// [`ErrorCode::LinkInvalid`], which says what is missing or why the link is refused.
    pub fn from_js(value: &JsValue, environment: Environment) -> Result<Self, Failure> {
        let inner = browser::get(&browser::own_properties(value), "data");
        let given = if inner.is_object() { &inner } else { value };
        let fields = browser::own_properties(given);
        // A page may write a number in place of a text: `funds: 2` is read as `"2"`. A value of another type counts as
        // absent.
        let text = |name| browser::text_of(&browser::get(&fields, name));
        let link = if given.is_object() { text("url") } else { given.as_string() };
        let link = link.ok_or_else(|| {
            let got = browser::kind(given);
            let cause = format!("expected a payment link, {{url, …}} or {{data: {{url, …}}}}, got {got}");
            Failure::new(ErrorCode::LinkInvalid, cause)
        })?;
        let (link, watched) = split_fragment(&link);
        let events_url =
            text("eventsUrl").or(watched).filter(|url| !url.is_empty()).and_then(|url| stream_url(&url));
        let checkout_id = text("checkoutId").or_else(|| events_url.as_deref().and_then(checkout_id));
        Ok(Self {
            url: PaymentUrl::parse(link, environment)?,
            checkout_id,
            events_url,
            funds: text("funds"),
            currency: text("currency"),
            comment: text("comment"),
            expires_at: text("expiresAt"),
            order_id: text("orderId"),
            schedule: read_schedule(&fields),
        })
    }
}

/// Reads the property `schedule` of an answer or a snapshot. An object always is a payment that repeats, whatever it
/// says.
#[must_use]
pub fn read_schedule(fields: &Object) -> Option<Schedule> {
    let given = browser::get(fields, "schedule");
    given.is_object().then(|| {
        let schedule = browser::own_properties(&given);
        let text = |name| browser::property::<String>(&schedule, name);
        Schedule {
            frequency: Frequency::from_word(&text("frequency").unwrap_or_default()),
            start_date: text("startDate").unwrap_or_default(),
            end_date: text("endDate"),
        }
    })
}

/// Splits the address of the status stream, the last part of the fragment, off a link.
fn split_fragment(link: &str) -> (&str, Option<String>) {
    let parts = link.bytes().rposition(|byte| matches!(byte, b'#' | b'&')).map(|at| link.split_at(at));
    match parts {
        Some((rest, last)) if last.starts_with('#') || rest.contains('#') => {
            match last.get(1..).and_then(|last| last.strip_prefix(WATCH_MARK)) {
                Some(watched) => (rest, js_sys::decode_uri_component(watched).ok().map(String::from)),
                None => (link, None),
            }
        }
        Some(_) | None => (link, None),
    }
}

/// Returns the id in a stream's address, which by contract ends with `/checkouts/{id}/events`.
fn checkout_id(events_url: &str) -> Option<String> {
    let path = events_url.strip_suffix("/events")?;
    let id = path.get(path.bytes().rposition(|byte| byte == b'/')? + 1..)?;
    (!id.is_empty()).then(|| id.to_owned())
}

/// Returns the absolute address of a status stream, which may be relative to the page; `None` if it is not a valid
/// address of a stream.
fn stream_url(address: &str) -> Option<String> {
    let page = web_sys::window()?.document()?;
    let base = browser::get_text(&page, "baseURI").unwrap_or_default();
    let url = web_sys::Url::new_with_base(address, &base).ok();
    let url = url.filter(|url| matches!(url.protocol().as_str(), "https:" | "http:"));
    if url.is_none() {
        browser::warn("eventsUrl is not a URL");
    }
    url.map(|url| url.href())
}

#[cfg(all(test, not(target_arch = "wasm32")))]
impl PaymentInfo {
    /// Returns a link with or without a status stream, for tests of the state machine.
    pub(crate) fn example(events: bool) -> Self {
        Self {
            url: PaymentUrl::example(),
            checkout_id: events.then(|| "c1".to_owned()),
            events_url: events.then(|| "https://shop.example/checkouts/c1/events".to_owned()),
            funds: None,
            currency: None,
            comment: None,
            expires_at: None,
            order_id: None,
            schedule: None,
        }
    }
}

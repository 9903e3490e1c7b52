//! What the shop answers when it is asked for a payment link.

use banq_checkout_wire::WATCH_MARK;
use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::preserve;
use wasm_bindgen::JsValue;

use crate::browser;
use crate::error::{ErrorCode, Failure};
pub use crate::payment_url::{Environment, PaymentUrl};

/// `PaymentInfo` of the page's contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentInfo {
    /// Where the shopper pays.
    pub url: PaymentUrl,
    /// The checkout's id at the merchant's server.
    pub checkout_id: Option<String>,
    /// Where the page watches the checkout; without it, payments by phone stay unseen.
    pub events_url: Option<String>,
    /// Amount in major units, a decimal string.
    pub funds: Option<String>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// What is being bought.
    pub comment: Option<String>,
    /// When the link ends, RFC 3339.
    pub expires_at: Option<String>,
}

/// The answer as the page gave it: text, which a page may write as a number (`funds: 2` is `"2"`).
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Fields {
    #[serde(with = "preserve")]
    url: JsValue,
    #[serde(with = "preserve")]
    checkout_id: JsValue,
    #[serde(with = "preserve")]
    events_url: JsValue,
    #[serde(with = "preserve")]
    funds: JsValue,
    #[serde(with = "preserve")]
    currency: JsValue,
    #[serde(with = "preserve")]
    comment: JsValue,
    #[serde(with = "preserve")]
    expires_at: JsValue,
}

impl PaymentInfo {
    /// Reads what `getPaymentInfo` resolved to, or the shop's server answered: a link, a `PaymentInfo`, or
    /// `{data: PaymentInfo}`. The link itself may say in its fragment where the checkout is watched.
    ///
    /// # Errors
    /// [`ErrorCode::LinkInvalid`] saying what is missing or why the link is refused.
    pub fn from_js(value: &JsValue, environment: Environment) -> Result<Self, Failure> {
        let inner = browser::get(&browser::own_properties(value), "data");
        let given = if inner.is_object() { &inner } else { value };
        let mut fields = Fields::default();
        if given.is_object() {
            fields = browser::from_object(given).map_err(|error| {
                Failure::new(ErrorCode::LinkInvalid, format!("the payment link's answer: {error}"))
            })?;
        } else {
            fields.url = given.clone();
        }
        let text = |value: &JsValue| browser::text_of(value);
        let link = text(&fields.url).filter(|_| given.is_object() || given.is_string()).ok_or_else(|| {
            let got = browser::kind(given);
            let cause = format!("expected a payment link, {{url, …}} or {{data: {{url, …}}}}, got {got}");
            Failure::new(ErrorCode::LinkInvalid, cause)
        })?;
        let (link, watched) = split_fragment(&link);
        let events_url = text(&fields.events_url)
            .or(watched)
            .filter(|url| !url.is_empty())
            .and_then(|url| stream_url(&url));
        let checkout_id = text(&fields.checkout_id).or_else(|| events_url.as_deref().and_then(checkout_id));
        Ok(Self {
            url: PaymentUrl::parse(link, environment)?,
            checkout_id,
            events_url,
            funds: text(&fields.funds),
            currency: text(&fields.currency),
            comment: text(&fields.comment),
            expires_at: text(&fields.expires_at),
        })
    }
}

/// Takes the address of the status stream off a link's fragment.
fn split_fragment(link: &str) -> (&str, Option<String>) {
    let Some((_, fragment)) = link.split_once('#') else { return (link, None) };
    let last = fragment.rsplit('&').next().unwrap_or_default();
    let Some(watched) = last.strip_prefix(WATCH_MARK) else { return (link, None) };
    // Before the last part stands one sign, `#` or `&`.
    let rest = link.get(..link.len() - last.len() - 1).unwrap_or(link);
    (rest, js_sys::decode_uri_component(watched).ok().map(String::from))
}

/// Returns the id in a stream's address, which by contract ends in `/checkouts/{id}/events`.
fn checkout_id(events_url: &str) -> Option<String> {
    let (_, id) = events_url.strip_suffix("/events")?.rsplit_once('/')?;
    (!id.is_empty()).then(|| id.to_owned())
}

/// Returns the absolute address of a status stream, which may be relative to the page; `None` where no stream can be.
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
    /// For tests of the state machine: a link with or without a status stream.
    pub(crate) fn example(events: bool) -> Self {
        Self {
            url: PaymentUrl::example(),
            checkout_id: events.then(|| "c1".to_owned()),
            events_url: events.then(|| "https://shop.example/checkouts/c1/events".to_owned()),
            funds: None,
            currency: None,
            comment: None,
            expires_at: None,
        }
    }
}

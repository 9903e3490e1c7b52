//! What a reload of the page needs to go on: kept in the tab's session storage, and nothing secret.

use js_sys::JSON;
use wasm_bindgen::JsValue;
use web_sys::Storage;

use crate::js::{self, object, optional};
use crate::options::Options;
use crate::payment_info::PaymentInfo;
use crate::state::Dialog;

/// Absent where the page may not keep anything, as in a sandboxed frame.
fn storage() -> Option<Storage> {
    web_sys::window()?.session_storage().ok()?
}

/// Another page of the shop, or another place in this one, has a checkout of its own.
fn key(options: &Options) -> String {
    let path = js::get_text(&js::get(&js_sys::global(), "location"), "pathname");
    ["banq-checkout ", &path.unwrap_or_default(), "#", &options.name].concat()
}

/// Keeps a checkout that is waited for.
pub fn remember(options: &Options, info: &PaymentInfo, dialog: Dialog) {
    let kept = object(&[
        ("url", info.url.as_str().into()),
        ("checkoutId", optional(info.checkout_id.as_deref())),
        ("eventsUrl", optional(info.events_url.as_deref())),
        ("expiresAt", optional(info.expires_at.as_deref())),
        ("open", (dialog != Dialog::Closed).into()),
    ]);
    if let (Some(storage), Ok(text)) = (storage(), JSON::stringify(&kept)) {
        // Full, or forbidden: then a reload begins anew.
        let _ = storage.set_item(&key(options), &String::from(text));
    }
}

/// Forgets it.
pub fn forget(options: &Options) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&key(options));
    }
}

/// What an earlier life of this page waited for. Anything in the page may have written it: it is checked as
/// an answer of the shop is, and the shop is asked whether it still holds.
#[must_use]
pub fn recall(options: &Options) -> Option<(PaymentInfo, Dialog)> {
    let text = storage()?.get_item(&key(options)).ok()??;
    let kept: JsValue = JSON::parse(&text).ok()?;
    let info = PaymentInfo::from_js(&kept, options.environment).ok()?;
    Some((info, if js::get(&kept, "open").is_truthy() { Dialog::Open } else { Dialog::Closed }))
}

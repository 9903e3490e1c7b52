//! What a reload of the page needs to go on: kept in the tab's session storage, and nothing secret.
//!
//! It says what was waited for, and proves nothing: the same address may sell another order now, a tab may be a
//! copy, and anything in the page may have written it. So nothing of it is shown before the shop has named the same
//! checkout ([`crate::state`]).

use std::cell::RefCell;

use js_sys::JSON;
use wasm_bindgen::JsValue;
use web_sys::Storage;

use crate::js::{self, object, optional};
use crate::options::{LinkSource, Options};
use crate::payment_info::PaymentInfo;
use crate::state::Dialog;

/// Absent where the page may not keep anything, as in a sandboxed frame.
fn storage() -> Option<Storage> {
    web_sys::window()?.session_storage().ok()?
}

/// Another page of the shop, another place in this one, and another server have a checkout of their own.
fn key(options: &Options) -> String {
    let path = js::get_text(&js::get(&js_sys::global(), "location"), "pathname").unwrap_or_default();
    let server = match &*options.source {
        LinkSource::Page(_) => "",
        LinkSource::Endpoint { url, .. } => url,
    };
    ["banq-checkout ", &path, &options.name, " ", options.environment.as_str(), " ", server].concat()
}

/// One widget's record.
#[derive(Debug, Default)]
pub struct Session {
    /// The key and the text that this widget wrote or read last.
    own: RefCell<Option<(String, String)>>,
}

impl Session {
    /// Keeps a checkout that is waited for.
    pub fn remember(&self, options: &Options, info: &PaymentInfo, dialog: Dialog) {
        self.forget();
        let kept = object(&[
            ("url", info.url.as_str().into()),
            ("checkoutId", optional(info.checkout_id.as_deref())),
            ("eventsUrl", optional(info.events_url.as_deref())),
            ("expiresAt", optional(info.expires_at.as_deref())),
            ("open", (dialog != Dialog::Closed).into()),
        ]);
        if let (Some(storage), Ok(text)) = (storage(), JSON::stringify(&kept)) {
            let (key, text) = (key(options), String::from(text));
            // Full, or forbidden: then a reload begins anew.
            let _ = storage.set_item(&key, &text);
            self.own.replace(Some((key, text)));
        }
    }

    /// Forgets it. What another page or widget has written there meanwhile is theirs.
    pub fn forget(&self) {
        if let (Some((key, text)), Some(storage)) = (self.own.take(), storage())
            && storage.get_item(&key).ok().flatten() == Some(text)
        {
            let _ = storage.remove_item(&key);
        }
    }

    /// What an earlier life of this page waited for, checked as an answer of the shop is.
    #[must_use]
    pub fn recall(&self, options: &Options) -> Option<(PaymentInfo, Dialog)> {
        let key = key(options);
        let text = storage()?.get_item(&key).ok()??;
        let kept: JsValue = JSON::parse(&text).ok()?;
        self.own.replace(Some((key, text)));
        let info = PaymentInfo::from_js(&kept, options.environment).ok()?;
        Some((info, if js::own(&kept, "open").is_truthy() { Dialog::Open } else { Dialog::Closed }))
    }
}

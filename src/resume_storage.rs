//! Keeps in the tab's session storage what the page needs to resume after a reload; nothing secret.
//!
//! A record says which payment was waited for, and proves nothing: the same address may sell another order now, the tab
//! may be a copy, and any script in the page may have written the record. So nothing of it is shown before the shop has
//! named the same checkout ([`crate::state`]).

use std::cell::RefCell;

use js_sys::JSON;
use serde::Serialize;
use wasm_bindgen::JsCast;
use web_sys::{Element, ShadowRoot, Storage};

use crate::browser;
use crate::options::{LinkSource, Options};
use crate::payment_info::PaymentInfo;
use crate::state::Dialog;

/// Returns the tab's storage; `None` if the page must not store anything, as in a sandboxed frame.
fn storage() -> Option<Storage> {
    web_sys::window()?.session_storage().ok()?
}

/// Returns a name for a widget's container: its id if the id finds it, or else its number among the elements, so that
/// two containers with one id, or without any, have different names.
fn container_name(container: &Element) -> String {
    let root = container.get_root_node();
    // `root` is a document or a shadow root; both have these two methods.
    let root: &ShadowRoot = root.unchecked_ref();
    let id = container.id();
    if !id.is_empty() && root.get_element_by_id(&id).as_ref() == Some(container) {
        return format!("#{id}");
    }
    let elements = root.query_selector_all("*").ok();
    let position = elements.and_then(|elements| {
        (0..elements.length()).find(|index| elements.item(*index).as_ref() == Some(container))
    });
    position.unwrap_or_default().to_string()
}

/// The stored record.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    url: &'a str,
    checkout_id: Option<&'a str>,
    events_url: Option<&'a str>,
    expires_at: Option<&'a str>,
    open: bool,
}

/// One widget's record.
#[derive(Debug, Default)]
pub struct ResumeStorage {
    /// The name of the widget's container in the page.
    container: String,
    /// The key and the text that this widget wrote or read last.
    own: RefCell<Option<(String, String)>>,
}

impl ResumeStorage {
    /// Returns the storage of the widget in this container.
    #[must_use]
    pub fn of(container: Option<&Element>) -> Self {
        Self { container: container.map(container_name).unwrap_or_default(), own: RefCell::default() }
    }

    /// Returns the key of the record. It differs for another page of the shop, another container in this page, and
    /// another server, which all have a checkout of their own.
    fn key(&self, options: &Options) -> String {
        let path = web_sys::window().and_then(|window| window.location().pathname().ok()).unwrap_or_default();
        let server = match &*options.source {
            LinkSource::Page(_) => "",
            LinkSource::Endpoint { url, .. } => url,
        };
        format!("banq-checkout {path}{} {} {server}", self.container, options.environment.as_str())
    }

    /// Stores a checkout whose payment is waited for.
    pub fn save(&self, options: &Options, info: &PaymentInfo, dialog: Dialog) {
        self.clear();
        let record = Record {
            url: info.url.as_str(),
            checkout_id: info.checkout_id.as_deref(),
            events_url: info.events_url.as_deref(),
            expires_at: info.expires_at.as_deref(),
            open: dialog != Dialog::Closed,
        };
        if let (Some(storage), Ok(text)) = (storage(), JSON::stringify(&browser::to_object(&record))) {
            let (key, text) = (self.key(options), String::from(text));
            // Storing fails if the storage is full or forbidden; a reload then starts from the beginning.
            let _ = storage.set_item(&key, &text);
            self.own.replace(Some((key, text)));
        }
    }

    /// Removes this widget's record. A record that another page or widget has written meanwhile stays.
    pub fn clear(&self) {
        if let (Some((key, text)), Some(storage)) = (self.own.take(), storage())
            && storage.get_item(&key).ok().flatten() == Some(text)
        {
            let _ = storage.remove_item(&key);
        }
    }

    /// Loads the payment that the page waited for before a reload, and checks it like an answer of the shop.
    #[must_use]
    pub fn load(&self, options: &Options) -> Option<(PaymentInfo, Dialog)> {
        let key = self.key(options);
        let text = storage()?.get_item(&key).ok()??;
        let record = JSON::parse(&text).ok()?;
        self.own.replace(Some((key, text)));
        let info = PaymentInfo::from_js(&record, options.environment).ok()?;
        let open = browser::get(&browser::own_properties(&record), "open").is_truthy();
        Some((info, if open { Dialog::Open } else { Dialog::Closed }))
    }
}

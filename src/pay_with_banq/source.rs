//! The source of the payment link.

use std::fmt;
use std::rc::Rc;

use js_sys::{Function, Promise};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::browser;
use crate::error::Failure;
use crate::options::{LinkSource, expected};

/// The source of the payment link.
#[derive(Clone)]
pub struct PaymentSource {
    source: Rc<LinkSource>,
    /// Why the order cannot be posted.
    mistake: Option<Failure>,
}

impl PaymentSource {
    /// Posts the order as JSON to the intermediary's `/generate-payment-link`. For the intermediary of this project the
    /// order has the fields `orderId` and `token`. An order that cannot be written as JSON is reported to `on_error`.
    #[must_use]
    pub fn endpoint(url: impl Into<String>, order: &impl Serialize) -> Self {
        let (order, mistake) = match order.serialize(&Serializer::json_compatible()) {
            Ok(order) => (order, None),
            Err(cause) => (
                JsValue::UNDEFINED,
                Some(expected("order", "what can be written as JSON,", &cause.to_string())),
            ),
        };
        Self { source: Rc::new(LinkSource::endpoint(url.into(), order)), mistake }
    }

    /// Calls a function for each payment link, with the request's id, which it may send on as `X-Request-Id`. Its
    /// promise resolves to the link, or to the intermediary's answer. Make the source once, by `use_memo`: another
    /// function may mean another order, and ends the one before.
    #[must_use]
    pub fn function(function: impl Fn(String) -> Promise + 'static) -> Self {
        let called =
            move |argument: JsValue| function(browser::get_text(&argument, "requestId").unwrap_or_default());
        let called: Box<dyn Fn(JsValue) -> Promise> = Box::new(called);
        let function: Function = Closure::wrap(called).into_js_value().unchecked_into();
        Self { source: Rc::new(LinkSource::Page(function)), mistake: None }
    }

    /// Returns the source, and adds what is wrong with it.
    pub(super) fn checked(&self, mistakes: &mut Vec<Failure>) -> Rc<LinkSource> {
        mistakes.extend(self.mistake.clone());
        self.source.clone()
    }
}

/// Equal sources ask for the same order.
impl PartialEq for PaymentSource {
    fn eq(&self, other: &Self) -> bool {
        self.source.is_same(&other.source) && self.mistake == other.mistake
    }
}

impl fmt::Debug for PaymentSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

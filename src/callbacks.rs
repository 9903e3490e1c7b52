//! Calls the page's callbacks. A callback that throws or rejects is reported to the console and does no other harm.

use banq_checkout_wire::{FailReason, Issue, Status};
use js_sys::{Function, Object, Promise};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::browser;
use crate::error::Failure;
use crate::options::expected;
use crate::state::{CallbackEvent, Channel, Checkout, CloseReason};

/// The names of the options that are callbacks.
pub const NAMES: [&str; 8] = [
    "onReady",
    "onPopUpOpen",
    "onPopUpClose",
    "onStatusChange",
    "onPaymentSuccess",
    "onPaymentFailed",
    "onExpired",
    "onError",
];

/// The page's callbacks, by name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Callbacks {
    handlers: Vec<(&'static str, Function)>,
}

/// `onPopUpClose`'s argument.
#[derive(Serialize)]
struct CloseDetail {
    reason: CloseReason,
    status: Option<Status>,
}

/// The argument of `onStatusChange` and of the endings.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckoutDetail<'a> {
    status: Status,
    checkout_id: Option<&'a str>,
    order_id: Option<&'a str>,
    fail_reason: Option<FailReason>,
    issue: Option<Issue>,
    funds: Option<&'a str>,
    currency: Option<&'a str>,
    /// Only in `onStatusChange`: the transport.
    #[serde(skip_serializing_if = "Option::is_none")]
    transport: Option<&'static str>,
    /// Only in `onPaymentSuccess`: whether the dialog had been closed before the money came.
    #[serde(skip_serializing_if = "Option::is_none")]
    late: Option<bool>,
}

impl Callbacks {
    /// Reads the callbacks among the page's options. One that is not a function is left out and reported in `mistakes`.
    #[must_use]
    pub fn from_js(options: &Object, mistakes: &mut Vec<Failure>) -> Self {
        let mut handlers = Vec::new();
        for name in NAMES {
            match browser::get(options, name).dyn_into() {
                Ok(function) => handlers.push((name, function)),
                Err(value) if value.is_undefined() || value.is_null() => {}
                Err(value) => expected(name, "a function,", &browser::kind(&value)).keep_in(mistakes),
            }
        }
        Self { handlers }
    }

    /// Calls `onReady()`: the button can be used.
    pub fn ready(&self) {
        self.call("onReady", &Object::new());
    }

    /// Calls the callback of an event. The payloads are part of the page's contract (`www/ecommerce.d.ts`).
    pub fn notify(&self, event: &CallbackEvent) {
        match event {
            CallbackEvent::PopUpOpen => self.call("onPopUpOpen", &Object::new()),
            CallbackEvent::PopUpClose(reason, status) => {
                let detail = CloseDetail { reason: *reason, status: *status };
                self.call("onPopUpClose", &browser::to_object(&detail));
            }
            CallbackEvent::StatusChange(checkout, channel) => {
                self.tell("onStatusChange", checkout, Channel::as_str(*channel), None);
            }
            CallbackEvent::Success { checkout, late } => {
                self.tell("onPaymentSuccess", checkout, None, Some(*late));
            }
            CallbackEvent::Failed(checkout) => self.tell("onPaymentFailed", checkout, None, None),
            CallbackEvent::Expired(checkout) => self.tell("onExpired", checkout, None, None),
            CallbackEvent::Error(failure) => self.error(failure),
        }
    }

    /// Calls `onError({code, message, recoverable})`, and warns in the console, so that an error is never silent.
    pub fn error(&self, failure: &Failure) {
        browser::warn(&format!("{}: {}", failure.code.as_str(), failure.cause));
        self.call("onError", &browser::to_object(&failure.detail()));
    }

    fn tell(
        &self,
        name: &'static str,
        checkout: &Checkout,
        transport: Option<&'static str>,
        late: Option<bool>,
    ) {
        let detail = CheckoutDetail {
            status: checkout.status,
            checkout_id: checkout.info.checkout_id.as_deref(),
            order_id: checkout.order_id(),
            fail_reason: checkout.fail_reason,
            issue: checkout.issue,
            funds: checkout.funds(),
            currency: checkout.currency(),
            transport,
            late,
        };
        self.call(name, &browser::to_object(&detail));
    }

    fn call(&self, name: &'static str, detail: &JsValue) {
        let Some((_, function)) = self.handlers.iter().find(|(known, _)| *known == name) else { return };
        match function.call1(&JsValue::UNDEFINED, detail) {
            Err(error) => browser::report(&format!("{name} threw"), &error),
            Ok(answer) => {
                if let Ok(promise) = answer.dyn_into::<Promise>() {
                    spawn_local(async move {
                        if let Err(error) = JsFuture::from(promise).await {
                            browser::report(&format!("{name} was rejected"), &error);
                        }
                    });
                }
            }
        }
    }
}

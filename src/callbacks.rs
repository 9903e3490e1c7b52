//! What the page is told, and the promise that a page's own mistake harms nothing here.

use js_sys::{Function, Object, Promise};
use wasm_bindgen::{JsCast, JsValue};

use crate::error::{ErrorCode, Failure};
use crate::js::{self, object, optional};
use crate::options::expected;
use crate::state::{Checkout, Notice};

/// The page's callbacks, by name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Callbacks {
    given: Vec<(&'static str, Function)>,
}

const NAMES: [&str; 8] = [
    "onReady",
    "onPopUpOpen",
    "onPopUpClose",
    "onStatusChange",
    "onPaymentSuccess",
    "onPaymentFailed",
    "onExpired",
    "onError",
];

impl Callbacks {
    /// Reads the callbacks among the page's options.
    ///
    /// # Errors
    /// `invalid_option`, naming the first that is not a function.
    pub fn from_js(options: &JsValue) -> Result<Self, Failure> {
        let mut given = Vec::new();
        for name in NAMES {
            if let Some(value) = js::own_some(options, name) {
                given.push((name, value.dyn_into().map_err(|other| expected(name, "a function", &other))?));
            }
        }
        Ok(Self { given })
    }

    /// `onReady()`: the button can be used.
    pub fn ready(&self) {
        self.call("onReady", &Object::new());
    }

    /// Tells the page. The payloads are part of the page's contract (`www/ecommerce.d.ts`).
    pub fn notify(&self, notice: &Notice) {
        match notice {
            Notice::PopUpOpen => self.call("onPopUpOpen", &Object::new()),
            Notice::PopUpClose(reason, status) => self.call(
                "onPopUpClose",
                &object(&[
                    ("reason", reason.as_str().into()),
                    ("status", optional(status.map(|status| status.as_str()))),
                ]),
            ),
            Notice::StatusChange(checkout, channel) => {
                let detail = payload(checkout);
                // A plain object of our own takes any property.
                let _ = js_sys::Reflect::set(&detail, &"transport".into(), &optional(channel.as_str()));
                self.call("onStatusChange", &detail);
            }
            Notice::Success { checkout, late } => {
                let detail = payload(checkout);
                // A plain object of our own takes any property.
                let _ = js_sys::Reflect::set(&detail, &"late".into(), &(*late).into());
                self.call("onPaymentSuccess", &detail);
            }
            Notice::Failed(checkout) => self.call("onPaymentFailed", &payload(checkout)),
            Notice::Expired(checkout) => self.call("onExpired", &payload(checkout)),
            Notice::Error(failure) => self.error(failure),
        }
    }

    /// `onError({code, message, recoverable, cause})`; also in the console, so that it is never silent.
    pub fn error(&self, failure: &Failure) {
        let detail = object(&[
            ("code", failure.code.as_str().into()),
            ("message", failure.cause.as_str().into()),
            ("recoverable", failure.code.is_recoverable().into()),
        ]);
        js::warn(&[failure.code.as_str(), ": ", &failure.cause].concat());
        self.call("onError", &detail);
    }

    /// `onError` for an option that is wrong and has no effect: the widget goes on without it.
    pub fn mistake(&self, message: &str) {
        let code = ErrorCode::InvalidOption.as_str();
        js::warn(&[code, ": ", message].concat());
        let detail = [("code", code.into()), ("message", message.into()), ("recoverable", true.into())];
        self.call("onError", &object(&detail));
    }

    fn call(&self, name: &str, detail: &Object) {
        let Some((_, function)) = self.given.iter().find(|(given, _)| *given == name) else { return };
        match function.call1(&JsValue::UNDEFINED, detail) {
            Err(error) => js::report(&[name, " threw"].concat(), &error),
            Ok(answer) => {
                if let Ok(promise) = answer.dyn_into::<Promise>() {
                    let message = [name, " was rejected"].concat();
                    let then = move |answer: Result<JsValue, JsValue>| {
                        if let Err(error) = answer {
                            js::report(&message, &error);
                        }
                    };
                    js::settle(promise, Box::new(then));
                }
            }
        }
    }
}

fn payload(checkout: &Checkout) -> Object {
    let info = &checkout.info;
    object(&[
        ("status", checkout.status.as_str().into()),
        ("checkoutId", optional(info.checkout_id.as_deref())),
        ("orderId", optional(checkout.order_id.as_deref())),
        ("failReason", optional(checkout.fail_reason.map(|reason| reason.as_str()))),
        ("issue", optional(checkout.issue.map(|issue| issue.as_str()))),
        ("funds", optional(info.funds.as_deref())),
        ("currency", optional(info.currency.as_deref())),
    ])
}

//! Calls the page's callbacks. A callback that throws or rejects is reported to the console and does no other harm.

use banq_checkout_wire::{FailReason, Issue, Status};
use js_sys::{Function, Object, Promise};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{CustomEvent, CustomEventInit, Element, ShadowRoot};

use crate::browser;
use crate::error::Failure;
use crate::options::expected;
use crate::state::{CallbackEvent, Channel, Checkout, CloseReason};

/// The names of the options that are callbacks.
pub const NAMES: [&str; 10] = [
    "onReady",
    "onClick",
    "onPopUpOpen",
    "onPopUpClose",
    "onStatusChange",
    "onAgreed",
    "onPaymentSuccess",
    "onPaymentFailed",
    "onExpired",
    "onError",
];

/// The page's callbacks, by name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Callbacks {
    handlers: Vec<(&'static str, Function)>,
    /// The element in the page's container, at which the DOM events are sent.
    host: Option<Element>,
    /// The callbacks of a Rust program.
    #[cfg(feature = "component")]
    pub(crate) listener: Listener,
}

/// The callbacks of a Rust program, which gets the events as they are.
#[cfg(feature = "component")]
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Listener {
    /// Decides whether a press of the button opens the dialog.
    pub(crate) click: Option<yew::Callback<(), bool>>,
    /// Hears that the button can be used.
    pub(crate) ready: yew::Callback<()>,
    /// Gets every other event.
    pub(crate) event: yew::Callback<CallbackEvent>,
}

/// The options of a DOM event: it leaves the shadow tree, and can be heard at any element around the widget.
#[derive(Serialize)]
struct EventInit {
    bubbles: bool,
    composed: bool,
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
        // The loader puts the shadow root in the place of the page's selector.
        let host = browser::get(options, "selector").dyn_into().map(|root: ShadowRoot| root.host()).ok();
        Self {
            handlers,
            host,
            #[cfg(feature = "component")]
            listener: Listener::default(),
        }
    }

    /// Calls `onReady()`: the button can be used.
    pub fn ready(&self) {
        self.call("onReady", "banq:ready", &Object::new());
        #[cfg(feature = "component")]
        self.listener.ready.emit(());
    }

    /// Calls `onClick()`, and returns its answer, which may be a promise. Returns `None` if the page has no such
    /// callback.
    #[must_use]
    pub fn click(&self) -> Option<Result<JsValue, JsValue>> {
        #[cfg(feature = "component")]
        if let Some(callback) = &self.listener.click {
            return Some(Ok(callback.emit(()).into()));
        }
        self.find("onClick").map(|function| function.call0(&JsValue::UNDEFINED))
    }

    /// Calls the callback of an event. The payloads are part of the page's contract (`www/ecommerce.d.ts`).
    pub fn notify(&self, event: &CallbackEvent) {
        // An error has a function of its own.
        #[cfg(feature = "component")]
        if !matches!(event, CallbackEvent::Error(_)) {
            self.listener.event.emit(event.clone());
        }
        match event {
            CallbackEvent::PopUpOpen => self.call("onPopUpOpen", "banq:open", &Object::new()),
            CallbackEvent::PopUpClose(reason, status) => {
                let detail = CloseDetail { reason: *reason, status: *status };
                self.call("onPopUpClose", "banq:close", &browser::to_object(&detail));
            }
            CallbackEvent::StatusChange(checkout, channel) => {
                self.tell(["onStatusChange", "banq:status"], checkout, Channel::as_str(*channel), None);
            }
            CallbackEvent::Agreed(checkout) => self.tell(["onAgreed", "banq:agreed"], checkout, None, None),
            CallbackEvent::Success { checkout, late } => {
                self.tell(["onPaymentSuccess", "banq:paid"], checkout, None, Some(*late));
            }
            CallbackEvent::Failed(checkout) => {
                self.tell(["onPaymentFailed", "banq:failed"], checkout, None, None);
            }
            CallbackEvent::Expired(checkout) => {
                self.tell(["onExpired", "banq:expired"], checkout, None, None);
            }
            CallbackEvent::Error(failure) => self.error(failure),
        }
    }

    /// Calls `onError({code, message, recoverable})`, and warns in the console, so that an error is never silent.
    pub fn error(&self, failure: &Failure) {
        browser::warn(&format!("{}: {}", failure.code.as_str(), failure.cause));
        self.call("onError", "banq:error", &browser::to_object(&failure.detail()));
        #[cfg(feature = "component")]
        self.listener.event.emit(CallbackEvent::Error(failure.clone()));
    }

    fn tell(
        &self,
        [name, event]: [&'static str; 2],
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
        self.call(name, event, &browser::to_object(&detail));
    }

    fn find(&self, name: &str) -> Option<&Function> {
        self.handlers.iter().find(|(known, _)| *known == name).map(|(_, function)| function)
    }

    /// Calls a callback, and sends the DOM event of the same meaning.
    fn call(&self, name: &'static str, event: &str, detail: &JsValue) {
        self.run(name, detail);
        if let Some(host) = &self.host {
            let init = browser::to_object(&EventInit { bubbles: true, composed: true });
            let init: CustomEventInit = init.unchecked_into();
            init.set_detail(detail);
            // Fails only for an event that is being sent already.
            let _ = CustomEvent::new_with_event_init_dict(event, &init)
                .and_then(|event| host.dispatch_event(&event));
        }
    }

    fn run(&self, name: &'static str, detail: &JsValue) {
        let Some(function) = self.find(name) else { return };
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

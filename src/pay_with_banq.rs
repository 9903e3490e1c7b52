//! The widget as a component of a Yew application, with typed properties.
//!
//! - [`PaymentSource`]: the source of the payment link
//! - [`Texts`]: another language than English; [`ButtonLabel`]: the words on the button
//! - [`Payment`]: what a callback tells

mod label;
mod payment;
mod source;
mod texts;

use std::rc::Rc;

use banq_checkout_wire::Status;
use wasm_bindgen::JsValue;
use yew::prelude::*;

pub use self::{label::ButtonLabel, payment::Payment, source::PaymentSource, texts::Texts};
use crate::browser;
use crate::callbacks::{Callbacks, Listener};
use crate::checkout::{Message, Props};
use crate::error::Failure;
use crate::messages::Messages;
use crate::mount::Mounted;
use crate::options::{self, Button, Options, Shop, expected};
use crate::state::{CallbackEvent, Channel};

pub use crate::error::ErrorCode;
pub use crate::options::{Presentation, Theme};
pub use crate::payment_url::Environment;
pub use crate::state::CloseReason;

/// The longest `grace_seconds`: a day.
const LONGEST_GRACE: u32 = 86_400;

/// The properties of [`PayWithBanq`]; docs/options.md and docs/callbacks.md describe each.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct PayWithBanqProps {
    /// The source of the payment link.
    pub source: PaymentSource,
    /// The `id` of the element around the button. A page with several widgets gives each its own, so that a reload
    /// finds the payment of each again.
    #[prop_or_default]
    pub id: Option<AttrValue>,
    /// Which payment links are acceptable.
    #[prop_or_default]
    pub environment: Environment,
    /// The dialog's colours.
    #[prop_or_default]
    pub theme: Theme,
    /// How the hosted payment page is shown.
    #[prop_or_default]
    pub presentation: Presentation,
    /// The language of the texts; English by default.
    #[prop_or_default]
    pub texts: Option<Texts>,
    /// The locale of amounts and dates, BCP 47; by default that of the texts.
    #[prop_or_default]
    pub locale: Option<AttrValue>,
    /// The shop's name in the dialog's heading.
    #[prop_or_default]
    pub shop_name: Option<AttrValue>,
    /// The address of the shop's logo.
    #[prop_or_default]
    pub shop_logo: Option<AttrValue>,
    /// Where a shopper who is stuck finds help.
    #[prop_or_default]
    pub support_url: Option<AttrValue>,
    /// Where "Done" leads after a payment.
    #[prop_or_default]
    pub return_url: Option<AttrValue>,
    /// The words on the button.
    #[prop_or_default]
    pub label: ButtonLabel,
    /// The button cannot be pressed.
    #[prop_or_default]
    pub disabled: bool,
    /// The button shows that the page is working, and cannot be pressed.
    #[prop_or_default]
    pub loading: bool,
    /// Seconds after closing or expiry in which a late payment is still reported; at most 86,400.
    #[prop_or(600)]
    pub grace_seconds: u32,
    /// The console gets a timeline.
    #[prop_or_default]
    pub debug: bool,
    /// The button can be used.
    #[prop_or_default]
    pub on_ready: Callback<()>,
    /// The button was pressed. The dialog opens if the answer is `true`, or without this callback.
    #[prop_or_default]
    pub on_click: Option<Callback<(), bool>>,
    /// The dialog opened.
    #[prop_or_default]
    pub on_popup_open: Callback<()>,
    /// The dialog closed, with this status of the payment if there is one.
    #[prop_or_default]
    pub on_popup_close: Callback<(CloseReason, Option<Status>)>,
    /// The status changed, or the transport that reports it.
    #[prop_or_default]
    pub on_status_change: Callback<(Payment, Channel)>,
    /// The shopper agreed to a payment that repeats; no money has come yet.
    #[prop_or_default]
    pub on_agreed: Callback<Payment>,
    /// Banq confirmed the payment. The second value says whether the dialog had been closed before.
    #[prop_or_default]
    pub on_payment_success: Callback<(Payment, bool)>,
    /// The payment was declined, failed, canceled or reversed.
    #[prop_or_default]
    pub on_payment_failed: Callback<Payment>,
    /// The link ended without a payment.
    #[prop_or_default]
    pub on_expired: Callback<Payment>,
    /// Something went wrong.
    #[prop_or_default]
    pub on_error: Callback<Failure>,
}

impl PayWithBanqProps {
    fn options(&self) -> Options {
        let mut mistakes = Vec::new();
        let language = self.texts.and_then(|texts| {
            let language = texts.language();
            if language.is_none() {
                mistakes.push(expected("texts", "JSON,", texts.code));
            }
            language
        });
        if self.grace_seconds > LONGEST_GRACE {
            mistakes.push(expected("grace_seconds", "0 to 86400 seconds,", &self.grace_seconds.to_string()));
        }
        let mut messages = Messages::new(JsValue::UNDEFINED, language.as_ref());
        let locale = self.locale.as_ref().and_then(|tag| options::locale(tag, &mut mistakes));
        messages.locale = locale.or(messages.locale);
        let mut address = |name, given: &Option<AttrValue>| {
            given.as_ref().and_then(|given| options::address(name, given, &mut mistakes))
        };
        let logo = address("shop_logo", &self.shop_logo);
        let (support_url, return_url) =
            (address("support_url", &self.support_url), address("return_url", &self.return_url));
        Options {
            source: self.source.checked(&mut mistakes),
            environment: self.environment,
            theme: self.theme,
            messages,
            shop: self.shop_name.as_ref().map(|name| Shop { name: name.to_string(), logo }),
            support_url,
            return_url,
            button: Button { label: self.label.text(), disabled: self.disabled, loading: self.loading },
            presentation: self.presentation,
            grace: self.grace_seconds.min(LONGEST_GRACE) * 1000,
            debug: self.debug,
            callbacks: self.callbacks(),
            mistakes,
        }
    }

    fn callbacks(&self) -> Callbacks {
        let props = self.clone();
        let event = Callback::from(move |event| props.hear(event));
        let mut callbacks = Callbacks::default();
        callbacks.listener = Listener { ready: self.on_ready.clone(), click: self.on_click.clone(), event };
        callbacks
    }

    fn hear(&self, event: CallbackEvent) {
        match event {
            CallbackEvent::PopUpOpen => self.on_popup_open.emit(()),
            CallbackEvent::PopUpClose(reason, status) => self.on_popup_close.emit((reason, status)),
            CallbackEvent::StatusChange(checkout, channel) => {
                self.on_status_change.emit(((&checkout).into(), channel));
            }
            CallbackEvent::Agreed(checkout) => self.on_agreed.emit((&checkout).into()),
            CallbackEvent::Success { checkout, late } => {
                self.on_payment_success.emit(((&checkout).into(), late));
            }
            CallbackEvent::Failed(checkout) => self.on_payment_failed.emit((&checkout).into()),
            CallbackEvent::Expired(checkout) => self.on_expired.emit((&checkout).into()),
            CallbackEvent::Error(failure) => self.on_error.emit(failure),
        }
    }
}

/// The "Pay with banq" button and its dialog, in a shadow root of its own. New properties change a widget that is in the
/// page; another [`source`](PayWithBanqProps::source) means another order.
#[component]
pub fn PayWithBanq(props: &PayWithBanqProps) -> Html {
    let container = use_node_ref();
    let mounted = use_mut_ref(|| None::<Mounted>);

    let (target, widget) = (container.clone(), mounted.clone());
    use_effect_with(props.clone(), move |props| {
        let options = Rc::new(props.options());
        let mut widget = widget.borrow_mut();
        if let Some(mounted) = &*widget {
            mounted.app().send_message(Message::Options(options));
        } else if let Some(target) = target.cast() {
            match Mounted::new(&target, Props { options, early: None }) {
                Ok(mounted) => *widget = Some(mounted),
                Err(error) => browser::report("the widget could not be drawn", &error),
            }
        }
    });
    use_effect_with((), move |()| {
        move || {
            if let Some(mounted) = mounted.take() {
                mounted.destroy();
            }
        }
    });

    html! { <div id={props.id.clone()} ref={container} /> }
}

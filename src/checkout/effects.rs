//! What the state machine asks for, and the shopper's clicks that need the browser.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::Date;
use wasm_bindgen::JsValue;
use yew::Context;

use super::{CheckoutView, Copied, Message};
use crate::error::Failure;
use crate::js;
use crate::listener::{self, Heard, Listener};
use crate::merchant::LinkRequest;
use crate::options::{Options, Presentation};
use crate::payment_info::PaymentInfo;
use crate::popup::HostedPage;
use crate::state::{Attempt, Effect, Event, PayWindow};

/// Milliseconds between two questions about one checkout, whatever asks for them: a hosted page can say "paid" as
/// often as it likes.
const AT_MOST_EVERY: f64 = 1_000.0;

impl CheckoutView {
    pub(super) fn carry_out(&mut self, context: &Context<Self>, effect: Effect) {
        match effect {
            Effect::RequestLink(attempt) => self.request_link(context, attempt),
            Effect::Listen(attempt, info) => self.listen(context, attempt, &info),
            Effect::StopListening => {
                self.listener = None;
                self.put_off = None;
            }
            Effect::Look(attempt, info) => self.look(context, attempt, &info),
            Effect::AskLater(millis) => {
                let link = context.link().clone();
                let ask = move || link.send_message(Message::Event(Event::AskAgain));
                self.later = Some(Timeout::new(millis, ask));
            }
            Effect::DirectWindow(info) => {
                if let Some(hosted) = &mut self.hosted {
                    hosted.direct(&info);
                }
            }
            Effect::CloseWindow => {
                if let Some(hosted) = self.hosted.take() {
                    hosted.close();
                }
            }
            Effect::Remember(info, dialog) => self.session.remember(&self.options, &info, dialog),
            Effect::Forget => self.session.forget(),
            Effect::StartGrace => {
                let link = context.link().clone();
                let over = move || link.send_message(Message::Event(Event::GraceOver));
                self.grace = Some(Timeout::new(self.options.grace, over));
            }
            Effect::WarnNoEvents => {
                if !self.warned {
                    self.warned = true;
                    js::warn(
                        "no eventsUrl: a payment with the phone app cannot be seen here. Let getPaymentInfo resolve to the \
                         whole answer of the shop, not its url.",
                    );
                }
            }
            Effect::Notify(notice) => self.options.callbacks.notify(&notice),
        }
    }

    fn request_link(&mut self, context: &Context<Self>, attempt: Attempt) {
        self.copied = Copied::No;
        let link = context.link().clone();
        let tell = move |answer: Result<PaymentInfo, Failure>| {
            link.send_message(Message::Event(match answer {
                Ok(info) => Event::LinkArrived(attempt, Rc::new(info)),
                Err(failure) => Event::LinkRefused(attempt, failure),
            }));
        };
        let Options { source, environment, .. } = &*self.options;
        self.request = LinkRequest::start(
            source.clone(),
            *environment,
            self.request_id.clone(),
            self.early.take(),
            Rc::new(tell),
        )
        .map(|request| (attempt, request));
    }

    pub(super) fn listen(&mut self, context: &Context<Self>, attempt: Attempt, info: &Rc<PaymentInfo>) {
        let Some(url) = info.events_url.clone() else { return };
        let now = Date::now();
        let (before, since) = (self.asked.0, now - self.asked.1);
        // A clock that was set back puts nothing off.
        if self.listener.is_some() && before == attempt && (0.0..AT_MOST_EVERY).contains(&since) {
            if self.put_off.is_none() {
                let (link, info) = (context.link().clone(), info.clone());
                let ask = move || link.send_message(Message::Listen(attempt, info));
                self.put_off = Some(Timeout::new((AT_MOST_EVERY - since) as u32, ask));
            }
            return;
        }
        self.put_off = None;
        self.asked = (attempt, now);
        let link = context.link().clone();
        let hear = move |heard| {
            link.send_message(Message::Event(match heard {
                Heard::Snapshot(snapshot) => Event::Snapshot(attempt, snapshot),
                Heard::Channel(channel) => Event::Channel(attempt, channel),
            }));
        };
        self.listener = Some(Listener::start(url, self.request_id.clone(), Rc::new(hear)));
    }

    fn look(&self, context: &Context<Self>, attempt: Attempt, info: &PaymentInfo) {
        let link = context.link().clone();
        let hear = move |snapshot| link.send_message(Message::Event(Event::Snapshot(attempt, snapshot)));
        listener::look(info.events_url.as_deref().unwrap_or_default(), &self.request_id, Rc::new(hear));
    }

    /// Runs in the task of the click, or the browser would block the window.
    pub(super) fn open_hosted_page(&mut self, context: &Context<Self>) {
        let open = self.state.window == PayWindow::Open;
        if open && self.hosted.as_ref().is_some_and(HostedPage::focus) {
            return;
        }
        let info = self.state.checkout().map(|checkout| &*checkout.info);
        let tell = context.link().callback(Message::Window);
        self.hosted = match (self.options.presentation, info) {
            (Presentation::Popup, info) => HostedPage::open(info, self.opener.as_ref(), tell),
            (Presentation::Frame, Some(info)) => {
                Some(HostedPage::framed(self.nodes.frame.clone(), &info.url, tell))
            }
            (Presentation::Redirect, Some(info)) => {
                return js::go_to(&js_sys::global(), info.url.as_str());
            }
            (Presentation::Frame | Presentation::Redirect, None) => return,
        };
        let event = if self.hosted.is_some() { Event::WindowOpened } else { Event::WindowBlocked };
        self.happen(context, event);
    }

    pub(super) fn copy(&self, context: &Context<Self>) {
        let Some(checkout) = self.state.checkout() else { return };
        let text = checkout.info.url.as_str();
        // Absent outside a secure context.
        let clipboard = web_sys::window().and_then(|window| js::get_some(&window.navigator(), "clipboard"));
        let written = clipboard.map(|clipboard| js::call_method(&clipboard, "writeText", &text.into()));
        let link = context.link().clone();
        let tell = move |done: Result<JsValue, JsValue>| {
            link.send_message(Message::Copied(if done.is_ok() { Copied::Yes } else { Copied::Refused }));
        };
        match written {
            Some(Ok(promise)) => js::settle(js_sys::Promise::resolve(&promise), Box::new(tell)),
            Some(Err(error)) => tell(Err(error)),
            None => tell(Err(JsValue::UNDEFINED)),
        }
    }
}

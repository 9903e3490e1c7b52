//! What the state machine asks for, and the shopper's clicks that need the browser.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use wasm_bindgen::JsValue;
use yew::Context;

use super::{CheckoutView, Copied, Message};
use crate::error::Failure;
use crate::js;
use crate::listener::{Heard, Listener};
use crate::merchant::LinkRequest;
use crate::options::{Options, Presentation};
use crate::payment_info::PaymentInfo;
use crate::popup::HostedPage;
use crate::session;
use crate::state::{Attempt, Effect, Event, PayWindow};

impl CheckoutView {
    pub(super) fn carry_out(&mut self, context: &Context<Self>, effect: Effect) {
        match effect {
            Effect::RequestLink(attempt) => self.request_link(context, attempt),
            Effect::Listen(attempt, info) => self.listen(context, attempt, &info),
            Effect::StopListening => self.listener = None,
            Effect::DirectWindow(info) => {
                if let Some(hosted) = &mut self.hosted {
                    hosted.direct(&info.url);
                }
            }
            Effect::CloseWindow => {
                if let Some(hosted) = self.hosted.take() {
                    hosted.close();
                }
            }
            Effect::Remember(info, dialog) => session::remember(&self.options, &info, dialog),
            Effect::Forget => session::forget(&self.options),
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
        self.request =
            LinkRequest::start(source.clone(), *environment, self.request_id.clone(), Rc::new(tell))
                .map(|request| (attempt, request));
    }

    fn listen(&mut self, context: &Context<Self>, attempt: Attempt, info: &PaymentInfo) {
        let Some(url) = info.events_url.clone() else { return };
        let link = context.link().clone();
        let hear = move |heard| {
            link.send_message(Message::Event(match heard {
                Heard::Snapshot(snapshot) => Event::Snapshot(attempt, snapshot),
                Heard::Channel(channel) => Event::Channel(attempt, channel),
            }));
        };
        self.listener = Some(Listener::start(url, self.request_id.clone(), Rc::new(hear)));
    }

    /// Runs in the task of the click, or the browser would block the window.
    pub(super) fn open_hosted_page(&mut self, context: &Context<Self>) {
        let open = self.state.window == PayWindow::Open;
        if open && self.hosted.as_ref().is_some_and(HostedPage::focus) {
            return;
        }
        let url = self.state.checkout().map(|checkout| &checkout.info.url);
        let tell = context.link().callback(Message::Window);
        self.hosted = match (self.options.presentation, url) {
            (Presentation::Popup, url) => HostedPage::open(url, tell),
            (Presentation::Frame, Some(url)) => Some(HostedPage::framed(self.nodes.frame.clone(), url, tell)),
            (Presentation::Redirect, Some(url)) => return js::go_to(&js_sys::global(), url.as_str()),
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

//! Runs the effects of the state machine, and the shopper's clicks that need the browser.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::Date;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use yew::Context;
use yew::html::Scope;

use super::{CheckoutView, CopyState, Message};
use crate::browser;
use crate::error::Failure;
use crate::hosted_page::{self, HostedPage};
use crate::http;
use crate::link_request::LinkRequest;
use crate::options::{Options, Presentation};
use crate::payment_info::PaymentInfo;
use crate::state::{Attempt, Effect, Event, PayWindow};
use crate::status_channel::{ChannelReport, StatusChannel, fetch_snapshot};

/// Minimum milliseconds between two questions about one checkout, because a hosted page can say "paid" as often as it
/// likes.
const AT_MOST_EVERY: f64 = 1_000.0;

/// Sends the component a message after `millis` milliseconds.
pub(super) fn send_later(link: &Scope<CheckoutView>, millis: u32, message: Message) -> Timeout {
    let link = link.clone();
    Timeout::new(millis, move || link.send_message(message))
}

impl CheckoutView {
    pub(super) fn run_effect(&mut self, context: &Context<Self>, effect: Effect) {
        match effect {
            Effect::RequestLink(attempt) => self.request_link(context, attempt),
            Effect::Listen(attempt, info) => self.listen(context, attempt, &info),
            Effect::StopListening => {
                self.channel = None;
                self.put_off = None;
            }
            Effect::Look(attempt, info) => self.look(context, attempt, &info),
            Effect::AskLater(millis) => {
                self.later = Some(send_later(context.link(), millis, Message::Event(Event::AskAgain)));
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
            Effect::Remember(info, dialog) => self.storage.save(&self.options, &info, dialog),
            Effect::Forget => self.storage.clear(),
            Effect::StartGrace => {
                self.grace =
                    Some(send_later(context.link(), self.options.grace, Message::Event(Event::GraceOver)));
            }
            Effect::WarnNoEvents => {
                if !self.warned {
                    self.warned = true;
                    browser::warn(
                        "no eventsUrl: a payment by phone cannot be seen here. Let getPaymentInfo resolve to the \
                         shop's whole answer.",
                    );
                }
            }
            Effect::Notify(notice) => self.options.callbacks.notify(&notice),
        }
    }

    fn request_link(&mut self, context: &Context<Self>, attempt: Attempt) {
        self.copied = CopyState::Ready;
        let link = context.link().clone();
        let done = move |answer: Result<PaymentInfo, Failure>| {
            link.send_message(Message::Event(match answer {
                Ok(info) => Event::LinkArrived(attempt, Rc::new(info)),
                Err(failure) => Event::LinkRefused(attempt, failure),
            }));
        };
        let Options { source, environment, .. } = &*self.options;
        let early = self.early.take();
        self.request = LinkRequest::start(source.clone(), *environment, self.request_id.clone(), early, done)
            .map(|request| (attempt, request));
    }

    pub(super) fn listen(&mut self, context: &Context<Self>, attempt: Attempt, info: &Rc<PaymentInfo>) {
        let Some(url) = info.events_url.clone() else { return };
        let now = Date::now();
        let (before, since) = (self.asked.0, now - self.asked.1);
        // A clock that was set back delays no question.
        if self.channel.is_some() && before == attempt && (0.0..AT_MOST_EVERY).contains(&since) {
            if self.put_off.is_none() {
                let wait = (AT_MOST_EVERY - since) as u32;
                self.put_off = Some(send_later(context.link(), wait, Message::Listen(attempt, info.clone())));
            }
            return;
        }
        self.put_off = None;
        self.asked = (attempt, now);
        let link = context.link().clone();
        let on_report = move |report| {
            link.send_message(Message::Event(match report {
                ChannelReport::Snapshot(snapshot) => Event::Snapshot(attempt, snapshot),
                ChannelReport::Transport(channel) => Event::Channel(attempt, channel),
            }));
        };
        self.channel = Some(StatusChannel::open(url, self.request_id.clone(), on_report));
    }

    fn look(&self, context: &Context<Self>, attempt: Attempt, info: &PaymentInfo) {
        let Some(events_url) = info.events_url.clone() else { return };
        let (link, request_id) = (context.link().clone(), self.request_id.clone());
        spawn_local(async move {
            if let Some(snapshot) = fetch_snapshot(&events_url, &request_id).await {
                link.send_message(Message::Event(Event::Snapshot(attempt, snapshot)));
            }
        });
    }

    /// Opens the dialog, unless the page's `onClick` objects: it may return `false`, or a promise of it.
    pub(super) fn press(&self, context: &Context<Self>) {
        let link = context.link().clone();
        let Some(answer) = self.options.callbacks.click() else {
            return link.send_message(Message::Event(Event::Open));
        };
        spawn_local(async move {
            match http::settled(answer).await {
                Ok(answer) if answer == JsValue::FALSE => {}
                Ok(_) => link.send_message(Message::Event(Event::Open)),
                Err(error) => browser::report("onClick failed", &error),
            }
        });
    }

    /// Goes to the page's `returnUrl`, if it gave one.
    pub(super) fn return_to_shop(&self) {
        if let (Some(url), Some(window)) = (&self.options.return_url, web_sys::window()) {
            // Fails only for an address that cannot be read, and this one was.
            let _ = window.location().set_href(url);
        }
    }

    /// Opens the hosted page. Must run in the task of the click, or the browser would block the window.
    pub(super) fn open_hosted_page(&mut self, context: &Context<Self>) {
        let open = self.state.window == PayWindow::Open;
        if open && self.hosted.as_ref().is_some_and(HostedPage::focus) {
            return;
        }
        let info = self.state.checkout().map(|checkout| &*checkout.info);
        let tell = context.link().callback(Message::Window);
        self.hosted = match (self.options.presentation, info) {
            (Presentation::Popup | Presentation::Inline, info) => {
                HostedPage::open(info, self.opener.as_ref(), tell)
            }
            (Presentation::Iframe, Some(info)) => {
                Some(HostedPage::framed(self.nodes.frame.clone(), &info.url, tell))
            }
            (Presentation::Redirect, Some(info)) => {
                return web_sys::window().iter().for_each(|page| hosted_page::go_to(page, &info.url));
            }
            (Presentation::Iframe | Presentation::Redirect, None) => return,
        };
        let event = if self.hosted.is_some() { Event::WindowOpened } else { Event::WindowBlocked };
        self.dispatch(context, event);
    }

    pub(super) fn copy(&self, context: &Context<Self>) {
        let Some(checkout) = self.state.checkout() else { return };
        let url = checkout.info.url.as_str().to_owned();
        let link = context.link().clone();
        spawn_local(async move {
            let written = http::settled(write_text(&url)).await;
            let copied = if written.is_ok() { CopyState::Copied } else { CopyState::Refused };
            link.send_message(Message::Copied(copied));
        });
    }
}

#[wasm_bindgen]
extern "C" {
    /// Throws outside a secure context, where the browser has no clipboard.
    #[wasm_bindgen(js_namespace = ["navigator", "clipboard"], js_name = writeText, catch)]
    fn write_text(text: &str) -> Result<JsValue, JsValue>;
}

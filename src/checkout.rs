//! The component: carries out the effects that the state machine asks for and feeds back what happens.

use std::rc::Rc;

use banq_checkout_wire::Status;
use gloo_timers::callback::{Interval, Timeout};
use wasm_bindgen::JsValue;
use web_sys::{Element, HtmlDialogElement};
use yew::{Component, Context, Html, NodeRef, Properties};

use crate::clock::{self, Skew};
use crate::error::Failure;
use crate::js;
use crate::listener::{Heard, Listener};
use crate::merchant::LinkRequest;
use crate::options::{Options, Presentation};
use crate::payment_info::PaymentInfo;
use crate::popup::{HostedPage, WindowEvent};
use crate::session;
use crate::state::{Attempt, Dialog, Effect, Event, PayWindow, State, step};
use crate::view::{self, Scene};
use crate::words;

/// What the component is drawn with.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct Props {
    /// The page's options, checked.
    pub options: Rc<Options>,
}

/// What reaches the component.
#[derive(Debug)]
pub enum Message {
    /// Something happened to the checkout.
    Event(Event),
    /// "Pay in the browser" was pressed.
    OpenHostedPage,
    /// The hosted page did something.
    Window(WindowEvent),
    /// A second has passed.
    Tick,
    /// "Copy link" was pressed.
    Copy,
    /// Whether the link is in the clipboard now.
    Copied(Copied),
    /// The page called `update()`.
    Options(Rc<Options>),
}

/// What became of "Copy link".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Copied {
    /// Not asked for since this link was shown.
    #[default]
    No,
    /// The link is in the clipboard.
    Yes,
    /// The browser refused; the shopper can select the text.
    Refused,
}

/// The widget.
#[derive(Debug)]
pub struct CheckoutView {
    options: Rc<Options>,
    state: State,
    copied: Copied,
    request: Option<(Attempt, LinkRequest)>,
    listener: Option<Listener>,
    hosted: Option<HostedPage>,
    grace: Option<Timeout>,
    tick: Option<Interval>,
    skew: Skew,
    /// The deadline that was announced as over.
    over: Option<String>,
    nodes: Nodes,
    touch: bool,
    request_id: String,
    warned: bool,
}

/// The elements that are more than drawn.
#[derive(Debug, Default)]
pub struct Nodes {
    /// The `<dialog>`.
    pub dialog: NodeRef,
    /// The countdown; its text is written each second without drawing anything else.
    pub clock: NodeRef,
    /// The frame with the hosted page.
    pub frame: NodeRef,
}

impl Component for CheckoutView {
    type Message = Message;
    type Properties = Props;

    fn create(context: &Context<Self>) -> Self {
        Self {
            options: context.props().options.clone(),
            state: State::default(),
            copied: Copied::No,
            request: None,
            listener: None,
            hosted: None,
            grace: None,
            tick: None,
            skew: Skew::default(),
            over: None,
            nodes: Nodes::default(),
            touch: js::matches("(pointer: coarse)"),
            request_id: js::random_id(),
            warned: false,
        }
    }

    fn update(&mut self, context: &Context<Self>, message: Message) -> bool {
        match message {
            Message::Event(event) => self.happen(context, event),
            Message::OpenHostedPage => self.open_hosted_page(context),
            Message::Window(WindowEvent::Said(message)) => self.happen(context, Event::Hosted(message)),
            Message::Window(WindowEvent::Closed) => {
                self.hosted = None;
                self.happen(context, Event::WindowClosed);
            }
            Message::Tick => return self.count_down(context),
            Message::Copy => self.copy(context),
            Message::Copied(copied) => self.copied = copied,
            Message::Options(options) => self.options = options,
        }
        true
    }

    fn view(&self, context: &Context<Self>) -> Html {
        view::widget(&Scene {
            state: &self.state,
            options: &self.options,
            copied: self.copied,
            nodes: &self.nodes,
            touch: self.touch,
            link: context.link(),
        })
    }

    /// What the browser does not let be drawn: whether a dialog is open. And the countdown's seconds.
    fn rendered(&mut self, context: &Context<Self>, first: bool) {
        if let Some(dialog) = self.nodes.dialog.cast::<HtmlDialogElement>() {
            match self.state.dialog {
                Dialog::Open | Dialog::Asking => {
                    show(&dialog);
                    keep_focus(&dialog);
                }
                Dialog::Closed if dialog.open() => dialog.close(),
                Dialog::Closed => {}
            }
        }
        let counting = self.state.dialog != Dialog::Closed && self.deadline().is_some();
        if counting && self.tick.is_none() {
            let link = context.link().clone();
            self.tick = Some(Interval::new(1000, move || link.send_message(Message::Tick)));
        } else if !counting {
            self.tick = None;
        }
        if counting {
            self.write_clock();
        }
        if first {
            self.options.callbacks.ready();
            if let Some((info, dialog)) = session::recall(&self.options) {
                context.link().send_message(Message::Event(Event::Resume(Rc::new(info), dialog)));
            }
        }
    }

    fn destroy(&mut self, context: &Context<Self>) {
        // Idempotent; for a component that goes without `destroyWidget()`.
        self.happen(context, Event::Destroy);
    }
}

impl CheckoutView {
    fn happen(&mut self, context: &Context<Self>, event: Event) {
        match &event {
            Event::Snapshot(_, snapshot) => self.skew = Skew::of(snapshot),
            // It is answered, and has nothing left to wait for.
            Event::LinkArrived(attempt, _) | Event::LinkRefused(attempt, _) => {
                self.request = self.request.take().filter(|(asked, _)| asked != attempt);
            }
            _ => {}
        }
        let name = self.options.debug.then(|| event.name());
        let (state, effects) = step(std::mem::take(&mut self.state), event);
        self.state = state;
        if let Some(name) = name {
            let status = self.state.checkout().map_or("", |checkout| checkout.status.as_str());
            let asks = effects.iter().any(|effect| matches!(effect, Effect::RequestLink(_)));
            let asks = if asks { ", asking for a link" } else { "" };
            js::debug(&[&self.request_id, ": ", name, " → ", status, asks].concat());
        }
        for effect in effects {
            self.carry_out(context, effect);
        }
    }

    fn carry_out(&mut self, context: &Context<Self>, effect: Effect) {
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
    fn open_hosted_page(&mut self, context: &Context<Self>) {
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

    /// When the link that is waited on ends.
    fn deadline(&self) -> Option<&str> {
        let checkout = self.state.checkout().filter(|checkout| checkout.status == Status::Pending)?;
        checkout.expires_at.as_deref()
    }

    fn seconds_left(&self) -> Option<u32> {
        self.skew.seconds_until(self.deadline()?)
    }

    fn write_clock(&self) {
        if let (Some(clock), Some(seconds)) = (self.nodes.clock.cast::<Element>(), self.seconds_left()) {
            let text = if seconds == 0 {
                words::TIME_IS_UP.to_owned()
            } else {
                [words::TIME_LEFT, &clock::words(seconds)].concat()
            };
            clock.set_text_content(Some(&text));
        }
    }

    fn count_down(&mut self, context: &Context<Self>) -> bool {
        self.write_clock();
        if self.seconds_left() != Some(0) || self.over.as_deref() == self.deadline() {
            return false;
        }
        self.over = self.deadline().map(str::to_owned);
        self.happen(context, Event::TimeIsUp);
        true
    }

    fn copy(&self, context: &Context<Self>) {
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

/// Shows the dialog above everything else. One whose place in the page was moved is still open, but not above
/// everything any more.
fn show(dialog: &HtmlDialogElement) {
    if dialog.open() {
        if dialog.matches(":modal").unwrap_or(true) {
            return;
        }
        // Not `close()`, which would say that the shopper closed it.
        let _ = dialog.remove_attribute("open");
    }
    // Throws only for a dialog that has just been taken out of the page.
    let _ = dialog.show_modal();
}

/// The control that had the focus may have gone with its state: then the next thing to do has it.
fn keep_focus(dialog: &HtmlDialogElement) {
    if js::get_some(&dialog.get_root_node(), "activeElement").is_none()
        && let Ok(Some(next)) = dialog.query_selector(".action, .close")
    {
        // Fails only for an element that has just gone too.
        let _ = js::call_method(&next, "focus", &JsValue::UNDEFINED);
    }
}

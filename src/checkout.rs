//! The component: carries out the effects that the state machine asks for and feeds back what happens.

use std::rc::Rc;

use wasm_bindgen::JsValue;
use web_sys::HtmlDialogElement;
use yew::{Component, Context, Html, NodeRef, Properties};

use crate::js;
use crate::listener::{Heard, Listener};
use crate::merchant::LinkRequest;
use crate::options::Options;
use crate::payment_info::PaymentInfo;
use crate::popup::{Popup, WindowEvent};
use crate::state::{Attempt, Dialog, Effect, Event, PayWindow, State, step};
use crate::view::{self, Scene};

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
    OpenWindow,
    /// The window did something.
    Window(WindowEvent),
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
    request: Option<LinkRequest>,
    listener: Option<Listener>,
    popup: Option<Popup>,
    dialog: NodeRef,
    warned: bool,
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
            popup: None,
            dialog: NodeRef::default(),
            warned: false,
        }
    }

    fn update(&mut self, context: &Context<Self>, message: Message) -> bool {
        match message {
            Message::Event(event) => self.happen(context, event),
            Message::OpenWindow => self.open_window(context),
            Message::Window(WindowEvent::Said(message)) => self.happen(context, Event::Hosted(message)),
            Message::Window(WindowEvent::Closed) => {
                self.popup = None;
                self.happen(context, Event::WindowClosed);
            }
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
            dialog: &self.dialog,
            link: context.link(),
        })
    }

    /// The one thing that the browser does not let be drawn: whether a dialog is open.
    fn rendered(&mut self, _: &Context<Self>, first: bool) {
        if let Some(dialog) = self.dialog.cast::<HtmlDialogElement>() {
            match self.state.dialog {
                Dialog::Open if !dialog.open() => {
                    // Throws only for a dialog that has just been taken out of the page.
                    let _ = dialog.show_modal();
                }
                Dialog::Closed if dialog.open() => dialog.close(),
                Dialog::Open | Dialog::Closed => {}
            }
        }
        if first {
            self.options.callbacks.ready();
        }
    }

    fn destroy(&mut self, context: &Context<Self>) {
        // Idempotent; for a component that goes without `destroyWidget()`.
        self.happen(context, Event::Destroy);
    }
}

impl CheckoutView {
    fn happen(&mut self, context: &Context<Self>, event: Event) {
        let (state, effects) = step(std::mem::take(&mut self.state), event);
        self.state = state;
        for effect in effects {
            self.carry_out(context, effect);
        }
    }

    fn carry_out(&mut self, context: &Context<Self>, effect: Effect) {
        match effect {
            Effect::RequestLink(attempt) => self.request_link(context, attempt),
            Effect::Listen(attempt, info) => self.listen(context, attempt, &info),
            Effect::StopListening => self.listener = None,
            Effect::CloseWindow => {
                if let Some(popup) = self.popup.take() {
                    popup.close();
                }
            }
            Effect::WarnNoEvents => {
                if !self.warned {
                    self.warned = true;
                    js::warn(
                        "getPaymentInfo gave no eventsUrl, so a payment made with the phone app cannot be seen \
                         here. Resolve to the whole `data` object of the shop's answer instead of its `url`.",
                    );
                }
            }
            Effect::Notify(notice) => self.options.callbacks.notify(&notice),
        }
    }

    fn request_link(&mut self, context: &Context<Self>, attempt: Attempt) {
        self.copied = Copied::No;
        let tell = context.link().callback(move |answer| {
            Message::Event(match answer {
                Ok(info) => Event::LinkArrived(attempt, Rc::new(info)),
                Err(failure) => Event::LinkRefused(attempt, failure),
            })
        });
        self.request = LinkRequest::start(self.options.clone(), tell);
    }

    fn listen(&mut self, context: &Context<Self>, attempt: Attempt, info: &PaymentInfo) {
        let Some(url) = info.events_url.clone() else { return };
        let tell = context.link().callback(move |heard| {
            Message::Event(match heard {
                Heard::Snapshot(snapshot) => Event::Snapshot(attempt, snapshot),
                Heard::Lost => Event::ChannelLost(attempt),
            })
        });
        self.listener = Some(Listener::start(url, tell));
    }

    /// Runs in the task of the click, or the browser would block the window.
    fn open_window(&mut self, context: &Context<Self>) {
        if self.state.window == PayWindow::Open && self.popup.as_ref().is_some_and(Popup::focus) {
            return;
        }
        let Some(checkout) = self.state.checkout() else { return };
        let tell = context.link().callback(Message::Window);
        self.popup = Popup::open(&checkout.info.url, tell);
        let event = if self.popup.is_some() { Event::WindowOpened } else { Event::WindowBlocked };
        self.happen(context, event);
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

//! The component: carries out the effects that the state machine asks for and feeds back what happens.

mod countdown;
mod effects;
mod modal;

use std::rc::Rc;

use gloo_timers::callback::{Interval, Timeout};
use web_sys::HtmlDialogElement;
use yew::{Component, Context, Html, NodeRef, Properties};

use crate::clock::Skew;
use crate::js;
use crate::listener::Listener;
use crate::merchant::{Early, LinkRequest};
use crate::options::{Options, Presentation};
use crate::payment_info::PaymentInfo;
use crate::popup::{HostedPage, Opener, WindowEvent};
use crate::session::Session;
use crate::state::{Attempt, Dialog, Effect, Event, State, step};
use crate::view::{self, Scene};

/// What the component is drawn with.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct Props {
    /// The page's options, checked.
    pub options: Rc<Options>,
    /// The request for a link that the loader made, for the first one.
    pub early: Option<Early>,
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
    /// The browser says that the dialog closed.
    DialogClosed,
    /// A second has passed.
    Tick,
    /// "Copy link" was pressed.
    Copy,
    /// Whether the link is in the clipboard now.
    Copied(Copied),
    /// The page called `update()`.
    Options(Rc<Options>),
    /// A question about this attempt was put off, and may be asked now.
    Listen(Attempt, Rc<PaymentInfo>),
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
    /// What the loader asked for, until the first request.
    early: Option<Early>,
    session: Session,
    listener: Option<Listener>,
    /// Which attempt was asked about last, and when.
    asked: (Attempt, f64),
    /// A question that is put off.
    put_off: Option<Timeout>,
    /// The next question to a shop that could not answer.
    later: Option<Timeout>,
    hosted: Option<HostedPage>,
    /// Outlives the hosted page, which it opens.
    opener: Option<Opener>,
    grace: Option<Timeout>,
    tick: Option<Interval>,
    skew: Skew,
    /// The deadline that was announced as over.
    over: Option<String>,
    nodes: Nodes,
    /// Whether the dialog was open when it was last drawn.
    shown: bool,
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
            early: context.props().early.clone(),
            session: Session::default(),
            listener: None,
            asked: (0, 0.0),
            put_off: None,
            later: None,
            hosted: None,
            opener: None,
            grace: None,
            tick: None,
            skew: Skew::default(),
            over: None,
            nodes: Nodes::default(),
            shown: false,
            touch: js::matches("(pointer: coarse)"),
            request_id: context.props().early.as_ref().map_or_else(js::random_id, Early::request_id),
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
            Message::DialogClosed if self.shown => {
                self.happen(context, Event::Close(crate::state::CloseReason::User));
            }
            // The browser says late what we closed ourselves; it may be about to be shown again.
            Message::DialogClosed => return false,
            Message::Tick => return self.count_down(context),
            Message::Copy => self.copy(context),
            Message::Copied(copied) => self.copied = copied,
            Message::Options(options) => {
                let before = std::mem::replace(&mut self.options, options);
                let same = before.source.is_same(&self.options.source);
                if !same {
                    self.early = None;
                }
                if !same || before.environment != self.options.environment {
                    self.happen(context, Event::SourceChanged);
                }
            }
            Message::Listen(attempt, info) => {
                self.put_off = None;
                self.listen(context, attempt, &info);
                return false;
            }
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
                    modal::show(&dialog);
                    modal::keep_focus(&dialog);
                    if self.opener.is_none() && self.options.presentation == Presentation::Popup {
                        self.opener = Opener::new();
                    }
                }
                Dialog::Closed if dialog.open() => dialog.close(),
                Dialog::Closed => {}
            }
        }
        self.shown = self.state.dialog != Dialog::Closed;
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
            if let Some((info, dialog)) = self.session.recall(&self.options) {
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
}

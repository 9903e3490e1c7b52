//! The component: carries out the effects that the state machine asks for and feeds back what happens.

mod countdown;
mod effects;
mod modal_dialog;
mod receipt;

use std::rc::Rc;

use gloo_timers::callback::{Interval, Timeout};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlCanvasElement, ShadowRoot};
use yew::{Component, Context, Html, NodeRef, Properties};

use self::modal_dialog::ModalDialog;
use crate::browser;
use crate::error::Failure;
use crate::hidden_frame::HiddenFrame;
use crate::hosted_page::{HostedPage, OPENER_STYLE, WindowEvent};
use crate::link_request::{EarlyAnswer, LinkRequest};
use crate::locale::format_duration;
use crate::options::{Options, Presentation, Theme};
use crate::payment_info::PaymentInfo;
use crate::resume_storage::ResumeStorage;
use crate::server_clock::ClockOffset;
use crate::state::{Attempt, CloseReason, Dialog, Effect, Event, State, step};
use crate::status_channel::StatusChannel;
use crate::view::{self, ViewProps};

/// The properties of the component.
#[derive(Debug, Clone, Properties)]
pub struct Props {
    /// The page's options, checked.
    pub options: Rc<Options>,
    /// The answer to the request that the loader sent before the widget was loaded.
    #[prop_or_default]
    pub early: Option<EarlyAnswer>,
}

/// Equal options are the same object: comparing their content would tell a parent nothing that it needs.
impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.options, &other.options) && self.early == other.early
    }
}

/// A message to the component.
#[derive(Debug)]
pub enum Message {
    /// An event of the checkout.
    Event(Event),
    /// The shopper pressed the button in the page.
    Pressed,
    /// The shopper pressed "Continue on this device".
    OpenHostedPage,
    /// The shopper leaves the hosted page in the frame.
    BackToCode,
    /// The shopper pressed "Done" after a payment.
    Done,
    /// The shopper pressed "Print receipt".
    Print,
    /// An event of the hosted page.
    Window(WindowEvent),
    /// The browser reports that the dialog closed.
    DialogClosed,
    /// The dialog got another size, or none: the page may have hidden an element around it.
    DialogResized,
    /// The link request was sent, so the dialog can be drawn.
    Draw,
    /// A second has passed.
    Tick,
    /// The shopper pressed "Copy link".
    Copy,
    /// The result of copying the link.
    Copied(CopyState),
    /// The page called `update()`.
    Options(Rc<Options>),
    /// A question about this attempt was delayed, and may be sent now.
    Listen(Attempt, Rc<PaymentInfo>),
}

/// Whether the link was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CopyState {
    /// The shopper has not copied this link yet.
    #[default]
    Ready,
    /// The link is in the clipboard.
    Copied,
    /// The browser refused to copy; the shopper can select the text.
    Refused,
}

/// The component of the widget.
#[derive(Debug)]
pub struct CheckoutView {
    options: Rc<Options>,
    state: State,
    copied: CopyState,
    request: Option<(Attempt, LinkRequest)>,
    /// The answer to the loader's request, until it is used.
    early: Option<EarlyAnswer>,
    storage: ResumeStorage,
    channel: Option<StatusChannel>,
    /// The attempt that was asked about last, and when.
    asked: (Attempt, f64),
    /// The timer of a delayed question.
    put_off: Option<Timeout>,
    /// The timer of the next question to a shop that could not answer.
    later: Option<Timeout>,
    hosted: Option<HostedPage>,
    /// The frame that opens the hosted page; it lives longer than that page.
    opener: Option<HiddenFrame>,
    grace: Option<Timeout>,
    tick: Option<Interval>,
    clock_offset: ClockOffset,
    /// The deadline whose end was already reported.
    over: Option<String>,
    nodes: NodeRefs,
    modal: Option<ModalDialog>,
    /// The canvas, and the link that is drawn on it.
    drawn: Option<(HtmlCanvasElement, String)>,
    /// Whether the dialog was open when it was last drawn.
    shown: bool,
    touch: bool,
    /// The page's colours: those of `color-scheme` where the widget stands, when the dialog was opened.
    page_theme: Theme,
    request_id: String,
    warned: bool,
}

/// The elements that the component needs after drawing them.
#[derive(Debug, Default)]
pub struct NodeRefs {
    /// The `<dialog>`.
    pub dialog: NodeRef,
    /// The countdown; its text is written each second without drawing anything else.
    pub clock: NodeRef,
    /// The QR code's canvas.
    pub code: NodeRef,
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
            copied: CopyState::Ready,
            request: None,
            early: context.props().early.clone(),
            storage: ResumeStorage::default(),
            channel: None,
            asked: (0, 0.0),
            put_off: None,
            later: None,
            hosted: None,
            opener: None,
            grace: None,
            tick: None,
            clock_offset: ClockOffset::default(),
            over: None,
            nodes: NodeRefs::default(),
            modal: None,
            drawn: None,
            shown: false,
            touch: browser::matches("(pointer: coarse)"),
            page_theme: Theme::Auto,
            request_id: context
                .props()
                .early
                .as_ref()
                .map_or_else(browser::random_id, EarlyAnswer::request_id),
            warned: false,
        }
    }

    fn update(&mut self, context: &Context<Self>, message: Message) -> bool {
        match message {
            Message::Event(event) => {
                if matches!(event, Event::Open | Event::Resume(..)) {
                    self.page_theme = self.theme_of_page();
                }
                let asked = self.request.is_some();
                self.dispatch(context, event);
                if !asked && self.request.is_some() {
                    // The request is sent before the dialog is drawn, because tasks run in the order in which they were
                    // queued.
                    let link = context.link().clone();
                    spawn_local(async move { link.send_message(Message::Draw) });
                    return false;
                }
            }
            Message::Draw => {}
            Message::Pressed => {
                self.press(context);
                return false;
            }
            Message::OpenHostedPage => self.open_hosted_page(context),
            Message::BackToCode => context.link().send_message(Message::Window(WindowEvent::Closed)),
            Message::Done => {
                self.dispatch(context, Event::Close(CloseReason::User));
                self.return_to_shop();
            }
            Message::Print => {
                self.print_receipt();
                return false;
            }
            Message::Window(WindowEvent::Said(message)) => self.dispatch(context, Event::Hosted(message)),
            Message::Window(WindowEvent::Closed) => {
                self.hosted = None;
                self.dispatch(context, Event::WindowClosed);
            }
            // The browser reports late what the component closed itself, or a dialog that was closed and shown again.
            Message::DialogClosed => {
                if !self.shown || self.modal.as_ref().is_some_and(ModalDialog::is_open) {
                    return false;
                }
                self.dispatch(context, Event::Close(CloseReason::User));
            }
            Message::DialogResized => {
                self.show_dialog();
                self.prepare_opener();
                return false;
            }
            Message::Tick => return self.count_down(context),
            Message::Copy => self.copy(context),
            Message::Copied(copied) => self.copied = copied,
            Message::Options(options) => {
                let before = std::mem::replace(&mut self.options, options);
                self.tell_mistakes(&before.mistakes);
                let same = before.source.is_same(&self.options.source);
                if !same {
                    self.early = None;
                }
                if !same || before.environment != self.options.environment {
                    self.dispatch(context, Event::SourceChanged);
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
        view::widget(&ViewProps {
            state: &self.state,
            options: &self.options,
            copied: self.copied,
            nodes: &self.nodes,
            theme: if self.options.theme == Theme::Auto { self.page_theme } else { self.options.theme },
            time_is_up: self.over.is_some() && self.over.as_deref() == self.deadline(),
            touch: self.touch,
            link: context.link(),
        })
    }

    /// Does what drawing cannot: opens or closes the dialog, and starts the countdown's timer.
    fn rendered(&mut self, context: &Context<Self>, first: bool) {
        if first {
            self.modal =
                self.nodes.dialog.cast().map(|dialog| ModalDialog::new(dialog, context.link().clone()));
        }
        self.draw_code();
        self.show_dialog();
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
            // A browser takes some milliseconds to format its first time: now, and not between a click and its QR code.
            let _ = format_duration(0, self.options.messages.locale.as_ref());
            self.tell_mistakes(&[]);
            self.storage = ResumeStorage::of(self.container().as_ref());
            if let Some((info, dialog)) = self.storage.load(&self.options) {
                context.link().send_message(Message::Event(Event::Resume(Rc::new(info), dialog)));
            }
        }
    }

    fn destroy(&mut self, context: &Context<Self>) {
        // For a component that is removed without `destroyWidget()`. A second `Destroy` has no effect.
        self.dispatch(context, Event::Destroy);
    }
}

impl CheckoutView {
    /// Opens or closes the dialog, according to the state.
    fn show_dialog(&mut self) {
        let Some(modal) = &mut self.modal else { return };
        self.shown = self.state.dialog != Dialog::Closed;
        if !self.shown {
            return modal.close();
        }
        if self.options.presentation == Presentation::Inline {
            modal.show_inline();
        } else {
            modal.show();
        }
    }

    /// Puts the frame that opens payment windows into the page when the dialog is on the screen. In the click that
    /// opens the dialog, this would delay the link request.
    fn prepare_opener(&mut self) {
        if self.opener.is_none() && self.shown && self.options.presentation.opens_window() {
            self.opener = HiddenFrame::new(OPENER_STYLE);
        }
    }

    /// Draws the link if the canvas is new or the link has changed.
    fn draw_code(&mut self) {
        let canvas: Option<HtmlCanvasElement> = self.nodes.code.cast();
        let url = self.state.checkout().map(|checkout| checkout.info.url.as_str().to_owned());
        let wanted = canvas.zip(url);
        if self.drawn != wanted {
            if let Some((canvas, url)) = &wanted {
                view::qr::draw(canvas, url);
            }
            self.drawn = wanted;
        }
    }

    /// Returns the page's element that contains the widget.
    fn container(&self) -> Option<Element> {
        let root = self.nodes.dialog.get()?.get_root_node();
        root.dyn_into::<ShadowRoot>().ok()?.host().parent_element()
    }

    /// Returns the colours that the page declares around the widget; `Auto` if it declares both or none.
    fn theme_of_page(&self) -> Theme {
        let style = self.container().zip(web_sys::window());
        let style = style.and_then(|(container, window)| window.get_computed_style(&container).ok()?);
        let scheme =
            style.and_then(|style| style.get_property_value("color-scheme").ok()).unwrap_or_default();
        match &*scheme {
            "light" | "only light" => Theme::Light,
            "dark" | "only dark" => Theme::Dark,
            _ => Theme::Auto,
        }
    }

    /// Reports each wrong option that was not reported yet to the page.
    fn tell_mistakes(&self, told: &[Failure]) {
        for mistake in self.options.mistakes.iter().filter(|mistake| !told.contains(mistake)) {
            self.options.callbacks.error(mistake);
        }
    }

    fn dispatch(&mut self, context: &Context<Self>, event: Event) {
        match &event {
            Event::Snapshot(_, snapshot) => self.clock_offset = ClockOffset::of(snapshot),
            // The request has its answer, so nothing is left to wait for.
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
            browser::debug(&format!("{}: {name} → {status}{asks}", self.request_id));
        }
        for effect in effects {
            self.run_effect(context, effect);
        }
    }
}

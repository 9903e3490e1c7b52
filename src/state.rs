//! The checkout as a pure state machine: `step(state, event)` answers with the next state and the
//! effects to carry out. No clock, no browser, no I/O; so everything that money demands of the widget
//! can be tested here:
//!
//! - one link request at a time, however often the button is pressed;
//! - one terminal callback per attempt;
//! - never `paid` unless the server's snapshot says so (or, for a page without a status stream, the
//!   hosted payment page, as in the original widget);
//! - never a success while the server names an issue with the money;
//! - nothing of an earlier life of the page, or of its earlier options, is shown or told before the shop has
//!   named the same checkout;
//! - nothing at all after `Destroy`.
//!
//! [`step`](self::step()) dispatches the event; [`link_request`] asks for a link, [`status_update`] applies a snapshot,
//! [`earlier`] keeps what an earlier life of the page waited for.

mod earlier;
mod link_request;
mod status_update;
mod update;
// proptest does not build for the browser, and nothing here needs one.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

use std::rc::Rc;

use banq_checkout_wire::{FailReason, Issue, Snapshot, Status};
use serde::Serialize;

use self::earlier::{Earlier, Proof};
pub use self::update::step;
use crate::error::Failure;
use crate::payment_info::PaymentInfo;

/// Counts the requests for a link, so that an answer to an abandoned one is known as such.
pub type Attempt = u32;

/// All that the view needs to know.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// Where the checkout is.
    pub phase: Phase,
    /// Whether the dialog is on the screen.
    pub dialog: Dialog,
    /// The payment window.
    pub window: PayWindow,
    /// The stream of status events.
    pub channel: Channel,
    /// The attempt whose request for a link is on its way.
    asking: Option<Attempt>,
    /// What an earlier life of this page, or its earlier options, waited for; the shop is being asked whether it
    /// still holds.
    earlier: Option<Earlier>,
    /// The shop said that the order has been paid: the earlier checkout's stream is being asked whether by that one.
    proof: Option<Proof>,
    /// How often the shop was asked about the earlier checkout without an answer.
    unanswered: u32,
    /// A live checkout whose link is being asked for again; its stream is still heard, since it can be paid.
    kept: Option<Checkout>,
    /// The attempt whose stream is open.
    stream: Attempt,
    attempt: Attempt,
}

/// Where the checkout is.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Phase {
    /// Nothing was asked yet.
    #[default]
    Idle,
    /// The link was asked for.
    Requesting,
    /// No link; this is why.
    Refused(Failure),
    /// There is a link.
    Active(Checkout),
    /// Gone for good.
    Destroyed,
}

/// A payment link and the state of its payment.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkout {
    /// What the shop answered.
    pub info: Rc<PaymentInfo>,
    /// Where the payment stands.
    pub status: Status,
    /// Why it failed, where known.
    pub fail_reason: Option<FailReason>,
    /// Why the status alone does not tell the whole truth about the money.
    pub issue: Option<Issue>,
    /// The newest snapshot seen. Its status may have come too late to be shown.
    snapshot: Option<Rc<Snapshot>>,
    /// The attempt by which this page got it.
    attempt: Attempt,
    /// Whether this attempt's one terminal callback was given.
    ended: bool,
}

impl Checkout {
    /// Before anything was heard of it.
    fn new(info: Rc<PaymentInfo>, attempt: Attempt) -> Self {
        Self {
            attempt,
            // Whatever the shop's answer says: the stream's first snapshot is the present.
            status: Status::Pending,
            fail_reason: None,
            issue: None,
            snapshot: None,
            ended: false,
            info,
        }
    }

    /// The merchant's order, known from the first snapshot on.
    #[must_use]
    pub fn order_id(&self) -> Option<&str> {
        self.said(|snapshot| &snapshot.order_id)
    }

    /// When the link ends, RFC 3339, where known.
    #[must_use]
    pub fn expires_at(&self) -> Option<&str> {
        self.said(|snapshot| &snapshot.expires_at).or(self.info.expires_at.as_deref())
    }

    /// The amount in major units, a decimal string. Where the shop's answer was the bare link, only the snapshots say
    /// it, as they do currency and comment.
    #[must_use]
    pub fn funds(&self) -> Option<&str> {
        self.info.funds.as_deref().or(self.said(|snapshot| &snapshot.funds))
    }

    /// ISO 4217.
    #[must_use]
    pub fn currency(&self) -> Option<&str> {
        self.info.currency.as_deref().or(self.said(|snapshot| &snapshot.currency))
    }

    /// What is being bought.
    #[must_use]
    pub fn comment(&self) -> Option<&str> {
        self.info.comment.as_deref().or(self.said(|snapshot| &snapshot.comment))
    }

    fn said(&self, field: fn(&Snapshot) -> &String) -> Option<&str> {
        self.snapshot.as_deref().map(|snapshot| &**field(snapshot))
    }

    /// Whether the shopper may be invited to pay.
    #[must_use]
    pub fn is_payable(&self) -> bool {
        self.status == Status::Pending && self.issue.is_none()
    }

    /// Whether both are known to be one checkout.
    fn is_named_by(&self, info: &PaymentInfo) -> bool {
        self.info.checkout_id.is_some() && self.info.checkout_id == info.checkout_id
    }
}

/// Whether the dialog is on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialog {
    /// Only the button shows.
    #[default]
    Closed,
    /// The dialog shows.
    Open,
    /// The dialog shows, and asks whether it is really to be closed while the payment is being confirmed.
    ConfirmingClose,
}

/// The payment window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PayWindow {
    /// Not open.
    #[default]
    Closed,
    /// Open, as far as is known; empty until the link arrives.
    Open,
    /// The browser refused to open it.
    Blocked,
}

/// The transport by which snapshots arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Channel {
    /// None is wanted, or the shop gave none.
    #[default]
    Off,
    /// Server-Sent Events, being opened or alive.
    Stream,
    /// The stream does not get through (a proxy holds it back): the server is asked, and answers late.
    LongPoll,
    /// Neither gets through: the server is asked again and again.
    Poll,
    /// Broken; every way is being tried again.
    Lost,
}

impl Channel {
    /// The word in `onStatusChange({transport})`.
    #[must_use]
    pub const fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Stream => Some("sse"),
            Self::LongPoll => Some("long_poll"),
            Self::Poll => Some("poll"),
            Self::Off | Self::Lost => None,
        }
    }
}

/// Why the dialog closed; the words of `onPopUpClose({reason})`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CloseReason {
    /// The shopper closed it.
    User,
    /// The page called `close()`.
    Api,
    /// The page called `destroyWidget()`.
    Destroyed,
}

/// What the hosted payment page says, in the original's vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostedMessage {
    /// `successPayment`
    Success,
    /// `close`
    Close,
    /// `login`, `redirect`: it goes on.
    Working,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The button, or the page's `open()`.
    Open,
    /// "Try again", "Get a new code".
    Retry,
    /// The dialog is to close.
    Close(CloseReason),
    /// The dialog is to stay, after all.
    Stay,
    /// An earlier life of this page, before a reload, waited for this payment.
    Resume(Rc<PaymentInfo>, Dialog),
    /// It is time to ask the shop about it again.
    AskAgain,
    /// The page changed where its payment link comes from: it may sell something else now.
    SourceChanged,
    /// The shop answered.
    LinkArrived(Attempt, Rc<PaymentInfo>),
    /// The shop did not answer with a link.
    LinkRefused(Attempt, Failure),
    /// The server said where the checkout stands.
    Snapshot(Attempt, Rc<Snapshot>),
    /// The transport changed (SSE, long poll, poll, lost).
    Channel(Attempt, Channel),
    /// The link's time is over, by the server's clock.
    TimeIsUp,
    /// The time after closing or expiry is over in which money that comes late is still told.
    GraceOver,
    /// The payment window opened.
    WindowOpened,
    /// The browser refused to open it.
    WindowBlocked,
    /// It was closed.
    WindowClosed,
    /// It said something.
    Hosted(HostedMessage),
    /// The page called `destroyWidget()`.
    Destroy,
}

impl Event {
    /// The word in the timeline of `debug: true`. Nothing that came with the event is in it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Retry => "retry",
            Self::Close(_) => "close",
            Self::Stay => "stay",
            Self::Resume(..) => "resume",
            Self::AskAgain => "ask again",
            Self::SourceChanged => "source changed",
            Self::LinkArrived(..) => "link arrived",
            Self::LinkRefused(_, failure) => failure.code.as_str(),
            Self::Snapshot(_, snapshot) => snapshot.status.as_str(),
            Self::Channel(_, channel) => match channel.as_str() {
                Some(word) => word,
                None => "connection lost",
            },
            Self::TimeIsUp => "time is up",
            Self::GraceOver => "grace over",
            Self::WindowOpened => "window opened",
            Self::WindowBlocked => "window blocked",
            Self::WindowClosed => "window closed",
            Self::Hosted(_) => "hosted page",
            Self::Destroy => "destroy",
        }
    }
}

/// What to do. The component carries these out, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Ask the shop for a link.
    RequestLink(Attempt),
    /// Open the stream anew; its first event is the present.
    Listen(Attempt, Rc<PaymentInfo>),
    /// Ask once where an ended checkout stands.
    Look(Attempt, Rc<PaymentInfo>),
    /// Close the stream.
    StopListening,
    /// Send the open payment window to the link.
    DirectWindow(Rc<PaymentInfo>),
    /// Close the payment window.
    CloseWindow,
    /// Say [`Event::AskAgain`] after so many milliseconds.
    AskLater(u32),
    /// Keep what a reload would need.
    Remember(Rc<PaymentInfo>, Dialog),
    /// There is nothing left to resume.
    Forget,
    /// Say [`Event::GraceOver`] when the grace time is over, counted from now.
    StartGrace,
    /// Say in the console, once, that without `eventsUrl` payments by phone stay unseen.
    WarnNoEvents,
    /// Call the page.
    Notify(CallbackEvent),
}

/// The effects of one step, in order.
#[derive(Default)]
struct Effects(Vec<Effect>);

impl Effects {
    // One function, and not its code in each of the thirty places.
    #[inline(never)]
    fn push(&mut self, effect: Effect) {
        self.0.push(effect);
    }
}

/// What the page is told.
#[derive(Debug, Clone, PartialEq)]
pub enum CallbackEvent {
    /// `onPopUpOpen()`
    PopUpOpen,
    /// `onPopUpClose({reason, status})`
    PopUpClose(CloseReason, Option<Status>),
    /// `onStatusChange({status, issue, transport, …})`
    StatusChange(Checkout, Channel),
    /// `onPaymentSuccess({checkoutId, orderId, funds, late})`; terminal.
    Success {
        /// The checkout that was paid.
        checkout: Checkout,
        /// Whether the dialog had been closed before the money came.
        late: bool,
    },
    /// `onPaymentFailed({status, failReason, …})`; terminal.
    Failed(Checkout),
    /// `onExpired({…})`; terminal.
    Expired(Checkout),
    /// `onError({code, message, recoverable, cause})`
    Error(Failure),
}

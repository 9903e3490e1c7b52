//! The checkout as a pure state machine: `step(state, event)` returns the next state and the effects to run. It uses no
//! clock, no browser and no I/O, so all rules about money can be tested here:
//!
//! - at most one link request runs, however often the button is pressed;
//! - there is one terminal callback per attempt;
//! - the status is never `paid` unless the server's snapshot says so (or, for a page without a status stream, the
//!   hosted payment page, as in the original widget);
//! - there is never a success while the server reports an issue with the money;
//! - nothing from before a reload of the page, or from its earlier options, is shown or reported before the shop has
//!   named the same checkout;
//! - nothing at all happens after `Destroy`.
//!
//! [`step`](self::step()) dispatches the event; [`link_request`] requests a link, [`status_update`] applies a snapshot,
//! [`earlier`] keeps the payment that the page waited for before a reload.

mod earlier;
mod link_request;
mod status_update;
mod update;
// proptest does not build for the browser, and nothing here needs one.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

use std::rc::Rc;

use banq_checkout_wire::{FailReason, Issue, Schedule, Snapshot, Status};
use serde::Serialize;

use self::earlier::{Earlier, Proof};
pub use self::update::step;
use crate::error::Failure;
use crate::payment_info::PaymentInfo;

/// The number of a link request. It identifies the answer to an abandoned one.
pub type Attempt = u32;

/// The state of the checkout: all that the view needs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// The phase of the checkout.
    pub phase: Phase,
    /// Whether the dialog is on the screen.
    pub dialog: Dialog,
    /// The state of the payment window.
    pub window: PayWindow,
    /// The transport of the status.
    pub channel: Channel,
    /// The attempt whose link request is pending.
    asking: Option<Attempt>,
    /// The checkout that this page waited for before a reload, or with its earlier options. The shop is being asked
    /// whether it is still the page's checkout.
    earlier: Option<Earlier>,
    /// Set when the shop has said that the order is paid: the earlier checkout's stream is being asked whether that was
    /// the payment.
    proof: Option<Proof>,
    /// How many times in a row the shop could not answer about the earlier checkout.
    unanswered: u32,
    /// An open checkout whose link is being requested again; its stream stays open, since it can be paid.
    kept: Option<Checkout>,
    /// The attempt whose stream is open.
    stream: Attempt,
    attempt: Attempt,
}

/// The phase of a checkout.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Phase {
    /// No link was requested yet.
    #[default]
    Idle,
    /// A link request is pending.
    Requesting,
    /// There is no link, for this reason.
    Refused(Failure),
    /// There is a link.
    Active(Checkout),
    /// The widget was removed for good.
    Destroyed,
}

/// A payment link and the state of its payment.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkout {
    /// The shop's answer.
    pub info: Rc<PaymentInfo>,
    /// The status of the payment.
    pub status: Status,
    /// Why it failed, if known.
    pub fail_reason: Option<FailReason>,
    /// Why the status alone does not tell the whole truth about the money.
    pub issue: Option<Issue>,
    /// The newest snapshot. Its status may have come too late to be shown.
    snapshot: Option<Rc<Snapshot>>,
    /// The attempt by which this page got the link.
    attempt: Attempt,
    /// Whether this attempt's one terminal callback was called.
    ended: bool,
    /// Whether the page was told of the consent to a payment that repeats.
    agreed: bool,
}

impl Checkout {
    /// Makes a checkout of which no snapshot was received yet.
    fn new(info: Rc<PaymentInfo>, attempt: Attempt) -> Self {
        Self {
            attempt,
            // The status in the shop's answer does not count: the stream's first snapshot is the present one.
            status: Status::Pending,
            fail_reason: None,
            issue: None,
            snapshot: None,
            ended: false,
            agreed: false,
            info,
        }
    }

    /// Returns the merchant's order id. If the shop's answer did not name it, it is known from the first snapshot on.
    #[must_use]
    pub fn order_id(&self) -> Option<&str> {
        self.said(|snapshot| &snapshot.order_id).or(self.info.order_id.as_deref())
    }

    /// Returns when the payment repeats; `None` for a payment that is made once.
    #[must_use]
    pub fn schedule(&self) -> Option<&Schedule> {
        self.snapshot
            .as_deref()
            .and_then(|snapshot| snapshot.schedule.as_ref())
            .or(self.info.schedule.as_ref())
    }

    /// Returns whether the payment is paid, and nothing about its money is in question.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.status == Status::Paid && self.issue.is_none()
    }

    /// Returns whether the shopper has agreed to a payment that repeats.
    #[must_use]
    pub fn is_agreed(&self) -> bool {
        self.status == Status::Processing && self.issue.is_none() && self.schedule().is_some()
    }

    /// Returns when the link ends, RFC 3339, if known.
    #[must_use]
    pub fn expires_at(&self) -> Option<&str> {
        self.said(|snapshot| &snapshot.expires_at).or(self.info.expires_at.as_deref())
    }

    /// Returns the amount in major units, a decimal string. If the shop's answer was only a link, the amount is known
    /// from the first snapshot on, as are currency and comment.
    #[must_use]
    pub fn funds(&self) -> Option<&str> {
        self.info.funds.as_deref().or(self.said(|snapshot| &snapshot.funds))
    }

    /// Returns the currency, ISO 4217.
    #[must_use]
    pub fn currency(&self) -> Option<&str> {
        self.info.currency.as_deref().or(self.said(|snapshot| &snapshot.currency))
    }

    /// Returns the description of the purchase.
    #[must_use]
    pub fn comment(&self) -> Option<&str> {
        self.info.comment.as_deref().or(self.said(|snapshot| &snapshot.comment))
    }

    /// Returns when the server wrote the newest snapshot, RFC 3339; after the end, that is when the page learned of it.
    #[must_use]
    pub fn changed_at(&self) -> Option<&str> {
        self.said(|snapshot| &snapshot.server_time)
    }

    fn said(&self, field: fn(&Snapshot) -> &String) -> Option<&str> {
        self.snapshot.as_deref().map(|snapshot| &**field(snapshot))
    }

    /// Returns whether the shopper may be invited to pay.
    #[must_use]
    pub fn is_payable(&self) -> bool {
        self.status == Status::Pending && self.issue.is_none()
    }

    /// Returns whether both are known to be the same checkout.
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
    /// The dialog shows, and asks whether the shopper really wants to close it while the payment is being confirmed.
    ConfirmingClose,
}

/// The state of the payment window.
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
    /// No transport is needed, or the shop named no stream.
    #[default]
    Off,
    /// Server-Sent Events, being opened or alive.
    Stream,
    /// The stream does not get through, because a proxy holds it back: the server is asked, and answers late.
    LongPoll,
    /// Neither stream nor long polls get through: the server is asked at intervals.
    Poll,
    /// All transports are broken; all are being tried again.
    Lost,
}

impl Channel {
    /// Returns the word in `onStatusChange({transport})`.
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

/// Why the dialog closed: the words of `onPopUpClose({reason})`.
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

/// A message of the hosted payment page, in the original's vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostedMessage {
    /// `successPayment`
    Success,
    /// `close`
    Close,
    /// `login`, `redirect`: the payment continues.
    Working,
}

/// An event.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The shopper pressed the button, or the page called `open()`.
    Open,
    /// The shopper pressed "Try again" or "Get a new code".
    Retry,
    /// The dialog is to close.
    Close(CloseReason),
    /// The dialog is to stay open after all.
    Stay,
    /// The page was reloaded, and waited for this payment before.
    Resume(Rc<PaymentInfo>, Dialog),
    /// The pause is over, and the shop can be asked again about the earlier checkout.
    AskAgain,
    /// The page changed the source of its payment link: it may sell another order now.
    SourceChanged,
    /// The shop answered with a link.
    LinkArrived(Attempt, Rc<PaymentInfo>),
    /// The shop did not answer with a link.
    LinkRefused(Attempt, Failure),
    /// The server sent a snapshot.
    Snapshot(Attempt, Rc<Snapshot>),
    /// The transport changed (SSE, long poll, poll, lost).
    Channel(Attempt, Channel),
    /// The link has expired, by the server's clock.
    TimeIsUp,
    /// The time after closing or expiry is over in which a late payment is still reported.
    GraceOver,
    /// The payment window opened.
    WindowOpened,
    /// The browser refused to open it.
    WindowBlocked,
    /// The payment window was closed.
    WindowClosed,
    /// The hosted page sent a message.
    Hosted(HostedMessage),
    /// The page called `destroyWidget()`.
    Destroy,
}

impl Event {
    /// Returns the word in the timeline of `debug: true`, without any data of the event.
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

/// An effect. The component runs these in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Request a link from the shop.
    RequestLink(Attempt),
    /// Open the stream again; its first event is the present snapshot.
    Listen(Attempt, Rc<PaymentInfo>),
    /// Ask once for the status of an ended checkout.
    Look(Attempt, Rc<PaymentInfo>),
    /// Close the stream.
    StopListening,
    /// Send the open payment window to the link.
    DirectWindow(Rc<PaymentInfo>),
    /// Close the payment window.
    CloseWindow,
    /// Send [`Event::AskAgain`] after this many milliseconds.
    AskLater(u32),
    /// Store what a reload needs to resume.
    Remember(Rc<PaymentInfo>, Dialog),
    /// Delete the stored record: there is nothing left to resume.
    Forget,
    /// Send [`Event::GraceOver`] when the grace time is over, counted from now.
    StartGrace,
    /// Warn in the console, once, that the widget does not see payments by phone without `eventsUrl`.
    WarnNoEvents,
    /// Call a callback of the page.
    Notify(CallbackEvent),
}

/// The effects of one step, in order.
#[derive(Default)]
struct Effects(Vec<Effect>);

impl Effects {
    // A separate function, so that its code is not repeated in each of the thirty places.
    #[inline(never)]
    fn push(&mut self, effect: Effect) {
        self.0.push(effect);
    }
}

/// A call to one of the page's callbacks.
#[derive(Debug, Clone, PartialEq)]
pub enum CallbackEvent {
    /// `onPopUpOpen()`
    PopUpOpen,
    /// `onPopUpClose({reason, status})`
    PopUpClose(CloseReason, Option<Status>),
    /// `onStatusChange({status, issue, transport, …})`
    StatusChange(Checkout, Channel),
    /// `onAgreed({…})`: the shopper agreed to a payment that repeats.
    Agreed(Checkout),
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

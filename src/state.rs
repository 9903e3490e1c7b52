//! The checkout as a pure state machine: `step(state, event)` answers with the next state and the
//! effects to carry out. No clock, no browser, no I/O; so everything that money demands of the widget
//! can be tested here:
//!
//! - one link request at a time, however often the button is pressed;
//! - one terminal callback per attempt;
//! - never `paid` unless the server's snapshot says so (or, for a page without a status stream, the
//!   hosted payment page, as in the original widget);
//! - nothing at all after `Destroy`.

use std::rc::Rc;

use banq_checkout_wire::{FailReason, Snapshot, Status};

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

/// A link and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkout {
    /// What the shop answered.
    pub info: Rc<PaymentInfo>,
    /// Where the payment stands.
    pub status: Status,
    /// Why it failed, where known.
    pub fail_reason: Option<FailReason>,
    /// The merchant's order, known from the first snapshot on.
    pub order_id: Option<String>,
    /// Version of the newest snapshot seen.
    version: Option<u32>,
    /// Whether this attempt's one terminal callback was given.
    ended: bool,
}

/// Whether the dialog is on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialog {
    /// Only the button shows.
    #[default]
    Closed,
    /// The dialog shows.
    Open,
}

/// The payment window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PayWindow {
    /// Not open.
    #[default]
    Closed,
    /// Open, as far as is known.
    Open,
    /// The browser refused to open it.
    Blocked,
}

/// The stream of status events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Channel {
    /// None is wanted, or the shop gave none.
    #[default]
    Off,
    /// Being opened, or alive.
    On,
    /// Broken; being opened again.
    Lost,
}

/// Why the dialog closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The shopper closed it.
    User,
    /// The page called `close()`.
    Api,
    /// The page called `destroyWidget()`.
    Destroyed,
}

impl CloseReason {
    /// The word in `onPopUpClose({reason})`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Api => "api",
            Self::Destroyed => "destroyed",
        }
    }
}

/// What the hosted payment page says, in the original's vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostedMessage {
    /// `successPayment`
    Success,
    /// `close`
    Close,
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
    /// The shop answered.
    LinkArrived(Attempt, Rc<PaymentInfo>),
    /// The shop did not answer with a link.
    LinkRefused(Attempt, Failure),
    /// The server said where the checkout stands.
    Snapshot(Attempt, Rc<Snapshot>),
    /// The stream broke.
    ChannelLost(Attempt),
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

/// What to do. The component carries these out, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Ask the shop for a link.
    RequestLink(Attempt),
    /// Open the stream anew; its first event is the present.
    Listen(Attempt, Rc<PaymentInfo>),
    /// Close the stream.
    StopListening,
    /// Close the payment window.
    CloseWindow,
    /// Say in the console, once, that without `eventsUrl` payments by phone stay unseen.
    WarnNoEvents,
    /// Call the page.
    Notify(Notice),
}

/// What the page is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// `onPopUpOpen()`
    PopUpOpen,
    /// `onPopUpClose({reason, status})`
    PopUpClose(CloseReason, Option<Status>),
    /// `onStatusChange({status, …})`
    StatusChange(Checkout),
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

/// One step. The state is taken and given back, so that none can be used twice.
#[must_use]
pub fn step(mut state: State, event: Event) -> (State, Vec<Effect>) {
    let mut effects = Vec::new();
    if state.phase != Phase::Destroyed {
        state.apply(event, &mut effects);
    }
    (state, effects)
}

impl State {
    fn apply(&mut self, event: Event, effects: &mut Vec<Effect>) {
        match event {
            Event::Open => self.open(effects),
            Event::Retry => {
                if self.may_start_anew() {
                    self.request(effects);
                }
            }
            Event::Close(reason) => self.close(reason, effects),
            Event::LinkArrived(attempt, info) => {
                if attempt == self.attempt && self.phase == Phase::Requesting {
                    self.start(info, effects);
                }
            }
            Event::LinkRefused(attempt, failure) => {
                if attempt == self.attempt && self.phase == Phase::Requesting {
                    self.phase = Phase::Refused(failure.clone());
                    effects.push(Effect::Notify(Notice::Error(failure)));
                }
            }
            Event::Snapshot(attempt, snapshot) => {
                if attempt == self.attempt {
                    self.take_snapshot(&snapshot, effects);
                }
            }
            Event::ChannelLost(attempt) => {
                if attempt == self.attempt && self.channel == Channel::On {
                    self.channel = Channel::Lost;
                }
            }
            Event::WindowOpened => {
                if self.live_checkout().is_some() {
                    self.window = PayWindow::Open;
                } else {
                    effects.push(Effect::CloseWindow);
                }
            }
            Event::WindowBlocked => {
                if self.window != PayWindow::Blocked {
                    let cause = "window.open returned null: the browser blocked the payment window";
                    let failure = Failure::new(crate::error::ErrorCode::WindowBlocked, cause);
                    effects.push(Effect::Notify(Notice::Error(failure)));
                }
                self.window = PayWindow::Blocked;
            }
            Event::WindowClosed => {
                if self.window == PayWindow::Open {
                    self.window = PayWindow::Closed;
                    self.ask_again(effects);
                }
            }
            Event::Hosted(message) => self.hosted(message, effects),
            Event::Destroy => {
                self.close(CloseReason::Destroyed, effects);
                self.stop(effects);
                self.phase = Phase::Destroyed;
            }
        }
    }

    fn open(&mut self, effects: &mut Vec<Effect>) {
        if self.dialog == Dialog::Closed {
            self.dialog = Dialog::Open;
            effects.push(Effect::Notify(Notice::PopUpOpen));
        }
        if self.may_start_anew() {
            self.request(effects);
        }
    }

    fn close(&mut self, reason: CloseReason, effects: &mut Vec<Effect>) {
        if self.dialog == Dialog::Open {
            self.dialog = Dialog::Closed;
            self.close_window(effects);
            let status = self.checkout().map(|checkout| checkout.status);
            effects.push(Effect::Notify(Notice::PopUpClose(reason, status)));
        }
    }

    /// A new link may be asked for unless one is on its way, one is alive, or the order is paid.
    fn may_start_anew(&self) -> bool {
        match &self.phase {
            Phase::Idle | Phase::Refused(_) => true,
            Phase::Requesting | Phase::Destroyed => false,
            Phase::Active(checkout) => match checkout.status {
                Status::Pending | Status::Processing | Status::OnHold | Status::Paid => false,
                Status::Declined | Status::Failed | Status::Canceled | Status::Expired | Status::Reversed => {
                    true
                }
            },
        }
    }

    fn request(&mut self, effects: &mut Vec<Effect>) {
        self.stop(effects);
        self.attempt += 1;
        self.phase = Phase::Requesting;
        effects.push(Effect::RequestLink(self.attempt));
    }

    fn start(&mut self, info: Rc<PaymentInfo>, effects: &mut Vec<Effect>) {
        let checkout = Checkout {
            info: info.clone(),
            // Whatever the shop's answer says: the stream's first snapshot is the present.
            status: Status::Pending,
            fail_reason: None,
            order_id: None,
            version: None,
            ended: false,
        };
        self.phase = Phase::Active(checkout.clone());
        effects.push(Effect::Notify(Notice::StatusChange(checkout)));
        if info.events_url.is_some() {
            self.channel = Channel::On;
            effects.push(Effect::Listen(self.attempt, info));
        } else {
            effects.push(Effect::WarnNoEvents);
        }
    }

    fn take_snapshot(&mut self, snapshot: &Snapshot, effects: &mut Vec<Effect>) {
        let Phase::Active(checkout) = &mut self.phase else { return };
        if checkout.info.checkout_id.as_ref().is_some_and(|id| *id != snapshot.checkout_id) {
            return;
        }
        if self.channel == Channel::Lost {
            self.channel = Channel::On;
        }
        if checkout.version.is_some_and(|seen| seen >= snapshot.version) {
            return;
        }
        checkout.version = Some(snapshot.version);
        checkout.order_id = Some(snapshot.order_id.clone());
        let changed = (checkout.status, checkout.fail_reason) != (snapshot.status, snapshot.fail_reason);
        if changed && may_follow(checkout.status, snapshot.status) {
            checkout.status = snapshot.status;
            checkout.fail_reason = snapshot.fail_reason;
            self.status_changed(effects);
        }
    }

    /// The hosted page's word is a hint that asks the server. Only a page without a status stream, which
    /// has nobody to ask, takes it as the end, as the original widget did.
    fn hosted(&mut self, message: HostedMessage, effects: &mut Vec<Effect>) {
        if message == HostedMessage::Close {
            self.close_window(effects);
        }
        let channel = self.channel;
        let Some(checkout) = self.live_checkout() else { return };
        if message == HostedMessage::Success && channel == Channel::Off {
            checkout.status = Status::Paid;
            self.status_changed(effects);
        } else {
            self.ask_again(effects);
        }
    }

    fn status_changed(&mut self, effects: &mut Vec<Effect>) {
        let late = self.dialog == Dialog::Closed;
        let Phase::Active(checkout) = &mut self.phase else { return };
        effects.push(Effect::Notify(Notice::StatusChange(checkout.clone())));
        if !checkout.status.is_terminal() {
            return;
        }
        if !checkout.ended {
            checkout.ended = true;
            let checkout = checkout.clone();
            effects.push(Effect::Notify(match checkout.status {
                Status::Paid => Notice::Success { checkout, late },
                Status::Expired => Notice::Expired(checkout),
                Status::Declined | Status::Failed | Status::Canceled | Status::Reversed => {
                    Notice::Failed(checkout)
                }
                Status::Pending | Status::Processing | Status::OnHold => return,
            }));
        }
        self.stop(effects);
    }

    /// Opens the stream anew: every connection begins with the present.
    fn ask_again(&mut self, effects: &mut Vec<Effect>) {
        if self.channel == Channel::Off {
            return;
        }
        let attempt = self.attempt;
        if let Some(checkout) = self.live_checkout() {
            effects.push(Effect::Listen(attempt, checkout.info.clone()));
        }
    }

    /// Ends what runs for the present attempt.
    fn stop(&mut self, effects: &mut Vec<Effect>) {
        self.close_window(effects);
        if self.channel != Channel::Off {
            self.channel = Channel::Off;
            effects.push(Effect::StopListening);
        }
    }

    fn close_window(&mut self, effects: &mut Vec<Effect>) {
        if self.window == PayWindow::Open {
            effects.push(Effect::CloseWindow);
        }
        self.window = PayWindow::Closed;
    }

    /// The checkout, alive or ended.
    #[must_use]
    pub const fn checkout(&self) -> Option<&Checkout> {
        match &self.phase {
            Phase::Active(checkout) => Some(checkout),
            Phase::Idle | Phase::Requesting | Phase::Refused(_) | Phase::Destroyed => None,
        }
    }

    fn live_checkout(&mut self) -> Option<&mut Checkout> {
        match &mut self.phase {
            Phase::Active(checkout) if !checkout.status.is_terminal() => Some(checkout),
            Phase::Active(_) | Phase::Idle | Phase::Requesting | Phase::Refused(_) | Phase::Destroyed => None,
        }
    }
}

/// Whether a newer snapshot's status may replace the one that is shown. An ended attempt changes only to
/// the truth about its money: paid after all, or sent back.
const fn may_follow(shown: Status, newer: Status) -> bool {
    match shown {
        Status::Pending | Status::Processing | Status::OnHold => true,
        Status::Paid => matches!(newer, Status::Reversed),
        Status::Declined | Status::Failed | Status::Canceled | Status::Expired => {
            matches!(newer, Status::Paid)
        }
        Status::Reversed => false,
    }
}

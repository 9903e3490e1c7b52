//! What happens when.
#![deny(clippy::wildcard_enum_match_arm)]

use std::rc::Rc;

use banq_checkout_wire::{Snapshot, Status};

use super::{
    Attempt, Channel, Checkout, CloseReason, Dialog, Effect, Event, HostedMessage, Notice, PayWindow, Phase,
    State,
};
use crate::error::{ErrorCode, Failure};
use crate::payment_info::PaymentInfo;

/// One step. The state is taken and given back, so that none can be used twice.
#[must_use]
pub fn step(mut state: State, event: Event) -> (State, Vec<Effect>) {
    let mut effects = Vec::new();
    if !matches!(state.phase, Phase::Destroyed) {
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
                if self.is_answer(attempt) {
                    self.start(info, effects);
                }
            }
            Event::LinkRefused(attempt, failure) => {
                if self.is_answer(attempt) {
                    self.phase = Phase::Refused(failure.clone());
                    effects.push(Effect::Notify(Notice::Error(failure)));
                }
            }
            Event::Snapshot(attempt, snapshot) => {
                if attempt == self.stream {
                    self.take_snapshot(&snapshot, effects);
                }
            }
            Event::ChannelLost(attempt) => {
                if attempt == self.stream && self.channel == Channel::On {
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
                    let failure = Failure::new(ErrorCode::WindowBlocked, cause);
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
                self.kept = None;
                self.phase = Phase::Destroyed;
            }
        }
    }

    fn open(&mut self, effects: &mut Vec<Effect>) {
        let opened = self.dialog == Dialog::Closed;
        if opened {
            self.dialog = Dialog::Open;
            effects.push(Effect::Notify(Notice::PopUpOpen));
        }
        // The order may have changed since the link was made: the shop says whether it is still the one.
        let unpaid = self.checkout().is_some_and(|checkout| checkout.status == Status::Pending);
        if self.may_start_anew() || (opened && unpaid && self.asking.is_none()) {
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

    /// Whether this is the answer that is waited for; then nothing is on its way any more.
    fn is_answer(&mut self, attempt: Attempt) -> bool {
        if self.asking != Some(attempt) {
            return false;
        }
        self.asking = None;
        matches!(self.phase, Phase::Requesting)
    }

    /// A new link may be asked for unless one is on its way, one is alive, or the order is paid.
    fn may_start_anew(&self) -> bool {
        if self.asking.is_some() {
            return false;
        }
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
        if let Phase::Active(checkout) = std::mem::replace(&mut self.phase, Phase::Requesting)
            && !checkout.status.is_terminal()
        {
            self.kept = Some(checkout);
        }
        self.attempt += 1;
        self.asking = Some(self.attempt);
        effects.push(Effect::RequestLink(self.attempt));
    }

    fn start(&mut self, info: Rc<PaymentInfo>, effects: &mut Vec<Effect>) {
        if let Some(mut kept) = self.kept.take() {
            if kept.info.checkout_id.is_some() && kept.info.checkout_id == info.checkout_id {
                kept.info = info;
                self.phase = Phase::Active(kept);
                return;
            }
            self.stop(effects);
        }
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
            self.stream = self.attempt;
            effects.push(Effect::Listen(self.attempt, info));
        } else {
            effects.push(Effect::WarnNoEvents);
        }
    }

    fn take_snapshot(&mut self, snapshot: &Snapshot, effects: &mut Vec<Effect>) {
        let shown = match &mut self.phase {
            Phase::Active(checkout) => Some(checkout),
            Phase::Requesting | Phase::Refused(_) => self.kept.as_mut(),
            Phase::Idle | Phase::Destroyed => None,
        };
        let Some(checkout) = shown else { return };
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
            if let Some(kept) = self.kept.take() {
                self.phase = Phase::Active(kept);
            }
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
        let attempt = self.stream;
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

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
            Event::Close(reason) => self.ask_to_close(reason, effects),
            Event::Stay => {
                if self.dialog == Dialog::Asking {
                    self.dialog = Dialog::Open;
                }
            }
            Event::Resume(info, dialog) => {
                if matches!(self.phase, Phase::Idle) {
                    self.resuming = Some((info, dialog));
                    self.request(effects);
                } else if matches!(self.phase, Phase::Requesting) && self.kept.is_none() {
                    // The shopper was faster: the same answer says whether it is still the one.
                    self.resuming.get_or_insert((info, dialog));
                }
            }
            Event::LinkArrived(attempt, info) => {
                if self.is_answer(attempt) {
                    self.arrived(info, effects);
                }
            }
            Event::LinkRefused(attempt, failure) => {
                if self.is_answer(attempt) {
                    self.refused(failure, effects);
                }
            }
            Event::Snapshot(attempt, snapshot) => {
                if attempt == self.stream {
                    self.take_snapshot(&snapshot, effects);
                }
            }
            Event::Channel(attempt, channel) => {
                if attempt == self.stream && self.channel != Channel::Off {
                    self.channel = channel;
                }
            }
            Event::TimeIsUp => self.time_is_up(effects),
            Event::GraceOver => self.grace_over(effects),
            Event::WindowOpened => {
                let wanted = matches!(self.phase, Phase::Requesting) || self.live_checkout().is_some();
                if wanted && self.dialog != Dialog::Closed {
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
            self.show(effects);
        }
        // The order may have changed since the link was made: the shop says whether it is still the one.
        let unpaid = self.checkout().is_some_and(|checkout| checkout.status == Status::Pending);
        if self.may_start_anew() || (opened && unpaid && self.asking.is_none()) {
            self.request(effects);
        }
    }

    fn show(&mut self, effects: &mut Vec<Effect>) {
        self.dialog = Dialog::Open;
        effects.push(Effect::Notify(Notice::PopUpOpen));
        self.remember(effects);
    }

    /// While a payment is being confirmed the shopper is asked first; who asks twice means it.
    fn ask_to_close(&mut self, reason: CloseReason, effects: &mut Vec<Effect>) {
        let confirming = self.checkout().is_some_and(|checkout| checkout.status == Status::Processing);
        if confirming && reason == CloseReason::User && self.dialog == Dialog::Open {
            self.dialog = Dialog::Asking;
        } else {
            self.close(reason, effects);
        }
    }

    fn close(&mut self, reason: CloseReason, effects: &mut Vec<Effect>) {
        if self.dialog == Dialog::Closed {
            return;
        }
        self.dialog = Dialog::Closed;
        self.close_window(effects);
        let status = self.checkout().map(|checkout| checkout.status);
        effects.push(Effect::Notify(Notice::PopUpClose(reason, status)));
        self.remember(effects);
        if self.channel != Channel::Off && reason != CloseReason::Destroyed {
            effects.push(Effect::StartGrace);
        }
    }

    /// What a reload would need, if there is something to wait for.
    fn remember(&self, effects: &mut Vec<Effect>) {
        let live = self.checkout().or(self.kept.as_ref()).filter(|checkout| !checkout.status.is_terminal());
        if let Some(checkout) = live.filter(|checkout| checkout.info.events_url.is_some()) {
            effects.push(Effect::Remember(checkout.info.clone(), self.dialog));
        }
    }

    fn arrived(&mut self, info: Rc<PaymentInfo>, effects: &mut Vec<Effect>) {
        if let Some((earlier, dialog)) = self.resuming.take() {
            let same = earlier.checkout_id.is_some() && earlier.checkout_id == info.checkout_id;
            if !same && self.dialog == Dialog::Closed {
                // The page sells something else now, and nobody has asked for that.
                self.phase = Phase::Idle;
                effects.push(Effect::Forget);
                return;
            }
            self.start(info, effects);
            self.resume_dialog(dialog, effects);
            return;
        }
        self.start(info, effects);
    }

    /// As before the reload, unless the shopper has opened it meanwhile.
    fn resume_dialog(&mut self, before: Dialog, effects: &mut Vec<Effect>) {
        if self.dialog == Dialog::Closed && before != Dialog::Closed {
            self.show(effects);
        }
    }

    fn refused(&mut self, failure: Failure, effects: &mut Vec<Effect>) {
        self.close_window(effects);
        if let Some((earlier, dialog)) = self.resuming.take() {
            if failure.code == ErrorCode::OrderAlreadyPaid {
                // Paid while the page was away; the stream of that checkout says so.
                self.start(earlier, effects);
                self.resume_dialog(dialog, effects);
                return;
            }
            if self.dialog == Dialog::Closed && failure.code.is_recoverable() {
                // The shop cannot say now. It is listened to all the same, and shown when it is asked for again.
                self.start(earlier, effects);
                return;
            }
            if self.dialog == Dialog::Closed {
                self.phase = Phase::Idle;
                effects.push(Effect::Forget);
                return;
            }
        }
        self.phase = Phase::Refused(failure.clone());
        effects.push(Effect::Notify(Notice::Error(failure)));
    }

    /// Only the server knows whether somebody paid in the last second. Where there is none to ask, the clock
    /// decides.
    fn time_is_up(&mut self, effects: &mut Vec<Effect>) {
        if self.channel != Channel::Off {
            self.ask_again(effects);
        } else if let Some(checkout) = self.live_checkout()
            && checkout.status == Status::Pending
        {
            checkout.status = Status::Expired;
            self.status_changed(effects);
        }
    }

    fn grace_over(&mut self, effects: &mut Vec<Effect>) {
        let expired = self.checkout().is_some_and(|checkout| checkout.status == Status::Expired);
        let waits = self.asking.is_none() && self.channel != Channel::Off;
        if !waits || (!expired && self.dialog != Dialog::Closed) {
            return;
        }
        self.stop(effects);
        effects.push(Effect::Forget);
        // Opened again, it begins anew.
        if !expired {
            self.kept = None;
            self.phase = Phase::Idle;
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
        if let Phase::Active(checkout) = std::mem::replace(&mut self.phase, Phase::Requesting) {
            if checkout.status.is_terminal() {
                self.stop_listening(effects);
            } else {
                self.kept = Some(checkout);
            }
        }
        self.attempt += 1;
        self.asking = Some(self.attempt);
        effects.push(Effect::RequestLink(self.attempt));
    }

    fn start(&mut self, info: Rc<PaymentInfo>, effects: &mut Vec<Effect>) {
        if self.window == PayWindow::Open {
            effects.push(Effect::DirectWindow(info.clone()));
        }
        if let Some(mut kept) = self.kept.take() {
            if kept.info.checkout_id.is_some() && kept.info.checkout_id == info.checkout_id {
                kept.info = info;
                self.phase = Phase::Active(kept);
                return;
            }
            self.stop_listening(effects);
        }
        let checkout = Checkout {
            info: info.clone(),
            // Whatever the shop's answer says: the stream's first snapshot is the present.
            status: Status::Pending,
            fail_reason: None,
            order_id: None,
            expires_at: info.expires_at.clone(),
            version: None,
            ended: false,
        };
        self.phase = Phase::Active(checkout.clone());
        if info.events_url.is_some() {
            self.channel = Channel::Stream;
            self.stream = self.attempt;
            effects.push(Effect::Listen(self.attempt, info));
        } else {
            effects.push(Effect::WarnNoEvents);
        }
        effects.push(Effect::Notify(Notice::StatusChange(checkout, self.channel)));
        self.remember(effects);
        if self.dialog == Dialog::Closed {
            // Closed before the link came; an older timer must not end this one early.
            effects.push(Effect::StartGrace);
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
        if checkout.version.is_some_and(|seen| seen >= snapshot.version) {
            return;
        }
        checkout.version = Some(snapshot.version);
        checkout.order_id = Some(snapshot.order_id.clone());
        checkout.expires_at = Some(snapshot.expires_at.clone());
        let changed = (checkout.status, checkout.fail_reason) != (snapshot.status, snapshot.fail_reason);
        if changed && may_follow(checkout.status, snapshot.status) {
            checkout.status = snapshot.status;
            checkout.fail_reason = snapshot.fail_reason;
            if let Some(kept) = self.kept.take() {
                self.phase = Phase::Active(kept);
                // It waits for a link that will not be looked at any more.
                self.close_window(effects);
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
        effects.push(Effect::Notify(Notice::StatusChange(checkout.clone(), self.channel)));
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
        let expired = checkout.status == Status::Expired;
        if self.dialog == Dialog::Asking {
            self.dialog = Dialog::Open;
        }
        effects.push(Effect::Forget);
        if expired && self.channel != Channel::Off {
            // Somebody may have paid in the last second: heard on for a while.
            self.close_window(effects);
            effects.push(Effect::StartGrace);
        } else {
            self.stop(effects);
        }
    }

    /// Opens the stream anew: every connection begins with the present.
    fn ask_again(&mut self, effects: &mut Vec<Effect>) {
        if self.channel == Channel::Off {
            return;
        }
        let attempt = self.stream;
        if let Some(checkout) = self.live_checkout() {
            effects.push(Effect::Listen(attempt, checkout.info.clone()));
            self.channel = Channel::Stream;
        }
    }

    /// Ends what runs for the present attempt.
    fn stop(&mut self, effects: &mut Vec<Effect>) {
        self.close_window(effects);
        self.stop_listening(effects);
    }

    fn stop_listening(&mut self, effects: &mut Vec<Effect>) {
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

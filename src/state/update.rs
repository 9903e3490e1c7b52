//! Dispatches each event; handlers of more than a few lines are in [`super::link_request`] and
//! [`super::status_update`].
#![deny(clippy::wildcard_enum_match_arm)]

use banq_checkout_wire::Status;

use super::{
    CallbackEvent, Channel, Checkout, CloseReason, Dialog, Effect, Effects, Event, PayWindow, Phase, State,
};
use crate::error::{ErrorCode, Failure};

/// Applies one event. The state is taken and returned, so that no state can be used twice.
#[must_use]
pub fn step(mut state: State, event: Event) -> (State, Vec<Effect>) {
    let mut effects = Effects::default();
    if !matches!(state.phase, Phase::Destroyed) {
        state.apply(event, &mut effects);
    }
    (state, effects.0)
}

impl State {
    fn apply(&mut self, event: Event, effects: &mut Effects) {
        match event {
            Event::Open => self.open(effects),
            Event::Retry => {
                if self.may_request() {
                    self.request(effects);
                }
            }
            Event::Close(reason) => self.ask_to_close(reason, effects),
            Event::Stay => {
                if self.dialog == Dialog::ConfirmingClose {
                    self.dialog = Dialog::Open;
                }
            }
            Event::Resume(info, dialog) => self.resume(info, dialog, effects),
            Event::AskAgain => self.ask_about_earlier(effects),
            Event::SourceChanged => self.source_changed(effects),
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
                    if channel == Channel::Lost {
                        self.proof_is_away(effects);
                    }
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
                    effects.push(Effect::Notify(CallbackEvent::Error(failure)));
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
                *self = Self { phase: Phase::Destroyed, ..Self::default() };
            }
        }
    }

    fn open(&mut self, effects: &mut Effects) {
        let opened = self.dialog == Dialog::Closed;
        if opened {
            self.show(effects);
        }
        // The order may have changed since the link was made, so the shop is asked whether the link is still the right
        // one.
        let unpaid = self.checkout().is_some_and(Checkout::is_payable);
        if self.may_request() || (opened && unpaid && self.asking.is_none()) {
            self.request(effects);
        } else if opened
            && self.channel == Channel::Off
            && let Some(checkout) = self.checkout()
            && checkout.status.is_terminal()
            && checkout.info.events_url.is_some()
        {
            // The money can go back after the stream has ended.
            effects.push(Effect::Look(self.stream, checkout.info.clone()));
        }
    }

    pub(super) fn show(&mut self, effects: &mut Effects) {
        self.dialog = Dialog::Open;
        effects.push(Effect::Notify(CallbackEvent::PopUpOpen));
        self.remember(effects);
    }

    /// Asks the shopper before closing while a payment is being confirmed; a second request closes.
    fn ask_to_close(&mut self, reason: CloseReason, effects: &mut Effects) {
        let confirming = |checkout: &Checkout| checkout.status == Status::Processing && !checkout.is_agreed();
        let confirming = self.checkout().is_some_and(confirming);
        if confirming && reason == CloseReason::User && self.dialog == Dialog::Open {
            self.dialog = Dialog::ConfirmingClose;
        } else {
            self.close(reason, effects);
        }
    }

    fn close(&mut self, reason: CloseReason, effects: &mut Effects) {
        if self.dialog == Dialog::Closed {
            return;
        }
        self.dialog = Dialog::Closed;
        self.close_window(effects);
        let status = self.checkout().map(|checkout| checkout.status);
        effects.push(Effect::Notify(CallbackEvent::PopUpClose(reason, status)));
        self.remember(effects);
        if self.channel != Channel::Off && reason != CloseReason::Destroyed {
            effects.push(Effect::StartGrace);
        }
    }

    /// Stores what a reload needs, if there is a payment to wait for.
    pub(super) fn remember(&self, effects: &mut Effects) {
        let live = self.checkout().or(self.kept.as_ref()).filter(|checkout| !checkout.status.is_terminal());
        if let Some(checkout) = live.filter(|checkout| checkout.info.events_url.is_some()) {
            effects.push(Effect::Remember(checkout.info.clone(), self.dialog));
        }
    }

    fn grace_over(&mut self, effects: &mut Effects) {
        let expired = self.checkout().is_some_and(|checkout| checkout.status == Status::Expired);
        let waits = self.asking.is_none() && self.channel != Channel::Off;
        if !waits || (!expired && self.dialog != Dialog::Closed) {
            return;
        }
        self.stop(effects);
        effects.push(Effect::Forget);
        // The next opening starts from the beginning.
        if !expired {
            self.kept = None;
            self.earlier = None;
            self.proof = None;
            self.phase = Phase::Idle;
        }
    }

    /// Opens the stream again: every connection begins with the present snapshot.
    pub(super) fn ask_again(&mut self, effects: &mut Effects) {
        if self.channel == Channel::Off {
            return;
        }
        let attempt = self.stream;
        if let Some(checkout) = self.live_checkout() {
            effects.push(Effect::Listen(attempt, checkout.info.clone()));
            self.channel = Channel::Stream;
        }
    }

    /// Ends everything that runs for the present attempt.
    pub(super) fn stop(&mut self, effects: &mut Effects) {
        self.close_window(effects);
        self.stop_listening(effects);
    }

    pub(super) fn stop_listening(&mut self, effects: &mut Effects) {
        if self.channel != Channel::Off {
            self.channel = Channel::Off;
            effects.push(Effect::StopListening);
        }
    }

    pub(super) fn close_window(&mut self, effects: &mut Effects) {
        if self.window == PayWindow::Open {
            effects.push(Effect::CloseWindow);
        }
        self.window = PayWindow::Closed;
    }

    /// Returns the checkout, open or ended.
    #[must_use]
    pub const fn checkout(&self) -> Option<&Checkout> {
        match &self.phase {
            Phase::Active(checkout) => Some(checkout),
            Phase::Idle | Phase::Requesting | Phase::Refused(_) | Phase::Destroyed => None,
        }
    }

    pub(super) fn live_checkout(&mut self) -> Option<&mut Checkout> {
        match &mut self.phase {
            Phase::Active(checkout) if !checkout.status.is_terminal() => Some(checkout),
            Phase::Active(_) | Phase::Idle | Phase::Requesting | Phase::Refused(_) | Phase::Destroyed => None,
        }
    }
}

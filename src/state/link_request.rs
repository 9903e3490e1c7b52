//! Requests a payment link. At most one request runs; a stale response is ignored.
#![deny(clippy::wildcard_enum_match_arm)]

use std::rc::Rc;

use banq_checkout_wire::Status;

use super::{
    Attempt, CallbackEvent, Channel, Checkout, Dialog, Earlier, Effect, Effects, PayWindow, Phase, State,
};
use crate::error::Failure;
use crate::payment_info::PaymentInfo;

impl State {
    pub(super) fn arrived(&mut self, info: Rc<PaymentInfo>, effects: &mut Effects) {
        self.unanswered = 0;
        let waited = self.earlier.is_some();
        let earlier = self.earlier.take().filter(|earlier| earlier.checkout.is_named_by(&info));
        if waited && earlier.is_none() && self.dialog == Dialog::Closed {
            // The page sells another order now, for which the shopper has not asked.
            self.phase = Phase::Idle;
            effects.push(Effect::Forget);
            return;
        }
        self.start(info, earlier, effects);
    }

    pub(super) fn refused(&mut self, failure: Failure, effects: &mut Effects) {
        self.close_window(effects);
        if self.earlier_refused(&failure, effects) {
            return;
        }
        self.phase = Phase::Refused(failure.clone());
        effects.push(Effect::Notify(CallbackEvent::Error(failure)));
    }

    /// Returns whether this is the awaited answer; if so, no request is pending any more.
    pub(super) fn is_answer(&mut self, attempt: Attempt) -> bool {
        if self.asking != Some(attempt) {
            return false;
        }
        self.asking = None;
        matches!(self.phase, Phase::Requesting)
    }

    /// Returns whether a new link may be requested: not while a request is pending, a link is open, or the order is
    /// paid.
    pub(super) fn may_request(&self) -> bool {
        if self.asking.is_some() {
            return false;
        }
        match &self.phase {
            Phase::Idle | Phase::Refused(_) => true,
            Phase::Requesting | Phase::Destroyed => false,
            // Money for the order is in question: a person settles that before anyone pays again.
            Phase::Active(checkout) if checkout.issue.is_some() => false,
            Phase::Active(checkout) => match checkout.status {
                Status::Pending | Status::Processing | Status::OnHold | Status::Paid => false,
                Status::Declined | Status::Failed | Status::Canceled | Status::Expired | Status::Reversed => {
                    true
                }
            },
        }
    }

    pub(super) fn request(&mut self, effects: &mut Effects) {
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

    fn start(&mut self, info: Rc<PaymentInfo>, earlier: Option<Earlier>, effects: &mut Effects) {
        if self.window == PayWindow::Open {
            effects.push(Effect::DirectWindow(info.clone()));
        }
        if let Some(mut kept) = self.kept.take() {
            if kept.is_named_by(&info) {
                kept.info = info;
                self.phase = Phase::Active(kept);
                return;
            }
            self.stop_listening(effects);
        }
        // Nothing from an earlier checkout's stream counts from now on.
        self.stream = self.attempt;
        let before = earlier.as_ref().and_then(|earlier| earlier.before);
        let going_on = earlier.filter(|earlier| earlier.before.is_none()).map(|earlier| earlier.checkout);
        let going_on = going_on.filter(|checkout| !checkout.status.is_terminal());
        let known = going_on.is_some();
        let checkout = match going_on {
            Some(checkout) => Checkout { info: info.clone(), ..checkout },
            None => Checkout::new(info.clone(), self.attempt),
        };
        self.phase = Phase::Active(checkout.clone());
        if info.events_url.is_some() {
            self.listen_to(info, effects);
        } else {
            effects.push(Effect::WarnNoEvents);
        }
        // A page that redraws itself at each callback, and makes a new function at each redraw, must not cause an
        // endless loop.
        if !known {
            effects.push(Effect::Notify(CallbackEvent::StatusChange(checkout, self.channel)));
        }
        self.remember(effects);
        if self.dialog == Dialog::Closed {
            // The dialog was closed before the link came; an older timer must not end this attempt early.
            effects.push(Effect::StartGrace);
        }
        self.resume_dialog(before, effects);
    }

    pub(super) fn listen_to(&mut self, info: Rc<PaymentInfo>, effects: &mut Effects) {
        self.channel = Channel::Stream;
        self.stream = self.attempt;
        effects.push(Effect::Listen(self.attempt, info));
    }
}

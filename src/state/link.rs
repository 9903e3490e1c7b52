//! From a wish to a link: one request at a time, and which answer counts.
#![deny(clippy::wildcard_enum_match_arm)]

use std::rc::Rc;

use banq_checkout_wire::Status;

use super::{Attempt, Channel, Checkout, Dialog, Effect, Notice, PayWindow, Phase, State};
use crate::error::{ErrorCode, Failure};
use crate::payment_info::PaymentInfo;

impl State {
    pub(super) fn arrived(&mut self, info: Rc<PaymentInfo>, effects: &mut Vec<Effect>) {
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

    pub(super) fn refused(&mut self, failure: Failure, effects: &mut Vec<Effect>) {
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

    /// Whether this is the answer that is waited for; then nothing is on its way any more.
    pub(super) fn is_answer(&mut self, attempt: Attempt) -> bool {
        if self.asking != Some(attempt) {
            return false;
        }
        self.asking = None;
        matches!(self.phase, Phase::Requesting)
    }

    /// A new link may be asked for unless one is on its way, one is alive, or the order is paid.
    pub(super) fn may_start_anew(&self) -> bool {
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

    pub(super) fn request(&mut self, effects: &mut Vec<Effect>) {
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
}

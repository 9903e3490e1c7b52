//! Keeps the payment that the page waited for before a reload, or with its earlier options. It is shown and reported
//! only when the shop has named the same checkout: an address can sell another order after a reload, a tab can be
//! copied, and `update()` can change the order.
#![deny(clippy::wildcard_enum_match_arm)]

use std::rc::Rc;

use banq_checkout_wire::{Snapshot, Status};

use super::{CallbackEvent, Checkout, Dialog, Effect, Effects, Phase, State};
use crate::error::Failure;
use crate::payment_info::PaymentInfo;

/// Milliseconds until a shop that could not answer is asked again; doubled each time.
const FIRST_PAUSE: u32 = 2_000;
/// How many times the shop is asked again by itself; after that, only the shopper's next press asks.
const TRIES: u32 = 6;

/// A checkout that is not yet proved to be this page's.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Earlier {
    pub(super) checkout: Checkout,
    /// The state of the dialog before the reload; absent if the page was not reloaded.
    pub(super) before: Option<Dialog>,
}

/// The question to the earlier checkout's stream: is this the order that the shop calls paid?
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Proof {
    /// The page's order, as the shop named it.
    order_id: String,
    /// The failure that is reported if the stream does not confirm it.
    failure: Failure,
}

impl State {
    /// Resumes the checkout that the page had before a reload.
    pub(super) fn resume(&mut self, info: Rc<PaymentInfo>, dialog: Dialog, effects: &mut Effects) {
        let earlier = Earlier { checkout: Checkout::new(info, self.attempt), before: Some(dialog) };
        if matches!(self.phase, Phase::Idle) {
            self.earlier = Some(earlier);
            self.request(effects);
        } else if matches!(self.phase, Phase::Requesting) && self.kept.is_none() {
            // The shopper pressed the button first: the same answer decides whether the earlier checkout is still the
            // page's.
            self.earlier.get_or_insert(earlier);
        }
    }

    /// Drops at once what is running, and asks the shop about the page's present order. If the shop names the same
    /// checkout, that continues.
    pub(super) fn source_changed(&mut self, effects: &mut Effects) {
        let asking = self.asking.take().is_some() || self.proof.take().is_some();
        let kept = self.kept.take();
        let shown = match std::mem::take(&mut self.phase) {
            Phase::Active(checkout) => Some(checkout),
            Phase::Idle | Phase::Requesting | Phase::Refused(_) | Phase::Destroyed => kept,
        };
        self.stop(effects);
        if self.dialog == Dialog::ConfirmingClose {
            self.dialog = Dialog::Open;
        }
        let live = shown.as_ref().is_some_and(|checkout| !checkout.status.is_terminal());
        if let Some(checkout) = shown {
            self.earlier = Some(Earlier { checkout, before: None });
        }
        self.unanswered = 0;
        if asking || live || self.dialog != Dialog::Closed {
            self.request(effects);
        }
    }

    /// Asks again a shop that could not answer.
    pub(super) fn ask_about_earlier(&mut self, effects: &mut Effects) {
        if matches!(self.phase, Phase::Idle) && self.earlier.is_some() {
            self.request(effects);
        }
    }

    /// Handles the shop's failure to name the earlier checkout. Returns whether there is nothing left to handle.
    pub(super) fn earlier_refused(&mut self, failure: &Failure, effects: &mut Effects) -> bool {
        let Some(earlier) = self.earlier.take() else { return false };
        if failure.recoverable {
            // The shop cannot answer now: nothing of the earlier checkout is shown or listened to before it can.
            self.earlier = Some(earlier);
            if self.dialog != Dialog::Closed {
                return false;
            }
            self.phase = Phase::Idle;
            if self.unanswered < TRIES {
                effects.push(Effect::AskLater(FIRST_PAUSE << self.unanswered));
                self.unanswered += 1;
            }
            return true;
        }
        let Some(order_id) = failure.order_id.clone().filter(|_| failure.code.is_about_money()) else {
            self.not_the_one(failure.clone(), effects);
            return true;
        };
        match earlier.checkout.order_id() {
            // This page has seen that itself since it was loaded.
            Some(known)
                if *known == order_id
                    && is_settled(earlier.checkout.status, earlier.checkout.issue.is_some()) =>
            {
                self.phase = Phase::Active(earlier.checkout);
            }
            Some(known) if *known != order_id => self.not_the_one(failure.clone(), effects),
            _ if earlier.checkout.info.checkout_id.is_none()
                || earlier.checkout.info.events_url.is_none() =>
            {
                self.not_the_one(failure.clone(), effects);
            }
            // Perhaps that checkout was paid while the page was away: its stream tells.
            Some(_) | None => {
                self.listen_to(earlier.checkout.info.clone(), effects);
                self.phase = Phase::Requesting;
                self.proof = Some(Proof { order_id, failure: failure.clone() });
                self.earlier = Some(earlier);
                if self.dialog == Dialog::Closed {
                    effects.push(Effect::StartGrace);
                }
            }
        }
        true
    }

    /// Applies the first snapshot of the earlier checkout's stream: either this order was paid by it, or it is another
    /// checkout.
    pub(super) fn prove(&mut self, snapshot: &Rc<Snapshot>, effects: &mut Effects) {
        let (Some(proof), Some(earlier)) = (self.proof.take(), self.earlier.take()) else { return };
        let same = earlier.checkout.info.checkout_id.as_ref() == Some(&snapshot.checkout_id)
            && proof.order_id == snapshot.order_id;
        if same && is_settled(snapshot.status, snapshot.issue.is_some()) {
            self.phase = Phase::Active(Checkout { attempt: self.attempt, ..earlier.checkout });
            self.resume_dialog(earlier.before, effects);
            self.take_snapshot(snapshot, effects);
        } else {
            self.stop(effects);
            self.not_the_one(proof.failure, effects);
        }
    }

    /// Reports the failure to a shopper who waits while the stream does not answer.
    pub(super) fn proof_is_away(&mut self, effects: &mut Effects) {
        if self.dialog != Dialog::Closed
            && let Some(proof) = self.proof.take()
        {
            self.stop(effects);
            self.not_the_one(proof.failure, effects);
        }
    }

    /// Drops the earlier checkout, and reports the failure.
    fn not_the_one(&mut self, failure: Failure, effects: &mut Effects) {
        self.earlier = None;
        effects.push(Effect::Forget);
        if self.dialog == Dialog::Closed {
            self.phase = Phase::Idle;
        } else {
            self.phase = Phase::Refused(failure.clone());
            effects.push(Effect::Notify(CallbackEvent::Error(failure)));
        }
    }

    /// Opens the dialog if it was open before the reload, unless the shopper has opened it meanwhile.
    pub(super) fn resume_dialog(&mut self, before: Option<Dialog>, effects: &mut Effects) {
        if self.dialog == Dialog::Closed && before.is_some_and(|before| before != Dialog::Closed) {
            self.show(effects);
        }
    }
}

/// Returns whether the shop can refuse another link because of a checkout with this status.
fn is_settled(status: Status, has_issue: bool) -> bool {
    status == Status::Paid || has_issue
}

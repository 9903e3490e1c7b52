//! Applies snapshots: allowed status transitions, and the single final callback per attempt.
#![deny(clippy::wildcard_enum_match_arm)]

use std::rc::Rc;

use banq_checkout_wire::{Snapshot, Status};

use super::{CallbackEvent, Channel, Checkout, Dialog, Effect, Effects, HostedMessage, Phase, State};

impl State {
    /// Only the server knows whether somebody paid in the last second. Where there is none to ask, the clock
    /// decides.
    pub(super) fn time_is_up(&mut self, effects: &mut Effects) {
        if self.channel != Channel::Off {
            self.ask_again(effects);
        } else if let Some(checkout) = self.live_checkout()
            && checkout.info.events_url.is_none()
            && checkout.is_payable()
        {
            checkout.status = Status::Expired;
            self.status_changed(effects);
        }
    }

    pub(super) fn take_snapshot(&mut self, snapshot: &Rc<Snapshot>, effects: &mut Effects) {
        if self.proof.is_some() {
            return self.prove(snapshot, effects);
        }
        let shown = match &mut self.phase {
            Phase::Active(checkout) => Some(checkout),
            Phase::Requesting | Phase::Refused(_) => self.kept.as_mut(),
            Phase::Idle | Phase::Destroyed => None,
        };
        let Some(checkout) = shown else { return };
        if checkout.info.checkout_id.as_ref().is_some_and(|id| *id != snapshot.checkout_id) {
            return;
        }
        if checkout.snapshot.as_ref().is_some_and(|seen| seen.version >= snapshot.version) {
            return;
        }
        checkout.snapshot = Some(snapshot.clone());
        let news = (snapshot.status, snapshot.fail_reason, snapshot.issue);
        let changed = (checkout.status, checkout.fail_reason, checkout.issue) != news;
        if changed && may_follow(checkout, snapshot) {
            (checkout.status, checkout.fail_reason, checkout.issue) = news;
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
    pub(super) fn hosted(&mut self, message: HostedMessage, effects: &mut Effects) {
        if message == HostedMessage::Close {
            self.close_window(effects);
        }
        let Some(checkout) = self.live_checkout() else { return };
        if message == HostedMessage::Success && checkout.info.events_url.is_none() {
            checkout.status = Status::Paid;
            self.status_changed(effects);
        } else {
            self.ask_again(effects);
        }
    }

    fn status_changed(&mut self, effects: &mut Effects) {
        let late = self.dialog == Dialog::Closed;
        if self.checkout().is_some_and(|checkout| checkout.issue.is_some()) {
            // The shopper is not to pay again there.
            self.close_window(effects);
        }
        let Phase::Active(checkout) = &mut self.phase else { return };
        effects.push(Effect::Notify(CallbackEvent::StatusChange(checkout.clone(), self.channel)));
        let (settled, terminal) = (checkout.issue.is_none(), checkout.status.is_terminal());
        if !terminal {
            if self.channel == Channel::Off && checkout.info.events_url.is_some() {
                // It had ended, and goes on.
                let info = checkout.info.clone();
                self.listen_to(info, effects);
            }
            return;
        }
        // While money is in question nothing has ended: it is neither paid nor to be paid again.
        if settled && !checkout.ended {
            checkout.ended = true;
            let checkout = checkout.clone();
            effects.push(Effect::Notify(match checkout.status {
                Status::Paid => CallbackEvent::Success { checkout, late },
                Status::Expired => CallbackEvent::Expired(checkout),
                Status::Declined | Status::Failed | Status::Canceled | Status::Reversed => {
                    CallbackEvent::Failed(checkout)
                }
                Status::Pending | Status::Processing | Status::OnHold => return,
            }));
        }
        let expired = checkout.status == Status::Expired;
        if self.dialog == Dialog::ConfirmingClose {
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
}

/// Whether a newer snapshot may replace what is shown. An ended attempt changes only to the truth about its money:
/// paid after all, sent back, or in question.
fn may_follow(shown: &Checkout, newer: &Snapshot) -> bool {
    if newer.status == shown.status || newer.status == Status::Paid {
        return true;
    }
    match shown.status {
        Status::Pending | Status::Processing | Status::OnHold => true,
        Status::Paid => newer.status == Status::Reversed,
        Status::Declined | Status::Failed | Status::Canceled | Status::Expired | Status::Reversed => {
            newer.issue.is_some()
        }
    }
}

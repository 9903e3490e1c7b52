//! Applies snapshots: allowed status transitions, and the single final callback per attempt.
#![deny(clippy::wildcard_enum_match_arm)]

use std::rc::Rc;

use banq_checkout_wire::{Snapshot, Status};

use super::{CallbackEvent, Channel, Checkout, Dialog, Effect, Effects, HostedMessage, Phase, State};

impl State {
    /// Asks the server whether somebody paid in the last second, which only the server knows. Without a server to ask,
    /// the clock decides.
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
                // The window waits for a link that is not watched any more.
                self.close_window(effects);
            }
            self.status_changed(effects);
        }
    }

    /// Treats a message of the hosted page as a hint to ask the server. Only a page without a status stream, which has
    /// no server to ask, takes the message as the end, as the original widget did.
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
            // The shopper must not pay again in that window.
            self.close_window(effects);
        }
        let Phase::Active(checkout) = &mut self.phase else { return };
        effects.push(Effect::Notify(CallbackEvent::StatusChange(checkout.clone(), self.channel)));
        if checkout.is_agreed() && !checkout.agreed {
            checkout.agreed = true;
            effects.push(Effect::Notify(CallbackEvent::Agreed(checkout.clone())));
        }
        let (settled, terminal) = (checkout.issue.is_none(), checkout.status.is_terminal());
        if !terminal {
            if self.channel == Channel::Off && checkout.info.events_url.is_some() {
                // The attempt had ended, and continues.
                let info = checkout.info.clone();
                self.listen_to(info, effects);
            }
            return;
        }
        // While money is in question, the attempt has no ending: the order is neither paid nor to be paid again.
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
            // Somebody may have paid in the last second, so the stream stays open for a while.
            self.close_window(effects);
            effects.push(Effect::StartGrace);
        } else {
            self.stop(effects);
        }
    }
}

/// Returns whether a newer snapshot may replace the shown state. An ended attempt only changes when its money does:
/// paid after all, reversed, or in question.
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

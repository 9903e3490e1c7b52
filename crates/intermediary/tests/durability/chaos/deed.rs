//! The deeds of shoppers and of the bank.

use std::time::Duration;

use banq_simulator::FailReason;
use serde_json::json;
use tokio::time::sleep;

use super::random;

/// What a shopper, and then the bank, does about an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Deed {
    /// It is paid and stays so.
    Accept,
    Decline,
    /// It is paid, and the money goes back.
    Reverse,
    /// It is paid, the money goes back, and comes back again.
    Return,
    /// Another amount is paid.
    Differ,
}

impl Deed {
    pub(super) fn random() -> Self {
        match random() % 20 {
            0 | 1 => Self::Decline,
            2 | 3 => Self::Reverse,
            4 => Self::Return,
            5 => Self::Differ,
            _ => Self::Accept,
        }
    }

    pub(super) async fn act(self, banq: &banq_simulator::Control, payment: uuid::Uuid) {
        match self {
            Self::Decline => drop(banq.decline(payment).await.unwrap()),
            Self::Differ => {
                let other = json!({"status": "Completed", "funds": 2.49});
                banq.answer_with(payment, other).await.unwrap();
            }
            Self::Accept | Self::Reverse | Self::Return => drop(banq.accept(payment).await.unwrap()),
        }
        // The paid moment is seen by some and missed by others.
        if matches!(self, Self::Reverse | Self::Return) {
            sleep(Duration::from_millis(u64::from(random() % 300))).await;
            banq.reverse(payment, FailReason::Reversed).await.unwrap();
        }
        if self == Self::Return {
            sleep(Duration::from_millis(u64::from(random() % 300))).await;
            let back = json!({"status": "Completed", "failReason": null});
            banq.answer_with(payment, back).await.unwrap();
        }
    }

    /// The last event that the shop is told of; none where nothing was ever paid.
    pub(super) fn last_events(self) -> &'static [&'static str] {
        match self {
            Self::Accept => &["order.paid"],
            Self::Decline => &[],
            Self::Reverse => &["order.reversed"],
            // Whether the reversal was seen in between is a matter of luck.
            Self::Return => &["order.paid", "order.payment_restored"],
            Self::Differ => &["order.payment_mismatch"],
        }
    }

    pub(super) fn status(self) -> &'static str {
        match self {
            Self::Accept | Self::Return => "paid",
            Self::Decline => "declined",
            Self::Reverse => "reversed",
            Self::Differ => "on_hold",
        }
    }
}

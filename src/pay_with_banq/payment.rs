//! What a callback tells of a payment.

use banq_checkout_wire::{FailReason, Issue, Status};

use crate::state;

/// A payment at the time of a callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The status of the payment.
    pub status: Status,
    /// Why the status alone does not tell the whole truth about the money. There is no ending meanwhile.
    pub issue: Option<Issue>,
    /// The checkout's id at the intermediary.
    pub checkout_id: Option<String>,
    /// The shop's order id; known from the first snapshot on.
    pub order_id: Option<String>,
    /// Why the payment failed, if known.
    pub fail_reason: Option<FailReason>,
    /// Major units, a decimal string.
    pub funds: Option<String>,
    /// ISO 4217.
    pub currency: Option<String>,
}

impl From<&state::Checkout> for Payment {
    fn from(checkout: &state::Checkout) -> Self {
        Self {
            status: checkout.status,
            issue: checkout.issue,
            checkout_id: checkout.info.checkout_id.clone(),
            order_id: checkout.order_id().map(str::to_owned),
            fail_reason: checkout.fail_reason,
            funds: checkout.funds().map(str::to_owned),
            currency: checkout.currency().map(str::to_owned),
        }
    }
}

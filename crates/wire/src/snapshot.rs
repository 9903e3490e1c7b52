//! A checkout as the page may see it.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use crate::schedule::Schedule;

/// The status of a checkout. A closed set: an unknown value fails to parse, so that it can never be taken for a
/// success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(rename_all = "snake_case"))]
pub enum Status {
    /// The link is open; the shopper has not acted yet.
    Pending,
    /// The shopper accepted; the money is not confirmed yet.
    Processing,
    /// The provider paused the payment; it may resume later.
    OnHold,
    /// The provider confirmed the full amount for this order.
    Paid,
    /// The shopper declined.
    Declined,
    /// The transfer failed; `failReason` says why if the provider does.
    Failed,
    /// The request was withdrawn.
    Canceled,
    /// The link expired unpaid.
    Expired,
    /// The payment was paid, and the money went back.
    Reversed,
}

impl Status {
    /// Every status, in the order of the documentation.
    pub const ALL: [Self; 9] = [
        Self::Pending,
        Self::Processing,
        Self::OnHold,
        Self::Paid,
        Self::Declined,
        Self::Failed,
        Self::Canceled,
        Self::Expired,
        Self::Reversed,
    ];

    /// Returns whether this attempt is over. A stream ends after a terminal snapshot.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        match self {
            Self::Pending | Self::Processing | Self::OnHold => false,
            Self::Paid | Self::Declined | Self::Failed | Self::Canceled | Self::Expired | Self::Reversed => {
                true
            }
        }
    }

    /// Reads the JSON word; returns `None` for an unknown one.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Returns the JSON word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::OnHold => "on_hold",
            Self::Paid => "paid",
            Self::Declined => "declined",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Expired => "expired",
            Self::Reversed => "reversed",
        }
    }
}

/// Why a payment failed, in terms that fit any provider. The provider's own code stays in the intermediary's records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(rename_all = "snake_case"))]
pub enum FailReason {
    /// Not enough money on the shopper's account.
    InsufficientFunds,
    /// A limit of the shopper's account was reached.
    LimitExceeded,
    /// The shopper's account is frozen, closed, blocked or not approved.
    AccountUnavailable,
    /// The shopper must sign in to their bank again.
    ReauthenticationRequired,
    /// The transfer was canceled under way.
    Canceled,
    /// The transfer was reversed.
    Reversed,
    /// The provider could not process it, or gave a reason that this version does not know.
    ProcessingFailed,
}

impl FailReason {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::InsufficientFunds,
        Self::LimitExceeded,
        Self::AccountUnavailable,
        Self::ReauthenticationRequired,
        Self::Canceled,
        Self::Reversed,
        Self::ProcessingFailed,
    ];

    /// Reads the JSON word; a reason of a later version becomes `ProcessingFailed`.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word).unwrap_or(Self::ProcessingFailed)
    }

    /// Returns the JSON word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InsufficientFunds => "insufficient_funds",
            Self::LimitExceeded => "limit_exceeded",
            Self::AccountUnavailable => "account_unavailable",
            Self::ReauthenticationRequired => "reauthentication_required",
            Self::Canceled => "canceled",
            Self::Reversed => "reversed",
            Self::ProcessingFailed => "processing_failed",
        }
    }
}

/// Why the status alone does not show the truth about the money. A person has to settle it, and until then the order
/// gets no other link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(rename_all = "snake_case"))]
pub enum Issue {
    /// With `paid`: this link's amount arrived, but the order now has another price, so the order is not paid.
    PaidOtherAmount,
    /// With any other status: money arrived that differs from this checkout in amount, currency or order.
    PaymentMismatch,
    /// With `paid`: the provider confirmed the payment, and now no longer says that the money is there. Also stands for
    /// an issue of a later version.
    PaymentInDoubt,
}

impl Issue {
    /// Every issue.
    pub const ALL: [Self; 3] = [Self::PaidOtherAmount, Self::PaymentMismatch, Self::PaymentInDoubt];

    /// Reads the JSON word; an issue of a later version becomes `PaymentInDoubt`.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|issue| issue.as_str() == word).unwrap_or(Self::PaymentInDoubt)
    }

    /// Returns the JSON word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PaidOtherAmount => "paid_other_amount",
            Self::PaymentMismatch => "payment_mismatch",
            Self::PaymentInDoubt => "payment_in_doubt",
        }
    }
}

/// `GET /checkouts/{checkoutId}` and the `data:` of each SSE `status` event: the whole present state of one checkout. A
/// snapshot with a higher `version` replaces a lower one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Snapshot {
    /// 128 random bits as 32 lower-case hex digits; the only key to this checkout.
    pub checkout_id: String,
    /// The merchant's order.
    pub order_id: String,
    /// The checkout's status.
    pub status: Status,
    /// Present when `status` is `failed` or `reversed` and the provider gave a reason.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub fail_reason: Option<FailReason>,
    /// Present when `status` alone does not show the truth about the money.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub issue: Option<Issue>,
    /// Amount in major units, a decimal string: `"12.50"`; if the payment repeats, that of each single payment.
    pub funds: String,
    /// ISO 4217, for example `USD`.
    pub currency: String,
    /// The text that the shopper reads about the purchase; may be empty.
    pub comment: String,
    /// When the payment repeats; absent for a payment that is made once.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub schedule: Option<Schedule>,
    /// When the link expires, RFC 3339 UTC.
    pub expires_at: String,
    /// Increases by one with every change; the SSE `id:` and the `ETag`.
    pub version: u32,
    /// The server's time when this was written, RFC 3339 UTC; lets a page correct its own clock.
    pub server_time: String,
}

/// The name in the fragment before the address of the checkout's stream; see [`PaymentLink::url`].
pub const WATCH_MARK: &str = "banq-checkout=";

/// `POST /generate-payment-link`: a payable link, and the stream that reports its status.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct PaymentLink {
    /// Where the shopper pays; `https:` (loopback may be `http:`). The provider's link, followed, as the last part of
    /// the fragment, by `banq-checkout=` with the percent-encoded `eventsUrl`, so that a page that gets only the link
    /// can watch the checkout too. Without that part it is the provider's link, byte for byte; a browser that opens it
    /// unchanged sends no fragment to the server.
    pub url: String,
    /// 128 random bits as 32 lower-case hex digits; the only key to this checkout.
    pub checkout_id: String,
    /// The merchant's order.
    pub order_id: String,
    /// Absolute URL of this checkout's SSE stream.
    pub events_url: String,
    /// Amount in major units, a decimal string: `"12.50"`; if the payment repeats, that of each single payment.
    pub funds: String,
    /// ISO 4217, for example `USD`.
    pub currency: String,
    /// The text that the shopper reads about the purchase; may be empty.
    pub comment: String,
    /// When the payment repeats; absent for a payment that is made once.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub schedule: Option<Schedule>,
    /// When the link expires, RFC 3339 UTC.
    pub expires_at: String,
    /// The checkout's status.
    pub status: Status,
}

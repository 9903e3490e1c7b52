//! Converts Banq's answers into neutral types.

use wire::{FailReason, Status};

use open_api::{FailReason as VendorReason, OpenApiError, Payment, PaymentStatus, Transaction};

use super::NAME;
use crate::{
    Frequency,
    config::BanqConfig,
    domain::{provider_id::ProviderId, transition::PaymentState},
    provider::{Link, Observation, OrderReference, ProviderError},
};

/// Converts the answer of get-paid-link.
pub(super) fn link(payment: Payment) -> Result<Link, ProviderError> {
    let id = payment.id.as_deref().and_then(|id| ProviderId::new(NAME, id));
    Ok(Link {
        payment_id: id.ok_or_else(|| missing("the payment's id"))?,
        url: payment.url.ok_or_else(|| missing("url"))?,
        expires_at: payment.expires_at_utc.map(|at| at.as_millisecond()),
    })
}

/// Converts the answer of `GET payment`. Fails if it is about another payment: an order's earlier payment has the same
/// order and amount, and must not pay for the present checkout.
pub(super) fn observation(payment: Payment, asked: &ProviderId) -> Result<Observation, ProviderError> {
    if payment.id.is_some_and(|id| ProviderId::new(NAME, &id).as_ref() != Some(asked)) {
        return Err(ProviderError::InvalidResponse("it is about another payment".into()));
    }
    let status = payment.status.ok_or_else(|| missing("status"))?;
    let reason = payment.fail_reason.as_ref();
    let words = match reason.filter(|reason| fail_reason(reason).is_some()) {
        Some(reason) => format!("{}, {}", status.as_str(), reason.as_str()),
        None => status.as_str().to_owned(),
    };
    let repeats = payment.frequency.is_some_and(|frequency| frequency != Frequency::Once);
    Ok(Observation {
        words,
        says_success: status == PaymentStatus::Completed,
        state: state(status, reason, repeats),
        order: payment.external_order_code.map_or(OrderReference::Unnamed, OrderReference::Named),
        frequency: payment.frequency,
        funds: payment.funds,
        currency: BanqConfig::CURRENCY,
    })
}

/// Returns the payment that the answer of `GET transaction` names.
pub(super) fn payment_of(transaction: &Transaction) -> Result<ProviderId, ProviderError> {
    let id = transaction.payment_id.as_deref().and_then(|id| ProviderId::new(NAME, id));
    id.ok_or_else(|| missing("paymentId"))
}

/// Returns the state that a status stands for. An unknown word is returned as the error, and is never a success.
fn state(
    status: PaymentStatus,
    reason: Option<&VendorReason>,
    repeats: bool,
) -> Result<PaymentState, String> {
    let reason = reason.and_then(fail_reason);
    let status = match status {
        PaymentStatus::Created | PaymentStatus::Pending => Status::Pending,
        PaymentStatus::Accepted => Status::Processing,
        // *Assumed*: the payment continues after a hold from where it was, so the money may be on its way.
        PaymentStatus::Resumed => Status::Processing,
        // *Assumed*: one occurrence of a recurring payment is left out. A payment that is made once has no other
        // occurrence.
        PaymentStatus::OccurrenceCanceled if repeats => Status::Processing,
        PaymentStatus::OccurrenceCanceled => Status::Canceled,
        // Read literally, 000 completes a payment even if its transaction failed: then it has a fail reason.
        PaymentStatus::Completed if reason.is_none() => Status::Paid,
        // A reversal is documented as a fail reason only (001), so it counts beside either of these two words.
        PaymentStatus::Completed | PaymentStatus::Failed if reason == Some(FailReason::Reversed) => {
            Status::Reversed
        }
        PaymentStatus::Completed | PaymentStatus::Failed => Status::Failed,
        PaymentStatus::Declined => Status::Declined,
        PaymentStatus::OnHold => Status::OnHold,
        PaymentStatus::Canceled => Status::Canceled,
        PaymentStatus::Expired => Status::Expired,
        PaymentStatus::Reversed => Status::Reversed,
        PaymentStatus::Unknown(word) => return Err(word),
    };
    let reason = reason.filter(|_| matches!(status, Status::Failed | Status::Reversed));
    Ok(PaymentState { status, reason, issue: None })
}

/// Converts one of the vendor's fail reasons of a transaction (001); `None` if the vendor says that there is no reason.
fn fail_reason(reason: &VendorReason) -> Option<FailReason> {
    match reason {
        VendorReason::None => None,
        VendorReason::Unknown(word) if word.is_empty() => None,
        VendorReason::InsufficientBalance => Some(FailReason::InsufficientFunds),
        VendorReason::LimitsExceeded => Some(FailReason::LimitExceeded),
        VendorReason::AccountIsFrozen | VendorReason::ExternalAccountIsDeactivated => {
            Some(FailReason::AccountUnavailable)
        }
        VendorReason::CustodialAccountContactIsNotApproved | VendorReason::FingerprintBlacklisted => {
            Some(FailReason::AccountUnavailable)
        }
        VendorReason::PlaidRequiresReAuthentication => Some(FailReason::ReauthenticationRequired),
        VendorReason::Reversed => Some(FailReason::Reversed),
        VendorReason::Cancelled => Some(FailReason::Canceled),
        VendorReason::ProcessingFailed | VendorReason::BanqError | VendorReason::PrimeTrustError => {
            Some(FailReason::ProcessingFailed)
        }
        // A later version of the API added this reason.
        VendorReason::Unknown(_) => Some(FailReason::ProcessingFailed),
    }
}

fn missing(field: &str) -> ProviderError {
    ProviderError::InvalidResponse(format!("{field} is missing or unreadable"))
}

impl From<OpenApiError> for ProviderError {
    fn from(error: OpenApiError) -> Self {
        match error {
            OpenApiError::BadRequest(_) | OpenApiError::Forbidden(_) | OpenApiError::Unprocessable(_) => {
                Self::Refused(error.to_string())
            }
            OpenApiError::NotFound(_) => Self::NotFound(error.to_string()),
            OpenApiError::Credentials(message) => Self::Unauthorized(message),
            OpenApiError::RateLimited(wait) => Self::RateLimited(wait),
            OpenApiError::ServerError { .. } | OpenApiError::Unreachable(_) => {
                Self::Unavailable(error.to_string())
            }
            OpenApiError::Timeout => Self::Timeout,
            OpenApiError::InvalidResponse(what) => Self::InvalidResponse(what),
        }
    }
}

#[cfg(test)]
#[path = "mapping_tests.rs"]
mod tests;

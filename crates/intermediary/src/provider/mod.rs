//! The seam to payment providers: neutral questions and answers. Nothing outside this folder knows what any
//! provider calls things.
//!
//! - [`error`]: how a provider can fail, and whether it may have done something all the same
//! - [`verified`]: a webhook before and after its signature was checked
//! - [`banq`]: Banq's Open API

pub(crate) mod banq;
mod error;
mod verified;

use axum::http::HeaderMap;
pub(crate) use open_api::{LARGEST_DIFFERENCE, Observed};
use uuid::Uuid;

/// Where the provider sends webhooks.
pub(crate) use self::banq::webhook::PATH as WEBHOOK_PATH;
pub(crate) use self::{
    banq::Banq,
    error::ProviderError,
    verified::{UnverifiedWebhook, VerifiedEvent},
};
use crate::{
    Amount, Frequency, Schedule,
    domain::{provider_id::ProviderId, time::Millis, transition::PaymentState},
};

/// What is asked of a provider to make a payment link.
#[derive(Debug, Clone)]
pub(crate) struct LinkRequest {
    /// The same for every repeat of one attempt: a repeat never makes a second payment.
    pub(crate) attempt_key: Uuid,
    /// The merchant's order.
    pub(crate) order_id: String,
    /// What the provider is to call the order, and is expected to say back byte for byte.
    pub(crate) order_code: String,
    /// The price.
    pub(crate) funds: Amount,
    /// How often it is to be paid.
    pub(crate) schedule: Schedule,
    /// What the shopper reads.
    pub(crate) comment: String,
}

/// A payment link as the provider made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    /// The payment behind it.
    pub(crate) payment_id: ProviderId,
    /// Where the shopper pays, to the letter; not checked yet.
    pub(crate) url: String,
    /// When it ends, if the provider says so.
    pub(crate) expires_at: Option<Millis>,
}

/// How a provider says which order a payment is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OrderReference {
    /// By the order code that it was given.
    Named(String),
    /// It should have named one, and did not.
    Unnamed,
    /// The payment was found by its own id in a place that only this server writes, so that it cannot be another
    /// order's.
    #[cfg_attr(not(test), expect(dead_code, reason = "the provider of today names the order"))]
    OurOwn,
}

impl OrderReference {
    /// The order code, where there is one.
    pub(crate) fn code(&self) -> Option<&str> {
        match self {
            Self::Named(code) => Some(code),
            Self::Unnamed | Self::OurOwn => None,
        }
    }

    /// Whether the payment is for the order with this code.
    pub(crate) fn is(&self, code: &str) -> bool {
        match self {
            Self::Named(named) => named == code,
            Self::Unnamed => false,
            Self::OurOwn => true,
        }
    }
}

/// What the provider says of a payment now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Observation {
    /// Where it stands, or the provider's word for it when that is unknown here.
    pub(crate) state: Result<PaymentState, String>,
    /// The provider's own words for that, with its reason, for people.
    pub(crate) words: String,
    /// Whether the provider's word is its word for success, whatever reason to fail stands beside it: the money may
    /// be there.
    pub(crate) says_success: bool,
    /// The order that it is for.
    pub(crate) order: OrderReference,
    /// How often it is paid, if it says so.
    pub(crate) frequency: Option<Frequency>,
    /// Its amount, if it says so.
    pub(crate) funds: Option<Amount>,
    /// Its currency, ISO 4217.
    pub(crate) currency: &'static str,
}

/// What a webhook is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A payment.
    Payment(ProviderId),
    /// A transaction of a payment that has to be asked for.
    Transaction(ProviderId),
    /// Something of which this version knows nothing. Where its id is a payment's of ours, that is asked about.
    Unknown(ProviderId),
}

/// A webhook in neutral words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WebhookEvent {
    /// The webhook's own id: a repeat has the same.
    pub(crate) id: ProviderId,
    /// What it is about.
    pub(crate) subject: Subject,
    /// The provider's words for what happened, for people.
    pub(crate) kind: String,
    /// When the provider made it, by its own clock.
    pub(crate) created_at: Option<Millis>,
}

/// Why a webhook's body is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WebhookRefusal {
    /// No or a wrong signature.
    Signature,
    /// Signed, but not a webhook.
    Unreadable,
}

/// Every provider there is; each further one is a variant here and a folder beside [`banq`].
pub(crate) enum Provider {
    /// Banq.
    Banq(Banq),
}

impl Provider {
    /// Whose payments a database of this version keeps, and in which currency.
    pub(crate) const NAME: &'static str = "banq USD";

    /// The currency in [`Self::NAME`].
    pub(crate) const CURRENCY: &'static str = banq::CURRENCY;

    /// The one currency that it moves, ISO 4217.
    pub(crate) fn currency(&self) -> &'static str {
        match self {
            Self::Banq(_) => banq::CURRENCY,
        }
    }

    /// Asks whether the provider accepts this server's credentials.
    pub(crate) async fn sign_in(&self) -> Result<(), ProviderError> {
        match self {
            Self::Banq(banq) => banq.sign_in().await,
        }
    }

    /// Returns the milliseconds by which this machine's clock is ahead of the provider's; `None` before the first
    /// answer.
    pub(crate) fn clock_ahead(&self) -> Option<Millis> {
        match self {
            Self::Banq(banq) => banq.clock_ahead(),
        }
    }

    /// Asks for a payment link.
    pub(crate) async fn create_link(&self, request: &LinkRequest) -> Result<Link, ProviderError> {
        match self {
            Self::Banq(banq) => banq.create_link(request).await,
        }
    }

    /// Asks for the truth about a payment.
    pub(crate) async fn payment(&self, id: &ProviderId) -> Result<Observation, ProviderError> {
        match self {
            Self::Banq(banq) => banq.payment(id).await,
        }
    }

    /// Asks which payment a transaction belongs to.
    pub(crate) async fn payment_of(&self, transaction: &ProviderId) -> Result<ProviderId, ProviderError> {
        match self {
            Self::Banq(banq) => banq.payment_of(transaction).await,
        }
    }

    /// Describes the provider's webhook for `/openapi.json`.
    pub(crate) fn document(&self) -> utoipa::openapi::OpenApi {
        match self {
            Self::Banq(_) => Banq::document(),
        }
    }

    /// Checks a webhook's signature over its raw bytes, and only then reads it.
    pub(crate) fn webhook(&self, headers: &HeaderMap, raw: &[u8]) -> Result<WebhookEvent, WebhookRefusal> {
        match self {
            Self::Banq(banq) => banq.webhook(headers, raw),
        }
    }
}

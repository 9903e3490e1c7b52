//! Defines how the server talks to payment providers, in neutral types. Only this folder knows a provider's own names.
//!
//! - [`error`]: the failures of a provider, and whether it may have acted nevertheless
//! - [`verification`]: a webhook before and after its signature was checked
//! - [`admin`]: what operators do at the provider; [`report`]: the results
//! - [`banq`]: Banq's Open API

pub(crate) mod admin;
pub(crate) mod banq;
mod error;
pub(crate) mod report;
mod verification;

use std::time::Duration;

use axum::http::HeaderMap;
pub(crate) use open_api::LARGEST_DIFFERENCE;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use self::banq::Banq;
/// The path to which the provider sends webhooks.
pub(crate) use self::banq::webhook::PATH as WEBHOOK_PATH;
#[cfg(any(test, feature = "fuzzing"))]
pub use self::banq::webhook::fuzz as fuzz_webhook;
pub(crate) use self::{
    error::ProviderError,
    verification::{UnverifiedWebhook, VerifiedEvent},
};
use crate::{
    Amount, Frequency, Schedule,
    config::{BanqConfig, Config, ProviderConfig},
    domain::{provider_id::ProviderId, time::Millis, transition::PaymentState},
};

/// A request to the provider for a payment link.
#[derive(Debug, Clone)]
pub(crate) struct LinkRequest {
    /// The idempotency key. It is the same for every repeat of one attempt, so that a repeat never makes a second
    /// payment.
    pub(crate) attempt_key: Uuid,
    /// The merchant's order.
    pub(crate) order_id: String,
    /// The name that the provider is to use for the order. The server expects it back byte for byte.
    pub(crate) order_code: String,
    pub(crate) funds: Amount,
    /// How often the order is to be paid.
    pub(crate) schedule: Schedule,
    /// The text that the shopper reads.
    pub(crate) comment: String,
}

/// A payment link as the provider made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    /// The payment behind the link.
    pub(crate) payment_id: ProviderId,
    /// The address where the shopper pays, exactly as the provider sent it; not checked yet.
    pub(crate) url: String,
    /// When the link ends, if the provider says so.
    pub(crate) expires_at: Option<Millis>,
}

/// How a provider tells which order a payment is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OrderReference {
    /// The provider names the order by the order code that it was given.
    Named(String),
    /// The provider should have named an order, and did not.
    Unnamed,
    /// The payment was found by its own id in a place that only this server writes, so that it cannot be another
    /// order's.
    #[cfg_attr(not(test), expect(dead_code, reason = "the provider of today names the order"))]
    OurOwn,
}

impl OrderReference {
    /// Returns the order code, if there is one.
    pub(crate) fn code(&self) -> Option<&str> {
        match self {
            Self::Named(code) => Some(code),
            Self::Unnamed | Self::OurOwn => None,
        }
    }

    /// Returns whether the payment is for the order with this code.
    pub(crate) fn is(&self, code: &str) -> bool {
        match self {
            Self::Named(named) => named == code,
            Self::Unnamed => false,
            Self::OurOwn => true,
        }
    }
}

/// The provider's answer about a payment, as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Observation {
    /// The payment's state, or the provider's word for it if this version does not know that word.
    pub(crate) state: Result<PaymentState, String>,
    /// The provider's own words for the state, with its reason, for people.
    pub(crate) words: String,
    /// Whether the provider's status is its word for success, even if a fail reason stands beside it: the money may be
    /// there.
    pub(crate) says_success: bool,
    /// The order that the payment is for.
    pub(crate) order: OrderReference,
    /// How often the payment is made, if the provider says so.
    pub(crate) frequency: Option<Frequency>,
    /// The payment's amount, if the provider says so.
    pub(crate) funds: Option<Amount>,
    /// The currency of the amount, ISO 4217.
    pub(crate) currency: &'static str,
}

/// The subject of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    Payment(ProviderId),
    /// A transaction. The provider has to be asked for its payment.
    Transaction(ProviderId),
    /// A resource of a type that this version does not know. If its id is that of a known payment, the provider is
    /// asked about that payment.
    Unknown(ProviderId),
}

/// A webhook in neutral types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WebhookEvent {
    /// The webhook's own id, the same for every repeat.
    pub(crate) id: ProviderId,
    pub(crate) subject: Subject,
    /// The provider's words for the event, for people.
    pub(crate) kind: String,
    /// When the provider made the webhook, by its own clock.
    pub(crate) created_at: Option<Millis>,
}

/// Why a webhook's body is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WebhookRefusal {
    /// The signature is missing or wrong.
    Signature,
    /// The body is signed, but it is not a webhook.
    Unreadable,
}

/// A call of the provider's API.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Observed {
    /// The provider's name for the call: a label of the metrics.
    pub(crate) call: &'static str,
    /// `ok`, or the kind of the error: a label of the metrics.
    pub(crate) outcome: &'static str,
    /// The duration with all retries.
    pub(crate) took: Duration,
    /// What the call says about this server's credentials.
    pub(crate) credentials: Credentials,
}

/// Whether the provider accepts this server's credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credentials {
    Accepted,
    Refused,
    Unknown,
}

/// All providers. A further one is a variant here and a folder beside [`banq`].
pub(crate) enum Provider {
    Banq(Banq),
}

impl Provider {
    /// Prepares the client of the configured provider. Sends nothing yet. `observe` is called after every call.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub(crate) fn new(
        config: &Config,
        tasks: TaskTracker,
        observe: impl Fn(&Observed) + Send + Sync + 'static,
    ) -> Result<Self, reqwest::Error> {
        Ok(match &config.provider {
            ProviderConfig::Banq(banq) => Self::Banq(Banq::new(config, banq, tasks, observe)?),
        })
    }

    /// Returns the one currency that the provider moves, ISO 4217.
    pub(crate) fn currency(&self) -> &'static str {
        match self {
            Self::Banq(_) => BanqConfig::CURRENCY,
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

    /// Requests a payment link.
    pub(crate) async fn create_link(&self, request: &LinkRequest) -> Result<Link, ProviderError> {
        match self {
            Self::Banq(banq) => banq.create_link(request).await,
        }
    }

    /// Requests the present state of a payment.
    pub(crate) async fn payment(&self, id: &ProviderId) -> Result<Observation, ProviderError> {
        match self {
            Self::Banq(banq) => banq.payment(id).await,
        }
    }

    /// Requests the id of the payment that a transaction belongs to.
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

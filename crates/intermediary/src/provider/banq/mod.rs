//! Banq's Open API (vendor documents 000, 001 and 002; what no document states is marked *assumed*).
//!
//! - [`mapping`]: what its answers mean, in neutral words
//! - [`webhook`]: signature and body of a webhook; [`openapi`]: its description

mod mapping;
mod openapi;
pub(crate) mod webhook;

use axum::http::HeaderMap;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::{Link, LinkRequest, Observation, ProviderError, ProviderId, WebhookEvent, WebhookRefusal};
use crate::{
    Secret,
    config::{Config, Environment},
};
use open_api::{GetPaid, Login, Observed, OpenApi, OpenApiSettings, Timeouts};

/// The name in front of Banq's ids.
const NAME: &str = "banq";

/// The vendor's amounts are dollars; there is no field for a currency.
pub(crate) const CURRENCY: &str = "USD";

/// Banq, seen from one merchant's account.
pub(crate) struct Banq {
    api: OpenApi,
    account_guid: Uuid,
    /// The present one, and the one before it while webhooks that it signed may still come.
    webhook_secrets: Vec<Secret>,
}

impl Banq {
    /// Prepares the client; asks nothing yet.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub(crate) fn new(
        config: &Config,
        tasks: TaskTracker,
        observe: impl Fn(Observed<'_>) + Send + Sync + 'static,
    ) -> Result<Self, reqwest::Error> {
        let secrets = [Some(&config.banq.webhook_secret), config.banq.webhook_secret_previous.as_ref()];
        Ok(Self {
            api: OpenApi::observed(settings(config), tasks, observe)?,
            account_guid: config.banq.account_guid,
            webhook_secrets: secrets.into_iter().flatten().cloned().collect(),
        })
    }

    /// Asks for a token, unless a valid one is kept.
    pub(crate) async fn sign_in(&self) -> Result<(), ProviderError> {
        Ok(self.api.sign_in().await?)
    }

    /// How far this machine's clock is ahead of Banq's; see [`OpenApi::clock_ahead`].
    pub(crate) fn clock_ahead(&self) -> Option<i64> {
        self.api.clock_ahead()
    }

    /// Asks for a link under the attempt's `X-Idempotent-Id` (001).
    pub(crate) async fn create_link(&self, request: &LinkRequest) -> Result<Link, ProviderError> {
        // *Assumed*: Banq wants a comment. The order is what a shopper can make something of.
        let comment = if request.comment.trim().is_empty() { &request.order_id } else { &request.comment };
        let body = GetPaid {
            destination: self.account_guid,
            comment: comment.clone(),
            funds: request.funds,
            external_order_code: request.order_code.clone(),
            schedule: request.schedule,
        };
        mapping::link(self.api.get_paid_link(request.attempt_key, &body).await?)
    }

    /// The truth about one payment.
    pub(crate) async fn payment(&self, id: &ProviderId) -> Result<Observation, ProviderError> {
        mapping::observation(self.api.payment(own(id)?).await?, id)
    }

    /// The payment of a transaction.
    pub(crate) async fn payment_of(&self, transaction: &ProviderId) -> Result<ProviderId, ProviderError> {
        mapping::payment_of(&self.api.transaction(own(transaction)?).await?)
    }

    /// Describes the webhook.
    pub(crate) fn document() -> utoipa::openapi::OpenApi {
        <openapi::Document as utoipa::OpenApi>::openapi()
    }

    /// See [`webhook`].
    pub(crate) fn webhook(&self, headers: &HeaderMap, raw: &[u8]) -> Result<WebhookEvent, WebhookRefusal> {
        webhook::verify(&self.webhook_secrets, headers, raw)?;
        webhook::read(raw)
    }
}

/// An id as Banq writes it; another provider's is not asked about.
fn own(id: &ProviderId) -> Result<&str, ProviderError> {
    id.raw_for(NAME).ok_or_else(|| ProviderError::ForeignId(id.to_string()))
}

/// The Open API as the configuration names it.
pub(crate) fn settings(config: &Config) -> OpenApiSettings {
    let (banq, tuning) = (&config.banq, &config.tuning);
    OpenApiSettings {
        api_url: banq.api_url.clone(),
        auth_url: banq.auth_url.clone(),
        login: Login::Application {
            client_id: banq.client_id.clone(),
            username: banq.username.clone(),
            password: banq.password.clone(),
        },
        timeouts: Timeouts {
            connect: tuning.connect_timeout,
            request: tuning.request_timeout,
            deadline: tuning.provider_deadline,
            retry_pause: tuning.retry_pause,
        },
        direct: config.environment == Environment::Local,
    }
}

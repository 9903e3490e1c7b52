//! Calls Banq's Open API (vendor documents 000, 001 and 002; *assumed* marks a rule that no document states).
//!
//! - [`mapping`]: converts Banq's answers into neutral types
//! - [`webhook`]: checks and reads webhooks; [`webhook_document`]: describes them

pub(crate) mod admin;
mod mapping;
pub(crate) mod webhook;
mod webhook_document;

use axum::http::HeaderMap;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::{
    Credentials, Link, LinkRequest, Observation, Observed, ProviderError, ProviderId, WebhookEvent,
    WebhookRefusal,
};
use crate::{
    Secret,
    config::{BanqConfig, Config, Environment},
};
use open_api::{GetPaid, Login, OpenApi, OpenApiError, OpenApiSettings, Timeouts};

/// The prefix of Banq's ids.
const NAME: &str = "banq";

/// The client of one merchant's account at Banq.
pub(crate) struct Banq {
    api: OpenApi,
    account_guid: Uuid,
    /// The present secret, and the one before it while webhooks that are signed with it may still come.
    webhook_secrets: Vec<Secret>,
}

impl Banq {
    /// Prepares the client. Sends nothing yet.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub(crate) fn new(
        config: &Config,
        banq: &BanqConfig,
        tasks: TaskTracker,
        observe: impl Fn(&Observed) + Send + Sync + 'static,
    ) -> Result<Self, reqwest::Error> {
        let secrets = [Some(&banq.webhook_secret), banq.webhook_secret_previous.as_ref()];
        Ok(Self {
            api: OpenApi::observed(settings(config, banq), tasks, move |call| observe(&observed(&call)))?,
            account_guid: banq.account_guid,
            webhook_secrets: secrets.into_iter().flatten().cloned().collect(),
        })
    }

    /// Requests an access token, unless a valid one is cached.
    pub(crate) async fn sign_in(&self) -> Result<(), ProviderError> {
        Ok(self.api.sign_in().await?)
    }

    /// Returns the milliseconds by which this machine's clock is ahead of Banq's; see [`OpenApi::clock_ahead`].
    pub(crate) fn clock_ahead(&self) -> Option<i64> {
        self.api.clock_ahead()
    }

    /// Requests a link under the attempt's `X-Idempotent-Id` (001).
    pub(crate) async fn create_link(&self, request: &LinkRequest) -> Result<Link, ProviderError> {
        // *Assumed*: Banq requires a comment. The order's id means something to the shopper.
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

    /// Requests the present state of a payment.
    pub(crate) async fn payment(&self, id: &ProviderId) -> Result<Observation, ProviderError> {
        mapping::observation(self.api.payment(own(id)?).await?, id)
    }

    /// Requests the id of a transaction's payment.
    pub(crate) async fn payment_of(&self, transaction: &ProviderId) -> Result<ProviderId, ProviderError> {
        mapping::payment_of(&self.api.transaction(own(transaction)?).await?)
    }

    pub(crate) fn document() -> utoipa::openapi::OpenApi {
        <webhook_document::Document as utoipa::OpenApi>::openapi()
    }

    /// Checks and reads a webhook; see [`webhook`].
    pub(crate) fn webhook(&self, headers: &HeaderMap, raw: &[u8]) -> Result<WebhookEvent, WebhookRefusal> {
        webhook::verify(&self.webhook_secrets, headers, raw)?;
        webhook::read(raw)
    }
}

/// Returns an id as Banq writes it. Fails for another provider's id: Banq is not asked about that.
fn own(id: &ProviderId) -> Result<&str, ProviderError> {
    id.raw_for(NAME).ok_or_else(|| ProviderError::ForeignId(id.to_string()))
}

/// Converts the configuration into the settings of the Open API's client.
fn settings(config: &Config, banq: &BanqConfig) -> OpenApiSettings {
    let tuning = &config.tuning;
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

/// Returns a call of the API in neutral words.
fn observed(call: &open_api::Observed<'_>) -> Observed {
    let credentials = match call.error {
        None => Credentials::Accepted,
        Some(OpenApiError::Credentials(_)) => Credentials::Refused,
        Some(_) => Credentials::Unknown,
    };
    let outcome = call.error.map_or("ok", OpenApiError::kind);
    Observed { call: call.call, outcome, took: call.took, credentials }
}

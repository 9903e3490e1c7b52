//! Banq's Open API (vendor documents 000, 001 and 002; what no document states is marked *assumed*).
//!
//! - [`token`]: the access token, fetched once for however many wait
//! - [`client`]: one call with its deadline, repeats and errors
//! - [`resource`]: what requests and answers look like, and what their words mean
//! - [`webhook`]: signature and body of a webhook

mod client;
mod resource;
mod token;
mod webhook;

use axum::http::HeaderMap;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use self::client::Client;
use super::{Link, LinkRequest, Observation, ProviderError, ProviderId, WebhookEvent, WebhookRefusal};
use crate::{config::Config, secret::Secret};

/// The name in front of Banq's ids.
const NAME: &str = "banq";

/// The vendor's amounts are dollars; there is no field for a currency.
pub(crate) const CURRENCY: &str = "USD";

/// Banq, seen from one merchant's account.
pub(crate) struct Banq {
    client: Client,
    account_guid: Uuid,
    webhook_secret: Secret,
}

impl Banq {
    /// Prepares the client; asks nothing yet.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub(crate) fn new(config: &Config, tasks: TaskTracker) -> Result<Self, reqwest::Error> {
        Ok(Self {
            client: Client::new(config, tasks)?,
            account_guid: config.banq.account_guid,
            webhook_secret: config.banq.webhook_secret.clone(),
        })
    }

    /// `POST /v1/payments/get-paid-link` (002), under the attempt's `X-Idempotent-Id` (001).
    pub(crate) async fn create_link(&self, request: &LinkRequest) -> Result<Link, ProviderError> {
        let body = resource::LinkBody::new(self.account_guid, request);
        let body = serde_json::to_vec(&body).map_err(|error| ProviderError::BadRequest(error.to_string()))?;
        let answer = self.client.post("v1/payments/get-paid-link", request.attempt_key, body).await?;
        resource::link(&answer.body, answer.location.as_deref())
    }

    /// `GET /v1/payments/{id}` (002): the truth about one payment.
    pub(crate) async fn payment(&self, id: &ProviderId) -> Result<Observation, ProviderError> {
        let answer = self.client.get(&format!("v1/payments/{}", id.raw())).await?;
        resource::observation(&answer.body, id)
    }

    /// `GET /v1/transactions/{id}`; *assumed*: 001 says that transactions can be retrieved, not where. Their
    /// webhooks carry only a transaction's id, so some way to the payment must exist.
    pub(crate) async fn payment_of(&self, transaction: &ProviderId) -> Result<ProviderId, ProviderError> {
        let answer = self.client.get(&format!("v1/transactions/{}", transaction.raw())).await?;
        resource::payment_of(&answer.body)
    }

    /// See [`webhook`].
    pub(crate) fn webhook(&self, headers: &HeaderMap, raw: &[u8]) -> Result<WebhookEvent, WebhookRefusal> {
        webhook::verify(&self.webhook_secret, headers, raw)?;
        webhook::read(raw)
    }
}

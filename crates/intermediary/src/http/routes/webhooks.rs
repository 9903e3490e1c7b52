//! `POST /your-web-hooks/payment-status`: raw bytes → [`UnverifiedWebhook`] → [`VerifiedEvent`] → the store.
//!
//! 200 once it is on disk; what it leads to is the worker's business. 401 for a missing or wrong signature,
//! with nothing parsed and nothing stored. 400 for what is signed and still not a webhook.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
};

use crate::{
    error::Error,
    http::{body::Raw, openapi, state::App},
    provider::{Provider, Subject, WebhookEvent, WebhookRefusal},
    store::Received,
};

/// Where Banq sends them (002, "Subscribing to Webhooks").
pub(crate) const PATH: &str = "/your-web-hooks/payment-status";

/// What anybody may have sent. There is nothing to be done with it but to verify it.
struct UnverifiedWebhook {
    headers: HeaderMap,
    raw: Bytes,
}

/// What the provider sent. Only [`UnverifiedWebhook::verify`] makes one, and the store takes nothing else.
pub(crate) struct VerifiedEvent(WebhookEvent);

impl UnverifiedWebhook {
    fn verify(self, provider: &Provider) -> Result<VerifiedEvent, Error> {
        match provider.webhook(&self.headers, &self.raw) {
            Ok(event) => Ok(VerifiedEvent(event)),
            Err(WebhookRefusal::Signature) => Err(Error::InvalidSignature),
            Err(WebhookRefusal::Unreadable) => Err(Error::NotAWebhook),
        }
    }
}

impl VerifiedEvent {
    /// What it says.
    pub(crate) fn event(&self) -> &WebhookEvent {
        &self.0
    }
}

#[cfg(test)]
impl VerifiedEvent {
    /// For the store's own tests, which are about what comes after the verification.
    pub(crate) fn for_test(event: WebhookEvent) -> Self {
        Self(event)
    }
}

/// Takes a webhook.
#[utoipa::path(
    post,
    path = "/your-web-hooks/payment-status",
    operation_id = "receivePaymentStatus",
    tag = "servers",
    security(("banqSignature" = [])),
    request_body = openapi::BanqWebhook,
    responses((status = 200, description = "It is on disk."))
)]
pub(crate) async fn receive(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Raw(raw): Raw,
) -> Result<StatusCode, Error> {
    let verified = UnverifiedWebhook { headers, raw }.verify(&app.provider);
    let verified = verified.inspect_err(|_| app.metrics.webhook("refused"))?;
    let received = app.store.receive(&verified).await?;
    let WebhookEvent { id, subject, kind, created_at } = verified.event();
    match received {
        Received::Duplicate => app.metrics.webhook("duplicate"),
        Received::New | Received::Ignored => {
            app.metrics.webhook("stored");
            app.metrics.webhook_received(*created_at);
        }
    }
    match (received, subject) {
        (Received::Duplicate, _) => tracing::info!(webhook = %id, kind, "a webhook came again"),
        (Received::Ignored, _) => {
            tracing::warn!(webhook = %id, kind, "an unknown webhook about no payment of ours is ignored");
        }
        (
            Received::New,
            Subject::Payment(resource) | Subject::Transaction(resource) | Subject::Unknown(resource),
        ) => {
            tracing::info!(webhook = %id, kind, %resource, "a webhook came");
            app.wake.notify_one();
        }
    }
    Ok(StatusCode::OK)
}

//! The webhooks of the payment provider: raw bytes → [`UnverifiedWebhook`] → [`VerifiedEvent`](crate::provider::VerifiedEvent) → the store.
//!
//! 200 once it is on disk; what it leads to is the worker's business. 401 for a missing or wrong signature,
//! with nothing parsed and nothing stored. 400 for what is signed and still not a webhook.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};

use crate::{
    checkout::service::Service,
    http::body::Raw,
    http::error::Error,
    provider::{Subject, UnverifiedWebhook, WebhookEvent, WebhookRefusal},
    store::Received,
};

/// Takes a webhook. The provider describes it in `/openapi.json`.
pub(crate) async fn receive(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    Raw(raw): Raw,
) -> Result<StatusCode, Error> {
    let verified = UnverifiedWebhook { headers, raw }.verify(&service.provider).map_err(|refusal| {
        service.metrics.webhook("refused");
        match refusal {
            WebhookRefusal::Signature => Error::InvalidSignature,
            WebhookRefusal::Unreadable => Error::NotAWebhook,
        }
    })?;
    let received = service.store.receive(&verified).await?;
    let WebhookEvent { id, subject, kind, created_at } = verified.event();
    match received {
        Received::Duplicate => service.metrics.webhook("duplicate"),
        Received::New | Received::Ignored => {
            service.metrics.webhook("stored");
            service.metrics.webhook_received(*created_at);
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
            service.wake.notify_one();
        }
    }
    Ok(StatusCode::OK)
}

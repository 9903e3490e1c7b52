//! The provider's webhooks: raw bytes → [`UnverifiedWebhook`] → [`VerifiedEvent`](crate::provider::VerifiedEvent) → the
//! store.
//!
//! 200 once the webhook is stored; the worker processes it later. 401 for a missing or wrong signature, before anything
//! is parsed or stored. 400 for a signed body that is not a webhook.

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

/// Stores a webhook. The provider adds this route to `/openapi.json`.
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
    // Where the worker has a place, it gets the job at once.
    let place = service.handoff.place();
    let lease = place.as_ref().map(|_| service.tuning.lease);
    let (received, claim) = service.store.receive_and_claim(&verified, lease).await?;
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
            match claim.zip(place) {
                Some((claim, place)) => service.handoff.hand(claim, place),
                None => service.wake.notify_one(),
            }
        }
    }
    Ok(StatusCode::OK)
}

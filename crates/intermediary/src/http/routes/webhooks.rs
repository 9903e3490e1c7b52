//! The provider's webhooks: raw bytes → [`UnverifiedWebhook`] → [`VerifiedEvent`] → the store.
//!
//! 200 once the webhook is stored; the worker processes it later. 401 for a missing or wrong signature, before anything
//! is parsed or stored. 400 for a signed body that is not a webhook.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use tracing::Instrument;

use crate::{
    checkout::{self, handoff::Handed, service::Service},
    http::body::Raw,
    http::error::Error,
    provider::{Subject, UnverifiedWebhook, VerifiedEvent, WebhookEvent, WebhookRefusal},
    store::{self, Received},
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
    // In a task of its own: a sender that hangs up does not interrupt it between the claim and the handoff.
    let stored = service.tasks.spawn(store(Arc::clone(&service), verified).in_current_span());
    stored.await.map_err(|_| checkout::Error::TaskPanicked)??;
    Ok(StatusCode::OK)
}

/// Stores a webhook and hands its job to the worker.
async fn store(service: Arc<Service>, verified: VerifiedEvent) -> Result<(), store::Error> {
    // Where the worker has a place, it gets the job at once.
    let place = service.handoff.place();
    let lease = place.as_ref().map(|_| service.tuning.lease);
    let question = place.as_ref().and_then(|_| service.ask_early(verified.event()));
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
                Some((claim, place)) => service.handoff.hand(Handed { claim, place, question }),
                None => service.wake.notify_one(),
            }
        }
    }
    Ok(())
}

//! The type that proves a webhook's signature was checked.

use axum::{body::Bytes, http::HeaderMap};

use super::{Provider, WebhookEvent, WebhookRefusal};

/// A webhook as it arrived, from anybody. It can only be verified.
pub(crate) struct UnverifiedWebhook {
    pub(crate) headers: HeaderMap,
    pub(crate) raw: Bytes,
}

/// An event whose signature is the provider's. Only [`UnverifiedWebhook::verify`] makes one, and the store takes
/// nothing else.
pub(crate) struct VerifiedEvent(WebhookEvent);

impl UnverifiedWebhook {
    /// Checks the signature over the raw bytes, and only then reads them.
    ///
    /// # Errors
    /// A missing or wrong signature, or a body that is no webhook.
    pub(crate) fn verify(self, provider: &Provider) -> Result<VerifiedEvent, WebhookRefusal> {
        provider.webhook(&self.headers, &self.raw).map(VerifiedEvent)
    }
}

impl VerifiedEvent {
    /// Returns the event.
    pub(crate) fn event(&self) -> &WebhookEvent {
        &self.0
    }
}

#[cfg(test)]
impl VerifiedEvent {
    /// Makes one without a signature, for the store's tests.
    pub(crate) fn for_test(event: WebhookEvent) -> Self {
        Self(event)
    }
}

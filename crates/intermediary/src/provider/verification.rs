//! The type that proves that a webhook's signature was checked.

use axum::{body::Bytes, http::HeaderMap};

use super::{Provider, WebhookEvent, WebhookRefusal};

/// A webhook as it arrived, from any sender. The only thing to do with it is to verify it.
pub(crate) struct UnverifiedWebhook {
    pub(crate) headers: HeaderMap,
    pub(crate) raw: Bytes,
}

/// An event that the provider has signed. Only [`UnverifiedWebhook::verify`] makes one, and the store accepts nothing
/// else.
pub(crate) struct VerifiedEvent(WebhookEvent);

impl UnverifiedWebhook {
    /// Checks the signature over the raw bytes, and only then reads them.
    ///
    /// # Errors
    /// The signature is missing or wrong, or the body is not a webhook.
    pub(crate) fn verify(self, provider: &Provider) -> Result<VerifiedEvent, WebhookRefusal> {
        provider.webhook(&self.headers, &self.raw).map(VerifiedEvent)
    }
}

impl VerifiedEvent {
    pub(crate) fn event(&self) -> &WebhookEvent {
        &self.0
    }
}

#[cfg(test)]
impl VerifiedEvent {
    /// Makes an event without a signature, for the store's tests.
    pub(crate) fn for_test(event: WebhookEvent) -> Self {
        Self(event)
    }
}

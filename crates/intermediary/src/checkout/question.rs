//! A question to the provider about a payment, which may begin before its webhook is stored.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::task::JoinHandle;

use crate::{
    checkout::Error,
    domain::{checkout::Checkout, provider_id::ProviderId},
    provider::{Observation, ProviderError},
};

/// The provider's answer about a payment, and the payment's checkout as it was read before the question. If the checkout
/// has changed since, the answer may be older than the change, and is not written.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(super) checkout: Checkout,
    pub(super) answer: Result<Observation, ProviderError>,
}

/// A question that began when a webhook came, while the webhook was being stored.
pub(crate) struct EarlyQuestion {
    webhook: ProviderId,
    running: JoinHandle<Result<Option<Answered>, Error>>,
}

/// The payments about which an early question runs: one each, although a payment's webhooks often come together.
#[derive(Clone, Default)]
pub(super) struct EarlyQuestions(Arc<Mutex<HashSet<ProviderId>>>);

/// Proves that there is no other early question about the payment.
pub(super) struct OnlyQuestion {
    payment: ProviderId,
    all: EarlyQuestions,
}

impl EarlyQuestions {
    /// Returns `None` if there is one about this payment.
    pub(super) fn begin(&self, payment: &ProviderId) -> Option<OnlyQuestion> {
        let is_new = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(payment.clone());
        is_new.then(|| OnlyQuestion { payment: payment.clone(), all: self.clone() })
    }
}

impl Drop for OnlyQuestion {
    fn drop(&mut self) {
        self.all.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.payment);
    }
}

impl EarlyQuestion {
    pub(super) fn new(webhook: ProviderId, running: JoinHandle<Result<Option<Answered>, Error>>) -> Self {
        Self { webhook, running }
    }

    /// Returns whether it began after this webhook came. It may have begun before any other one came.
    pub(crate) fn is_about(&self, webhook: &str) -> bool {
        self.webhook.as_str() == webhook
    }

    /// Waits for the answer; returns `None` if the provider was not asked: no checkout has the payment, or the webhook
    /// was stored before.
    ///
    /// # Errors
    /// The checkout could not be read.
    pub(crate) async fn answered(self) -> Result<Option<Answered>, Error> {
        self.running.await.map_err(|_| Error::TaskPanicked)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_early_question_about_a_payment_at_a_time() {
        let questions = EarlyQuestions::default();
        let payments = ["p1", "p2"].map(|raw| ProviderId::new("acme", raw).unwrap());
        let first = questions.begin(&payments[0]);
        assert!(first.is_some() && questions.begin(&payments[0]).is_none());
        assert!(questions.begin(&payments[1]).is_some());
        drop(first);
        assert!(questions.begin(&payments[0]).is_some());
    }
}

//! Runs one job: asks the provider about a payment, repeats a link request, or notifies the shop.

use std::time::{Duration, Instant};

use super::{Worker, notify_shop};
use crate::{
    checkout::{Error, confirm::ConfirmRequest, question::EarlyQuestion},
    domain::{
        provider_id::ProviderId,
        time::{self, Millis},
    },
    store::{Claim, Job, JobResult, Outcome, PendingWebhook, Trigger},
};

/// After this time a webhook with an unknown payment belongs to another system on the same account.
const UNMATCHED_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Debug, Clone, Copy)]
enum Failure {
    Passes,
    /// The cause may be the job itself.
    MayBeItsOwn,
}

impl Worker {
    /// Works on a job. `question`: one about its payment, which has begun already.
    pub(super) async fn work(&self, claim: Claim, question: Option<EarlyQuestion>) {
        // Shorter than the lease, within which no other instance works on the job.
        let within = self.service.tuning.lease.mul_f64(0.8);
        let started = Instant::now();
        let result = tokio::time::timeout(within, self.attempt_job(&claim, question)).await;
        let (failure, error) = match result {
            Ok(Ok(())) => return,
            Ok(Err(Error::Provider(failure))) if failure.is_outage() => {
                tracing::warn!(error = %failure, "the provider could not be asked; trying again later");
                (Failure::Passes, failure.to_string())
            }
            Ok(Err(error @ Error::OrderSource(_))) => {
                tracing::error!(%error, "the shop could not say what an order costs; trying again later");
                (Failure::Passes, error.to_string())
            }
            Ok(Err(error)) if error.is_database_away() => {
                tracing::warn!(%error, "the database is away; trying again later");
                (Failure::Passes, error.to_string())
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "a job failed");
                (Failure::MayBeItsOwn, error.to_string())
            }
            Err(_) => {
                tracing::warn!("a job took too long; trying again later");
                (Failure::Passes, "it took too long".to_owned())
            }
        };
        loop {
            let ended = match failure {
                Failure::Passes => self.later(&claim, &error).await,
                Failure::MayBeItsOwn => self.fault(&claim, &error).await,
            };
            match ended {
                Ok(()) => return,
                // While the lease holds, the result can still be written.
                Err(away) if away.is_away() && started.elapsed() < self.service.tuning.lease => {
                    tokio::time::sleep(self.service.tuning.worker_pause).await;
                }
                Err(error) => {
                    // After the lease ends, the job is retried.
                    tracing::error!(%error, "the end of a job could not be written down");
                    return;
                }
            }
        }
    }

    async fn attempt_job(&self, claim: &Claim, question: Option<EarlyQuestion>) -> Result<(), Error> {
        if self.is_poison(claim) {
            return Ok(self.give_up(claim, "the process died each time, or it never ended").await?);
        }
        match &claim.job {
            Job::Payment(payment) => self.look(payment, claim, question).await,
            Job::Transaction(transaction) => self.resolve(transaction, claim).await,
            Job::Attempt(checkout) => match self.service.store.checkout(checkout).await? {
                Some(checkout) => self.service.repeat_link(&checkout, claim).await,
                None => Ok(self.service.store.finish(claim, JobResult::Done(None)).await?),
            },
            Job::Notification(id) => {
                let (store, tuning) = (&self.service.store, &self.service.tuning);
                Ok(notify_shop::run(
                    store,
                    &self.service.metrics,
                    self.fulfilment.as_ref(),
                    tuning,
                    id,
                    claim,
                )
                .await?)
            }
        }
    }

    /// Asks the provider about a payment, for all its webhooks at once.
    async fn look(
        &self,
        payment: &ProviderId,
        claim: &Claim,
        question: Option<EarlyQuestion>,
    ) -> Result<(), Error> {
        let (webhooks, claim) = &self.service.store.waiting_for(payment, claim).await?;
        let last = webhooks.last().map(|webhook| Trigger::Webhook(webhook.webhook_id.clone()));
        let trigger = claim.trigger.clone().or(last).unwrap_or(Trigger::Sweep);
        // A webhook that came later may be about what happened after that question.
        let question =
            question.filter(|question| webhooks.iter().all(|known| question.is_about(&known.webhook_id)));
        let answered = match question {
            Some(question) => question.answered().await?,
            None => None,
        };
        let request = ConfirmRequest { trigger, claim: Some(claim), webhooks, answered };
        if self.service.confirm(payment, request).await?.is_some() {
            return Ok(());
        }
        // The webhook arrived before the response with the link, or its payment is not ours.
        let now = time::now();
        let (old, recent): (Vec<_>, Vec<_>) =
            webhooks.iter().cloned().partition(|webhook| is_old(webhook, now));
        if !old.is_empty() {
            tracing::warn!(%payment, "no checkout has this payment: its webhooks are given up");
            self.service.metrics.unmatched(old.len());
            self.service.store.settle(&old, Outcome::Unmatched).await?;
        }
        if recent.is_empty() {
            return Ok(self.service.store.finish(claim, JobResult::Done(None)).await?);
        }
        let again = JobResult::RetryAt(self.next_try(claim), "no checkout has this payment yet");
        Ok(self.service.store.finish(claim, again).await?)
    }

    /// Asks the provider for the payment of a transaction, and assigns the transaction's webhooks to it.
    async fn resolve(&self, transaction: &ProviderId, claim: &Claim) -> Result<(), Error> {
        let webhooks = self.service.store.unassigned(transaction).await?;
        if !webhooks.is_empty() {
            let payment = self.service.provider.payment_of(transaction).await?;
            self.service.store.assign(transaction, &payment, claim.trigger.as_ref()).await?;
            self.service.wake.notify_one();
        }
        Ok(self.service.store.finish(claim, JobResult::Done(None)).await?)
    }
}

fn is_old(webhook: &PendingWebhook, now: Millis) -> bool {
    time::after(webhook.received_at, UNMATCHED_AFTER) < now
}

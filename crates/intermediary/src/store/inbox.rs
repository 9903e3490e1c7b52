//! Keeps webhooks, from arrival to outcome.

use std::time::Duration;

use super::{
    Claim, Job, Store, Trigger,
    db::Tx,
    jobs::{Source, enqueue, enqueue_by_operator, enqueue_or_claim, request, request_or_claim},
    postgres::with,
    statement::{Query, Row, sql},
};
use crate::{
    domain::{
        provider_id::ProviderId,
        time::{self, Millis},
    },
    provider::{Subject, VerifiedEvent, WebhookEvent},
    store::Error,
};

/// The result of a webhook's arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Received {
    /// The webhook is stored, and a job is due for it.
    New,
    /// The webhook is stored. It is about nothing that this version knows.
    Ignored,
    /// The webhook was here before: there is nothing to do.
    Duplicate,
}

/// The result of the work on a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The webhook is about nothing that this version knows.
    Ignored,
    /// The provider's answer changed the checkout.
    Changed,
    /// The provider's answer was known already.
    Unchanged,
    /// The provider's payment is for another order or amount.
    Mismatch,
    /// The provider has a status that this version does not know.
    UnknownStatus,
    /// After a day, no checkout has this payment.
    Unmatched,
    /// The webhook was given up, and is a dead letter for a person to inspect.
    Dead,
}

impl Outcome {
    /// Returns the word in the table.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ignored => "ignored",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Mismatch => "mismatch",
            Self::UnknownStatus => "unknown_status",
            Self::Unmatched => "unmatched",
            Self::Dead => "dead",
        }
    }
}

/// A webhook without an outcome yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PendingWebhook {
    pub(crate) seq: i64,
    pub(crate) webhook_id: String,
    pub(crate) received_at: Millis,
}

impl Store {
    /// Stores a webhook, once, with the job that it needs. On return, both are on disk.
    #[cfg(test)]
    pub(crate) async fn receive(&self, event: &VerifiedEvent) -> Result<Received, Error> {
        Ok(self.receive_and_claim(event, None).await?.0)
    }

    /// Stores a webhook, once, with the job that it needs. On return, both are on disk. With a `lease`, this instance
    /// also claims the job, unless another has it or the process died of it before.
    pub(crate) async fn receive_and_claim(
        &self,
        event: &VerifiedEvent,
        lease: Option<Duration>,
    ) -> Result<(Received, Option<Claim>), Error> {
        let now = time::now();
        let event = event.event();
        let job = match &event.subject {
            Subject::Payment(id) => Some(Job::Payment(id.clone())),
            Subject::Transaction(id) => Some(Job::Transaction(id.clone())),
            Subject::Unknown(_) => None,
        };
        if let (Some(job), Some(lease), false) = (&job, lease, self.is_alone()) {
            return self.receive_at_once(event, job, now, lease).await;
        }
        let mut tx = self.db.write().await?;
        let job = match &event.subject {
            Subject::Unknown(id) if is_ours(&mut tx, id).await? => Some(Job::Payment(id.clone())),
            Subject::Unknown(_) | Subject::Payment(_) | Subject::Transaction(_) => job,
        };
        let is_ignored = job.is_none();
        let is_new = arrival(event, job.as_ref(), now).run(&mut tx).await? == 1;
        let claim = match (job.filter(|_| is_new), lease) {
            (Some(job), Some(lease)) => enqueue_or_claim(&mut tx, self, &job, now, lease).await?,
            (Some(job), None) => {
                enqueue(&mut tx, &job, now).await?;
                None
            }
            (None, _) => None,
        };
        tx.commit().await?;
        let received = match is_new {
            true if is_ignored => Received::Ignored,
            true => Received::New,
            false => Received::Duplicate,
        };
        Ok((received, claim))
    }

    /// Does the same on PostgreSQL in one statement, which is a transaction by itself.
    async fn receive_at_once(
        &self,
        event: &WebhookEvent,
        job: &Job,
        now: Millis,
        lease: Duration,
    ) -> Result<(Received, Option<Claim>), Error> {
        let unclaimed = Source::Select(" FROM new WHERE NOT EXISTS (SELECT 1 FROM claimed)");
        let parts = [
            ("new", arrival(event, Some(job), now).and(" RETURNING webhook_id")),
            ("claimed", request_or_claim(self, job, now, lease, Source::Select(" FROM new"))),
            ("requested", request(job, now, unclaimed)),
        ];
        let select = sql("SELECT (SELECT COUNT(*) FROM new) AS arrived, claimed.*
             FROM (SELECT 1) AS always LEFT JOIN claimed ON TRUE");
        let query = with(parts.map(|(name, part)| (name.to_owned(), part)), select);
        let row = query.first(self.db.writer()).await?.ok_or(Error::Row("arrived"))?;
        let received = if row.int("arrived")? == 1 { Received::New } else { Received::Duplicate };
        let claim = row.maybe_text("kind")?.map(|_| Claim::read(&row)).transpose()?;
        Ok((received, claim))
    }

    /// Returns the webhooks of a payment that have no outcome yet.
    pub(crate) async fn waiting(&self, payment: &ProviderId) -> Result<Vec<PendingWebhook>, Error> {
        let query = sql("SELECT seq, webhook_id, received_at FROM inbox
             WHERE payment_id = $1 AND outcome IS NULL ORDER BY seq");
        let rows = query.bind(payment.as_str()).brief().all(&self.db).await?;
        rows.iter().map(waiting).collect()
    }

    /// Returns the webhooks of a payment that have no outcome yet, for its claimed job, and the claim that covers them: a
    /// webhook that is among them does not make the job due again at its end.
    pub(crate) async fn waiting_for(
        &self,
        payment: &ProviderId,
        claim: &Claim,
    ) -> Result<(Vec<PendingWebhook>, Claim), Error> {
        let query = sql("SELECT seq, webhook_id, received_at,
                 (SELECT wanted FROM jobs WHERE kind = $2 AND subject = $3 AND leased_by = $4) AS wanted
             FROM inbox WHERE payment_id = $1 AND outcome IS NULL ORDER BY seq");
        let query = query.bind(payment.as_str()).bind(claim.job.kind()).bind(claim.job.subject());
        let rows = query.bind(self.instance.as_ref()).brief().all(&self.db).await?;
        // None: the lease has ended, and another instance has the job.
        let wanted = rows.first().map(|row| row.maybe_int("wanted")).transpose()?.flatten();
        let webhooks = rows.iter().map(waiting).collect::<Result<_, _>>()?;
        Ok((webhooks, Claim { wanted: wanted.unwrap_or(claim.wanted), ..claim.clone() }))
    }

    /// Returns the webhooks of a transaction whose payment is not known yet.
    pub(crate) async fn unassigned(&self, transaction: &ProviderId) -> Result<Vec<PendingWebhook>, Error> {
        let query = sql("SELECT seq, webhook_id, received_at FROM inbox
             WHERE transaction_id = $1 AND payment_id IS NULL AND outcome IS NULL ORDER BY seq");
        let rows = query.bind(transaction.as_str()).all(&self.db).await?;
        rows.iter().map(waiting).collect()
    }

    /// Records the payment of a transaction: from now on the transaction's webhooks are those of the payment. `trigger`
    /// is that of the job: if an operator requested it, the operator is also recorded as the cause of its changes.
    pub(crate) async fn assign(
        &self,
        transaction: &ProviderId,
        payment: &ProviderId,
        trigger: Option<&Trigger>,
    ) -> Result<(), Error> {
        let mut tx = self.db.write().await?;
        sql("UPDATE inbox SET payment_id = $1 WHERE transaction_id = $2 AND payment_id IS NULL AND outcome IS NULL")
            .bind(payment.as_str())
            .bind(transaction.as_str())
            .run(&mut tx)
            .await?;
        let look = Job::Payment(payment.clone());
        match trigger {
            Some(Trigger::Operator) => enqueue_by_operator(&mut tx, &look).await?,
            Some(Trigger::Webhook(_) | Trigger::Sweep | Trigger::Request(_)) | None => {
                enqueue(&mut tx, &look, time::now()).await?;
            }
        }
        tx.commit().await
    }

    /// Records the outcome of these webhooks.
    pub(crate) async fn settle(&self, waiting: &[PendingWebhook], outcome: Outcome) -> Result<(), Error> {
        let mut tx = self.db.write().await?;
        settle(&mut tx, waiting, outcome).await?;
        tx.commit().await
    }
}

/// Returns the statement that stores a webhook, once; without a job it is settled at once.
fn arrival(event: &WebhookEvent, job: Option<&Job>, now: Millis) -> Query {
    let (payment, transaction, outcome) = match job {
        Some(Job::Transaction(id)) => (None, Some(id.as_str()), None),
        Some(job) => (Some(job.subject()), None, None),
        None => (None, None, Some(Outcome::Ignored.as_str())),
    };
    sql("INSERT INTO inbox (webhook_id, kind, payment_id, transaction_id, received_at, outcome, processed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (webhook_id) DO NOTHING")
    .bind(event.id.as_str())
    .bind(&event.kind)
    .bind(payment)
    .bind(transaction)
    .bind(now)
    .bind(outcome)
    .bind(outcome.map(|_| now))
}

/// Returns whether a payment with this id belongs to one of the checkouts.
async fn is_ours(tx: &mut Tx, id: &ProviderId) -> Result<bool, Error> {
    let ours = sql("SELECT 1 FROM checkouts WHERE payment_id = $1");
    Ok(ours.bind(id.as_str()).first(tx).await?.is_some())
}

fn waiting(row: &Row) -> Result<PendingWebhook, Error> {
    Ok(PendingWebhook {
        seq: row.int("seq")?,
        webhook_id: row.text("webhook_id")?,
        received_at: row.int("received_at")?,
    })
}

/// Records the outcome as part of a larger transaction.
pub(super) async fn settle(tx: &mut Tx, waiting: &[PendingWebhook], outcome: Outcome) -> Result<(), Error> {
    for webhook in waiting {
        let settled =
            sql("UPDATE inbox SET outcome = $1, processed_at = $2 WHERE seq = $3 AND outcome IS NULL");
        tx.later(settled.bind(outcome.as_str()).bind(time::now()).bind(webhook.seq)).await?;
    }
    Ok(())
}

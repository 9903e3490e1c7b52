//! Records the provider's answer to a link request.

use uuid::Uuid;

use super::{
    Checkout, CheckoutId, Claim, Job, JobResult, Store, Trigger,
    audit::{Changed, note},
    jobs::{enqueue, finish},
    statement::sql,
};
use crate::{
    domain::{
        provider_id::ProviderId,
        time::{self, Millis},
    },
    provider::Link,
    store::Error,
};

impl Store {
    /// Records the link, ends the attempt, and makes the next question about the payment due: at `next_poll_at`, or at
    /// once if webhooks came before the answer. Returns the checkout as it is then; `None` if it was closed or given
    /// another key meanwhile.
    pub(crate) async fn record_link(
        &self,
        checkout: &Checkout,
        claim: &Claim,
        link: &Link,
        expires_at: Millis,
        next_poll_at: Millis,
        trigger: &Trigger,
    ) -> Result<Option<Checkout>, Error> {
        let now = time::now();
        let payment = link.payment_id.as_str();
        let mut tx = self.db.write().await?;
        // The same lock guards the decision to close a checkout without a link unasked.
        tx.lock_order(&checkout.order_id).await?;
        let recorded = sql("UPDATE checkouts SET payment_id = $1, url = $2, expires_at = $3, updated_at = $4
             WHERE checkout_id = $5 AND attempt_key = $6 AND url IS NULL AND status = 'pending'")
        .bind(payment)
        .bind(&link.url)
        .bind(expires_at)
        .bind(now)
        .bind(checkout.id.as_str())
        .bind(checkout.attempt_key.to_string())
        .run(&mut tx)
        .await
        .map_err(|error| match &error {
            // A provider that answers with another checkout's payment would make one payment pay for two checkouts.
            Error::Database(sqlx::Error::Database(refusal)) if refusal.is_unique_violation() => {
                Error::PaymentTaken
            }
            _ => error,
        })?;
        finish(&mut tx, self, claim, JobResult::Done(None)).await?;
        if recorded == 1 {
            let waiting = sql("SELECT 1 FROM inbox WHERE payment_id = $1 AND outcome IS NULL LIMIT 1");
            let is_awaited = waiting.bind(payment).first(&mut tx).await?.is_some();
            let look = Job::Payment(link.payment_id.clone());
            enqueue(&mut tx, &look, if is_awaited { now } else { next_poll_at }).await?;
            note(&mut tx, checkout, Changed::Link, trigger).await?;
        }
        tx.commit().await?;
        // If another instance recorded the same answer first, its row counts.
        let current = self.checkout(&checkout.id).await?;
        let is_ours = |current: &Checkout| current.payment_id.as_ref() == Some(&link.payment_id);
        Ok(current.filter(|current| recorded == 1 || is_ours(current)))
    }

    /// Records that the provider refused. The next attempt has a new key, and starts only when a page asks for the
    /// link. No page waits for it, so the worker only closes the checkout when it expires.
    pub(crate) async fn renew_attempt(
        &self,
        checkout: &Checkout,
        claim: &Claim,
        error: &str,
        trigger: &Trigger,
    ) -> Result<(), Error> {
        let mut tx = self.db.write().await?;
        let renewed = sql("UPDATE checkouts SET attempt_key = $1, updated_at = $2
             WHERE checkout_id = $3 AND attempt_key = $4 AND url IS NULL")
        .bind(Uuid::new_v4().to_string())
        .bind(time::now())
        .bind(checkout.id.as_str())
        .bind(checkout.attempt_key.to_string())
        .run(&mut tx)
        .await?;
        if renewed == 1 {
            note(&mut tx, checkout, Changed::Renewed, trigger).await?;
        }
        finish(&mut tx, self, claim, JobResult::RetryAt(checkout.expires_at, error)).await?;
        tx.commit().await
    }

    /// Returns one checkout.
    pub(crate) async fn checkout(&self, id: &CheckoutId) -> Result<Option<Checkout>, Error> {
        self.find("checkout_id", id.as_str()).await
    }

    /// Returns the checkout of a payment, if the answer with its link was recorded.
    pub(crate) async fn checkout_of(&self, payment: &ProviderId) -> Result<Option<Checkout>, Error> {
        self.find("payment_id", payment.as_str()).await
    }

    /// Returns the checkout of a payment, unless this webhook is stored already.
    pub(crate) async fn checkout_of_unknown(
        &self,
        webhook: &ProviderId,
        payment: &ProviderId,
    ) -> Result<Option<Checkout>, Error> {
        let text = format!(
            "SELECT {} FROM checkouts WHERE payment_id = $1
                 AND NOT EXISTS (SELECT 1 FROM inbox WHERE webhook_id = $2)",
            Checkout::COLUMNS
        );
        let query = sql(text).bind(payment.as_str()).bind(webhook.as_str());
        query.brief().first(&self.db).await?.as_ref().map(Checkout::from_row).transpose()
    }

    async fn find(&self, column: &'static str, value: &str) -> Result<Option<Checkout>, Error> {
        let text = format!("SELECT {} FROM checkouts WHERE {column} = $1", Checkout::COLUMNS);
        sql(text).bind(value).brief().first(&self.db).await?.as_ref().map(Checkout::from_row).transpose()
    }
}

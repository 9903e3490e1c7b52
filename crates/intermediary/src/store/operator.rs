//! Answers an operator's questions.

use wire::Status;

use super::{
    Checkout, Store, Trigger,
    audit::{Changed, note},
    changes,
    db::Db,
    job::Job,
    jobs::enqueue_by_operator,
    statement::sql,
};
use crate::{
    domain::{time, transition::PaymentState},
    store::Error,
};

/// The condition for checkouts whose money a person has to settle, equal to that of the index `money_in_question`.
const IN_QUESTION: &str = "settled_at IS NULL AND (issue IS NOT NULL OR (status = 'paid' AND covers = 0))";

/// How many rows are waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Backlog {
    /// Webhooks without an outcome.
    pub(crate) webhooks: u64,
    /// Dead letters that were not replayed.
    pub(crate) dead_letters: u64,
    /// Notifications that are not sent yet.
    pub(crate) notifications: u64,
    /// Notifications that were given up.
    pub(crate) dead_notifications: u64,
    /// Checkouts whose money a person has to settle.
    pub(crate) in_question: u64,
}

impl Store {
    /// Returns the newest checkouts, of one order or of all.
    pub(crate) async fn checkouts(&self, order_id: Option<&str>, limit: u32) -> Result<Vec<Checkout>, Error> {
        self.newest("1 = 1", order_id, limit).await
    }

    /// Returns the newest checkouts whose money a person has to settle.
    pub(crate) async fn checkouts_in_question(
        &self,
        order_id: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Checkout>, Error> {
        self.newest(IN_QUESTION, order_id, limit).await
    }

    async fn newest(&self, which: &str, order_id: Option<&str>, limit: u32) -> Result<Vec<Checkout>, Error> {
        let of_order = order_id.map_or("", |_| "AND order_id = $2");
        let text = format!(
            "SELECT {} FROM checkouts WHERE {which} {of_order} ORDER BY created_at DESC LIMIT $1",
            Checkout::COLUMNS
        );
        let query = sql(text).bind(limit);
        let query = match order_id {
            Some(order_id) => query.bind(order_id),
            None => query,
        };
        query.all(&self.db).await?.iter().map(Checkout::from_row).collect()
    }

    /// Closes the case of a checkout. Returns false if it is not in question, or has changed meanwhile. This also
    /// cancels a checkout that is still open, since its order could get no other link; its payment stays watched.
    pub(crate) async fn settle_case(&self, checkout: &Checkout) -> Result<bool, Error> {
        let now = time::now();
        let mut tx = self.db.write().await?;
        tx.lock_order(&checkout.order_id).await?;
        let status = if checkout.is_over() { checkout.state.status } else { Status::Canceled };
        let settle = sql(format!(
            "UPDATE checkouts SET settled_at = $1, status = $2, version = version + 1, updated_at = $1
             WHERE checkout_id = $3 AND version = $4 AND {IN_QUESTION}"
        ));
        let settle = settle.bind(now).bind(status.as_str()).bind(checkout.id.as_str()).bind(checkout.version);
        if settle.run(&mut tx).await? == 0 {
            return Ok(false);
        }
        let state = PaymentState { status, ..checkout.state };
        let settled = Checkout { state, version: checkout.version + 1, updated_at: now, ..checkout.clone() };
        note(&mut tx, &settled, Changed::Settled, &Trigger::Operator).await?;
        changes::tell(&mut tx, &settled.id);
        tx.commit().await?;
        Ok(true)
    }

    /// Makes a question to the provider about this checkout due now.
    pub(crate) async fn look_again(&self, checkout: &Checkout) -> Result<(), Error> {
        let job = match &checkout.payment_id {
            Some(payment) => Job::Payment(payment.clone()),
            None => Job::Attempt(checkout.id.clone()),
        };
        let mut tx = self.db.write().await?;
        enqueue_by_operator(&mut tx, &job).await?;
        tx.commit().await
    }

    /// Counts the rows that are waiting.
    pub(crate) async fn backlog(&self) -> Result<Backlog, Error> {
        let count = async |text: &str| count(&self.db, text.to_owned()).await;
        Ok(Backlog {
            webhooks: count("SELECT COUNT(*) AS number FROM inbox WHERE outcome IS NULL").await?,
            dead_letters: count("SELECT COUNT(*) AS number FROM dead_letters WHERE replayed_at IS NULL")
                .await?,
            notifications: count("SELECT COUNT(*) AS number FROM jobs WHERE kind = 'notification'").await?,
            dead_notifications: count("SELECT COUNT(*) AS number FROM notifications WHERE state = 'dead'")
                .await?,
            in_question: count(&format!("SELECT COUNT(*) AS number FROM checkouts WHERE {IN_QUESTION}"))
                .await?,
        })
    }
}

async fn count(db: &Db, text: String) -> Result<u64, Error> {
    let row = sql(text).first(db).await?;
    Ok(row.map(|row| row.int("number")).transpose()?.unwrap_or_default().unsigned_abs())
}

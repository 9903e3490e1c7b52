//! What a person may want to see.

use super::{
    Checkout, Store,
    db::sql,
    jobs::{Job, want_by_operator},
};
use crate::error::Error;

/// How much is waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Backlog {
    /// Webhooks without an outcome.
    pub(crate) webhooks: u64,
    /// Dead letters that were not replayed.
    pub(crate) dead_letters: u64,
    /// Notifications that are to be sent.
    pub(crate) notifications: u64,
    /// Notifications that were given up.
    pub(crate) dead_notifications: u64,
}

impl Store {
    /// The newest checkouts, of one order or of all.
    pub(crate) async fn checkouts(&self, order_id: Option<&str>, limit: u32) -> Result<Vec<Checkout>, Error> {
        let filter = order_id.map_or("", |_| "WHERE order_id = $2");
        let text =
            format!("SELECT {} FROM checkouts {filter} ORDER BY created_at DESC LIMIT $1", Checkout::COLUMNS);
        let query = sql(text).bind(limit);
        let query = match order_id {
            Some(order_id) => query.bind(order_id),
            None => query,
        };
        query.all(&self.db).await?.iter().map(Checkout::from_row).collect()
    }

    /// Has the provider asked about this checkout now.
    pub(crate) async fn look_again(&self, checkout: &Checkout) -> Result<(), Error> {
        let job = match &checkout.payment_id {
            Some(payment) => Job::Payment(payment.clone()),
            None => Job::Attempt(checkout.id.clone()),
        };
        let mut tx = self.db.write().await?;
        want_by_operator(&mut tx, &job).await?;
        tx.commit().await
    }

    /// How much is waiting.
    pub(crate) async fn backlog(&self) -> Result<Backlog, Error> {
        let count = async |text: &'static str| {
            let row = sql(text).first(&self.db).await?;
            Ok::<_, Error>(row.map(|row| row.int("number")).transpose()?.unwrap_or_default().unsigned_abs())
        };
        Ok(Backlog {
            webhooks: count("SELECT COUNT(*) AS number FROM inbox WHERE outcome IS NULL").await?,
            dead_letters: count("SELECT COUNT(*) AS number FROM dead_letters WHERE replayed_at IS NULL")
                .await?,
            notifications: count("SELECT COUNT(*) AS number FROM jobs WHERE kind = 'notification'").await?,
            dead_notifications: count("SELECT COUNT(*) AS number FROM notifications WHERE state = 'dead'")
                .await?,
        })
    }
}

//! What the provider answered to a request for a link.

use uuid::Uuid;

use super::{Checkout, CheckoutId, Store};
use crate::{
    clock::{self, Millis},
    error::Error,
    provider::{ProviderError, ProviderId},
};

impl Store {
    /// Writes the link down, and makes the webhooks that were here before it due at once. The checkout as it
    /// then is; `None` when it has been closed or given another key meanwhile.
    pub(crate) async fn record_link(
        &self,
        checkout: &Checkout,
        payment_id: &ProviderId,
        url: &str,
        expires_at: Millis,
    ) -> Result<Option<Checkout>, Error> {
        let now = clock::now();
        let mut tx = self.write().await?;
        let recorded = sqlx::query(
            "UPDATE checkouts SET payment_id = ?, url = ?, expires_at = ?, next_check_at = ?, updated_at = ?
             WHERE checkout_id = ? AND attempt_key = ? AND url IS NULL AND status = 'pending'",
        )
        .bind(payment_id.as_str())
        .bind(url)
        .bind(expires_at)
        .bind(expires_at)
        .bind(now)
        .bind(checkout.id.as_str())
        .bind(checkout.attempt_key.to_string())
        .execute(&mut *tx)
        .await
        .map_err(|error| match &error {
            // A provider that answers with another checkout's payment would have one payment pay for two.
            sqlx::Error::Database(refusal) if refusal.is_unique_violation() => {
                ProviderError::Nonsense("the payment is another checkout's".into()).into()
            }
            _ => Error::from(error),
        })?;
        sqlx::query("UPDATE inbox SET next_attempt_at = ? WHERE payment_id = ? AND outcome IS NULL")
            .bind(now)
            .bind(payment_id.as_str())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        // Another instance may have recorded the same answer first: then that row is the truth.
        let current = self.checkout(&checkout.id).await?;
        let is_ours = |current: &Checkout| current.payment_id.as_ref() == Some(payment_id);
        Ok(current.filter(|current| recorded.rows_affected() == 1 || is_ours(current)))
    }

    /// The provider refused: the next try is a new attempt, under a new key.
    pub(crate) async fn renew_attempt(&self, checkout: &Checkout) -> Result<(), Error> {
        sqlx::query(
            "UPDATE checkouts SET attempt_key = ?, updated_at = ?
             WHERE checkout_id = ? AND attempt_key = ? AND url IS NULL",
        )
        .bind(Uuid::new_v4().to_string())
        .bind(clock::now())
        .bind(checkout.id.as_str())
        .bind(checkout.attempt_key.to_string())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// One checkout.
    pub(crate) async fn checkout(&self, id: &CheckoutId) -> Result<Option<Checkout>, Error> {
        self.find("checkout_id", id.as_str()).await
    }

    /// The checkout of a payment, once the link's answer is recorded.
    pub(crate) async fn checkout_of(&self, payment: &ProviderId) -> Result<Option<Checkout>, Error> {
        self.find("payment_id", payment.as_str()).await
    }

    async fn find(&self, column: &'static str, value: &str) -> Result<Option<Checkout>, Error> {
        let sql = format!("SELECT {} FROM checkouts WHERE {column} = ?", Checkout::COLUMNS);
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(value);
        query.fetch_optional(&self.pool).await?.as_ref().map(Checkout::from_row).transpose()
    }
}

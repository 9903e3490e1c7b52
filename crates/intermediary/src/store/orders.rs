//! What an order costs, as the merchant's own server says.

use sqlx::Row;

use super::{Store, Terms};
use crate::{clock, error::Error, money::Amount};

/// What became of a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Registered {
    /// The order was not known.
    New,
    /// The order was known; these terms hold from now on.
    Replaced,
}

impl Store {
    /// Registers or replaces an order's terms.
    ///
    /// # Errors
    /// [`Error::OrderAlreadyPaid`]: what is paid has its price.
    pub(crate) async fn register(&self, order_id: &str, terms: &Terms) -> Result<Registered, Error> {
        let mut tx = self.write().await?;
        let paid = "SELECT 1 FROM checkouts WHERE order_id = ? AND status = 'paid'";
        if sqlx::query(paid).bind(order_id).fetch_optional(&mut *tx).await?.is_some() {
            return Err(Error::OrderAlreadyPaid);
        }
        let known = sqlx::query("SELECT 1 FROM orders WHERE order_id = ?");
        let known = known.bind(order_id).fetch_optional(&mut *tx).await?.is_some();
        sqlx::query(
            "INSERT INTO orders (order_id, funds, currency, comment, updated_at) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (order_id) DO UPDATE SET funds = excluded.funds, currency = excluded.currency,
             comment = excluded.comment, updated_at = excluded.updated_at",
        )
        .bind(order_id)
        .bind(terms.funds.to_string())
        .bind(&terms.currency)
        .bind(&terms.comment)
        .bind(clock::now())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(if known { Registered::Replaced } else { Registered::New })
    }

    /// The registered terms.
    pub(crate) async fn order(&self, order_id: &str) -> Result<Option<Terms>, Error> {
        let query = sqlx::query("SELECT funds, currency, comment FROM orders WHERE order_id = ?");
        let Some(row) = query.bind(order_id).fetch_optional(&self.pool).await? else { return Ok(None) };
        Ok(Some(Terms {
            funds: Amount::parse(row.try_get("funds")?).ok_or(Error::Row("funds"))?,
            currency: row.try_get("currency")?,
            comment: row.try_get("comment")?,
        }))
    }
}

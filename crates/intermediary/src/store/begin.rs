//! One open checkout per order, and its row on disk before the provider is asked.

use std::time::Duration;

use banq_checkout_wire::Status;
use sqlx::{Sqlite, Transaction};
use uuid::Uuid;

use super::{Checkout, CheckoutId, Store, Terms, apply::write_standing};
use crate::{
    clock::{self, Millis},
    error::Error,
    payment::{Cause, transition},
};

/// What to do about a wish to pay an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Begin {
    /// Nothing: the order is paid.
    Paid,
    /// Show this link again.
    Alive(Checkout),
    /// This checkout's time is over or its terms have changed: ask the provider before another one is made.
    Doubtful(Checkout),
    /// Ask the provider for a link, under this checkout's attempt key.
    Ask(Checkout),
}

impl Store {
    /// Finds or begins the checkout of an order.
    pub(crate) async fn begin(
        &self,
        order_id: &str,
        terms: &Terms,
        lifetime: Duration,
    ) -> Result<Begin, Error> {
        let now = clock::now();
        let mut tx = self.write().await?;
        let paid = "SELECT 1 FROM checkouts WHERE order_id = ? AND status = 'paid'";
        if sqlx::query(paid).bind(order_id).fetch_optional(&mut *tx).await?.is_some() {
            return Ok(Begin::Paid);
        }
        if let Some(open) = open_checkout(&mut tx, order_id).await? {
            match judge(&open, terms, now) {
                Judgement::Final(begin) => return Ok(begin(open)),
                // Nobody was ever given its link: it can be closed without asking.
                Judgement::Close(cause) => {
                    let Some(standing) = transition(open.standing, cause) else {
                        return Err(Error::Row("an open checkout without a link that is not pending"));
                    };
                    write_standing(&mut tx, &open, standing, now).await?;
                }
            }
        }
        let checkout = insert(&mut tx, order_id, terms, now, clock::after(now, lifetime)).await?;
        tx.commit().await?;
        Ok(Begin::Ask(checkout))
    }
}

enum Judgement {
    Final(fn(Checkout) -> Begin),
    Close(Cause),
}

fn judge(open: &Checkout, terms: &Terms, now: Millis) -> Judgement {
    let is_over = open.expires_at <= now;
    let is_same = open.terms == *terms;
    if open.url.is_none() {
        // The provider was asked, and its answer never came or was never written. The same key again gets
        // the same payment; it must not be used for other terms, and not for a link that is long over.
        return match (is_over, is_same) {
            (false, true) => Judgement::Final(Begin::Ask),
            (true, _) => Judgement::Close(Cause::TimeIsUp),
            (false, false) => Judgement::Close(Cause::Replaced),
        };
    }
    // Once the shopper has acted, another link could be paid a second time.
    let is_untouched = open.standing.status == Status::Pending;
    if is_untouched && (is_over || !is_same) {
        return Judgement::Final(Begin::Doubtful);
    }
    Judgement::Final(Begin::Alive)
}

async fn open_checkout(tx: &mut Transaction<'_, Sqlite>, order_id: &str) -> Result<Option<Checkout>, Error> {
    let sql = format!(
        "SELECT {} FROM checkouts WHERE order_id = ? AND status IN ('pending', 'processing', 'on_hold')",
        Checkout::COLUMNS
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(order_id).fetch_optional(&mut **tx).await?;
    row.as_ref().map(Checkout::from_row).transpose()
}

async fn insert(
    tx: &mut Transaction<'_, Sqlite>,
    order_id: &str,
    terms: &Terms,
    now: Millis,
    expires_at: Millis,
) -> Result<Checkout, Error> {
    let checkout = Checkout {
        id: CheckoutId::random()?,
        order_id: order_id.to_owned(),
        terms: terms.clone(),
        attempt_key: Uuid::new_v4(),
        payment_id: None,
        url: None,
        standing: Status::Pending.into(),
        version: 1,
        expires_at,
        check_attempts: 0,
    };
    sqlx::query(
        "INSERT INTO checkouts (checkout_id, order_id, funds, currency, comment, attempt_key, status, version,
         expires_at, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(checkout.id.as_str())
    .bind(order_id)
    .bind(terms.funds.to_string())
    .bind(&terms.currency)
    .bind(&terms.comment)
    .bind(checkout.attempt_key.to_string())
    .bind(checkout.standing.status.as_str())
    .bind(checkout.version)
    .bind(expires_at)
    .bind(now)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(checkout)
}

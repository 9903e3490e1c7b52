//! Keeps the price of each order, as the merchant's own server registers it.

use wire::Status;

use super::{Checkout, Store, Terms, db::Tx, statement::sql};
use crate::{
    domain::time,
    store::{Error, OrderRefusal},
};

/// The result of a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Registered {
    /// The order was not known.
    New,
    /// The order was known; these terms apply from now on.
    Replaced,
}

impl Store {
    /// Registers or replaces an order's terms. An order that was withdrawn is for sale again.
    ///
    /// # Errors
    /// [`OrderRefusal::AlreadyPaid`]: the price of a paid order is final. [`OrderRefusal::PaidOtherAmount`] and
    /// [`OrderRefusal::PaymentInQuestion`]: money for the order has to be settled first.
    pub(crate) async fn register(&self, order_id: &str, terms: &Terms) -> Result<Registered, Error> {
        let mut tx = self.db.write().await?;
        tx.lock_order(order_id).await?;
        match received(&mut tx, order_id).await? {
            Received::Nothing => {}
            Received::Full => return Err(OrderRefusal::AlreadyPaid.into()),
            Received::OtherAmount => return Err(OrderRefusal::PaidOtherAmount.into()),
            Received::InQuestion => return Err(OrderRefusal::PaymentInQuestion.into()),
        }
        let known = sql("SELECT 1 FROM orders WHERE order_id = $1");
        let known = known.bind(order_id).first(&mut tx).await?.is_some();
        sql("INSERT INTO orders (order_id, funds, currency, comment, schedule, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (order_id) DO UPDATE SET funds = excluded.funds, currency = excluded.currency,
             comment = excluded.comment, schedule = excluded.schedule, updated_at = excluded.updated_at,
             withdrawn_at = NULL")
        .bind(order_id)
        .bind(terms.funds.to_string())
        .bind(&terms.currency)
        .bind(&terms.comment)
        .bind(terms.schedule.to_string())
        .bind(time::now())
        .run(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(if known { Registered::Replaced } else { Registered::New })
    }

    /// Returns the registered terms.
    pub(crate) async fn order(&self, order_id: &str) -> Result<Option<Terms>, Error> {
        let text = format!("SELECT {} FROM orders WHERE order_id = $1", Terms::COLUMNS);
        sql(text).bind(order_id).brief().first(&self.db).await?.as_ref().map(Terms::from_row).transpose()
    }
}

/// The money that is known to have come for an order. While there is any, the order gets no other link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Received {
    /// No money came, or it went back, or an operator closed the case.
    Nothing,
    /// The order's price came.
    Full,
    /// Another amount than the order's present price came, by a link that asked for it.
    OtherAmount,
    /// Money came that differs from the request, or that may not be there any more.
    InQuestion,
}

/// Returns the money that is known to have come for an order. The caller holds the order's lock.
pub(super) async fn received(tx: &mut Tx, order_id: &str) -> Result<Received, Error> {
    let query = sql("SELECT status, covers, issue, settled_at FROM checkouts
         WHERE order_id = $1 AND (status = 'paid' OR issue IS NOT NULL)");
    let mut known = Received::Nothing;
    for row in query.bind(order_id).all(&mut *tx).await? {
        let is_open = row.maybe_int("settled_at")?.is_none();
        let covers = row.int("covers")? == 1 && row.text("status")? == Status::Paid.as_str();
        known = match (row.maybe_text("issue")?, covers) {
            (None, true) => return Ok(Received::Full),
            // A person has confirmed that the money is there.
            (Some(_), true) if !is_open => return Ok(Received::Full),
            (Some(_), _) if is_open => Received::InQuestion,
            (None, false) if is_open && known == Received::Nothing => Received::OtherAmount,
            (Some(_), _) | (None, false) => known,
        };
    }
    Ok(known)
}

/// The source of an order's price, when its money has come.
#[derive(Debug, Clone)]
pub(crate) enum PriceSource {
    /// The store: the registered price or, if the price came from a page, the price of the newest checkout (the open
    /// one, if there is one).
    Registered,
    /// The shop's own code, asked just now; `None` if it knows no such order.
    Stated(Option<Terms>),
}

/// An order at the moment when its money comes.
pub(super) struct Present {
    /// Its terms; `None` if no price is known.
    pub(super) terms: Option<Terms>,
    /// Whether the shop took it back.
    pub(super) is_withdrawn: bool,
}

/// Returns the order as it is now. The caller holds the order's lock, and the order has a checkout.
pub(super) async fn present(tx: &mut Tx, order_id: &str, price: PriceSource) -> Result<Present, Error> {
    if let PriceSource::Stated(terms) = price {
        return Ok(Present { terms, is_withdrawn: false });
    }
    let registered = format!("SELECT {}, withdrawn_at FROM orders WHERE order_id = $1", Terms::COLUMNS);
    if let Some(row) = sql(registered).bind(order_id).first(&mut *tx).await? {
        let is_withdrawn = row.maybe_int("withdrawn_at")?.is_some();
        return Ok(Present { terms: Some(Terms::from_row(&row)?), is_withdrawn });
    }
    let newest = format!(
        "SELECT {} FROM checkouts WHERE order_id = $1
         ORDER BY CASE WHEN status IN ('pending', 'processing', 'on_hold') THEN 0 ELSE 1 END,
             created_at DESC, updated_at DESC LIMIT 1",
        Terms::COLUMNS
    );
    let row = sql(newest).bind(order_id).first(tx).await?.ok_or(Error::Row("an order without a price"))?;
    Ok(Present { terms: Some(Terms::from_row(&row)?), is_withdrawn: false })
}

/// Returns whether another checkout certainly pays the order. The caller holds the order's lock.
pub(super) async fn is_paid_by_another(tx: &mut Tx, besides: &Checkout) -> Result<bool, Error> {
    let others = sql("SELECT 1 FROM checkouts WHERE order_id = $1 AND checkout_id <> $2 AND status = 'paid'
         AND covers = 1 AND (issue IS NULL OR settled_at IS NOT NULL)");
    let others = others.bind(&besides.order_id).bind(besides.id.as_str());
    Ok(others.first(tx).await?.is_some())
}

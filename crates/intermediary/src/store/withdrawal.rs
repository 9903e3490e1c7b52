//! Withdraws orders that the shop takes back.

use super::{
    Checkout, Store, Trigger,
    checkouts::open_checkout,
    db::Tx,
    orders::{Received, received},
    statement::sql,
};
use crate::{
    domain::{
        time::{self, Millis},
        transition::{Event, transition},
    },
    store::{Error, OrderRefusal},
};

/// A withdrawn order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Withdrawn {
    /// When it was withdrawn for the first time.
    pub(crate) at: Millis,
    /// The order's newest checkout, as it is now.
    pub(crate) newest: Option<Checkout>,
    /// The checkout that this withdrawal closed; it is then the newest.
    pub(crate) closed: Option<Checkout>,
}

impl Store {
    /// Withdraws an order: closes its open checkout unless the shopper has acted on it, and refuses new ones.
    ///
    /// # Errors
    /// [`OrderRefusal::NotFound`] for an order that was never registered, [`OrderRefusal::AlreadyPaid`] for one that is
    /// paid, [`OrderRefusal::PaymentInQuestion`] for one whose money has to be settled first.
    pub(crate) async fn withdraw(&self, order_id: &str, trigger: &Trigger) -> Result<Withdrawn, Error> {
        let now = time::now();
        let mut tx = self.db.write().await?;
        tx.lock_order(order_id).await?;
        match received(&mut tx, order_id).await? {
            // Money that came at another price, or too late, is no reason to keep the order on sale.
            Received::Nothing | Received::OtherAmount => {}
            Received::Full => return Err(OrderRefusal::AlreadyPaid.into()),
            Received::InQuestion => return Err(OrderRefusal::PaymentInQuestion.into()),
        }
        let withdrawn = sql("UPDATE orders SET withdrawn_at = COALESCE(withdrawn_at, $1), updated_at = $1
             WHERE order_id = $2 RETURNING withdrawn_at");
        let withdrawn = withdrawn.bind(now).bind(order_id).first(&mut tx).await?;
        let at = withdrawn.ok_or(OrderRefusal::NotFound)?.int("withdrawn_at")?;
        let closed = match open_checkout(&mut tx, order_id).await? {
            Some(open) => self.close_open(&mut tx, &open, trigger).await?,
            None => None,
        };
        let newest = match &closed {
            Some(closed) => Some(closed.clone()),
            None => newest(&mut tx, order_id).await?,
        };
        tx.commit().await?;
        Ok(Withdrawn { at, newest, closed })
    }

    /// Closes a checkout unless the shopper has acted on it.
    async fn close_open(
        &self,
        tx: &mut Tx,
        open: &Checkout,
        trigger: &Trigger,
    ) -> Result<Option<Checkout>, Error> {
        if transition(open.state, Event::Replaced).is_none() {
            return Ok(None);
        }
        if open.url.is_none() {
            // The link was never given out, so there is nothing to watch.
            return self.close_unanswered(tx, open, Event::Replaced, trigger).await.map(Some);
        }
        self.close_replaced(tx, open, trigger).await
    }

    /// Returns the open checkout of an order.
    pub(crate) async fn open_checkout(&self, order_id: &str) -> Result<Option<Checkout>, Error> {
        let text = format!(
            "SELECT {} FROM checkouts WHERE order_id = $1 AND status IN ('pending', 'processing', 'on_hold')",
            Checkout::COLUMNS
        );
        sql(text).bind(order_id).first(&self.db).await?.as_ref().map(Checkout::from_row).transpose()
    }
}

async fn newest(tx: &mut Tx, order_id: &str) -> Result<Option<Checkout>, Error> {
    let text = format!(
        "SELECT {} FROM checkouts WHERE order_id = $1
         ORDER BY CASE WHEN status IN ('pending', 'processing', 'on_hold') THEN 0 ELSE 1 END,
             created_at DESC, updated_at DESC LIMIT 1",
        Checkout::COLUMNS
    );
    sql(text).bind(order_id).first(tx).await?.as_ref().map(Checkout::from_row).transpose()
}

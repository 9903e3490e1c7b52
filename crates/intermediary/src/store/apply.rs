//! Changes a checkout's status. This is the only way to do so: one transaction with the webhooks that led to the
//! change, the line of the audit, the notification for the shop, and the time of the next look.

use super::{
    Checkout, Claim, Job, JobResult, Outcome, PendingWebhook, PriceSource, Store, Trigger,
    checkouts::{open_checkout, write_change, write_standing},
    db::Tx,
    inbox::settle,
    jobs::{enqueue, finish},
    outbox::{self, Turn},
    statement::sql,
};
use crate::{
    domain::{
        evidence::Evidence,
        time::Millis,
        transition::{Event, PaymentState, transition},
    },
    store::Error,
};

/// The consequences of the provider's answer for a checkout.
#[derive(Debug)]
pub(crate) struct Change<'a> {
    /// The checkout as it was when the provider was asked.
    pub(crate) checkout: &'a Checkout,
    /// Its new state, if it changes.
    pub(crate) state: Option<PaymentState>,
    /// The job that ends with this change, and when it is due again.
    pub(crate) job: Option<(&'a Claim, Option<Millis>)>,
    /// The webhooks that this change settles.
    pub(crate) settles: &'a [PendingWebhook],
    /// The outcome of those webhooks.
    pub(crate) outcome: Outcome,
    /// The cause of the change.
    pub(crate) trigger: &'a Trigger,
    /// How to find the order's price, if its money has come.
    pub(crate) price: PriceSource,
    /// The provider's answer, if it was asked.
    pub(crate) evidence: Option<&'a Evidence>,
    /// When to ask the provider again because of this change, if no job does that.
    pub(crate) watch: Option<Millis>,
}

/// The checkouts that a change has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Changed {
    /// The checkout that the change was about.
    pub(crate) checkout: Checkout,
    /// The open checkout of the same order, if it was closed because this one was paid.
    pub(crate) closed: Option<Checkout>,
}

/// The result of [`Store::apply`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Applied {
    /// The change is written; with the checkouts as they are now.
    Done(Box<Changed>),
    /// Another change came first, so the answer may be older than what is stored: ask the provider again.
    Overtaken,
}

impl Store {
    /// Writes the whole change or nothing.
    pub(crate) async fn apply(&self, change: Change<'_>) -> Result<Applied, Error> {
        let mut tx = self.db.write().await?;
        // All checkouts of an order together decide whether it is paid.
        tx.lock_order(&change.checkout.order_id).await?;
        // The version from before the provider was asked detects answers that overtook each other, also between
        // instances.
        let checkout = match change.state {
            Some(state) => {
                let detail = change.evidence.filter(|_| state.is_in_question());
                let detail = detail.map(|evidence| evidence.detail.as_str());
                write_change(&mut tx, change.checkout, state, detail, change.trigger).await?
            }
            None => is_current(&mut tx, change.checkout).await?.then(|| change.checkout.clone()),
        };
        let Some(mut checkout) = checkout else { return Ok(Applied::Overtaken) };
        let is_news = change.state.is_some();
        if is_news {
            // Before another link of the order is closed: if the price came from a page, it is in the open checkout.
            let turn = Turn { before: change.checkout.state, evidence: change.evidence, price: change.price };
            outbox::note(&mut tx, &mut checkout, turn, self.telling).await?;
        }
        let closed = match is_news && checkout.state.holds_money() {
            true => self.close_untouched(&mut tx, &checkout.order_id, change.trigger).await?,
            false => None,
        };
        settle(&mut tx, change.settles, change.outcome).await?;
        if let Some((claim, next)) = change.job {
            finish(&mut tx, self, claim, JobResult::Done(next)).await?;
        }
        if let (true, Some(at), Some(payment)) = (is_news, change.watch, &checkout.payment_id) {
            enqueue(&mut tx, &Job::Payment(payment.clone()), at).await?;
        }
        tx.commit().await?;
        Ok(Applied::Done(Box::new(Changed { checkout, closed })))
    }

    /// Closes the open checkout of an order whose money has just come through another checkout, unless the shopper has
    /// acted on it: the code on its page would take the money a second time. The caller holds the order's lock.
    async fn close_untouched(
        &self,
        tx: &mut Tx,
        order_id: &str,
        trigger: &Trigger,
    ) -> Result<Option<Checkout>, Error> {
        let Some(open) = open_checkout(tx, order_id).await? else { return Ok(None) };
        self.close_replaced(tx, &open, trigger).await
    }

    /// Closes an open checkout whose link is not needed any more, unless the shopper has acted on it. The caller holds
    /// the order's lock, and has read the checkout under it.
    pub(super) async fn close_replaced(
        &self,
        tx: &mut Tx,
        open: &Checkout,
        trigger: &Trigger,
    ) -> Result<Option<Checkout>, Error> {
        let Some(state) = transition(open.state, Event::Replaced) else { return Ok(None) };
        let closed = write_standing(tx, open, state, trigger).await?;
        // Every change of a status takes the order's lock.
        let mut closed = closed.ok_or(Error::Row("a checkout that changed under its order's lock"))?;
        // The provider may have said that the shopper agreed, and later that the link is open.
        let turn = Turn { before: open.state, evidence: None, price: PriceSource::Registered };
        outbox::note(tx, &mut closed, turn, self.telling).await?;
        Ok(Some(closed))
    }
}

async fn is_current(tx: &mut Tx, checkout: &Checkout) -> Result<bool, Error> {
    let same = sql("SELECT 1 FROM checkouts WHERE checkout_id = $1 AND version = $2");
    Ok(same.bind(checkout.id.as_str()).bind(checkout.version).first(tx).await?.is_some())
}

//! The one way by which a checkout's status changes, in one transaction with the webhooks that led to it, the
//! line of the audit, what the shop is to be told, and when to look again.

use super::{
    Checkout, Claim, Job, JobResult, Outcome, PendingWebhook, PriceSource, Store, Trigger,
    checkouts::{open_checkout, write_change, write_standing},
    db::Tx,
    inbox::settle,
    jobs::{enqueue, finish},
    outbox::{self, Turn},
    query::sql,
};
use crate::{
    domain::{
        evidence::Evidence,
        time::Millis,
        transition::{Event, PaymentState, transition},
    },
    store::Error,
};

/// What the provider's answer means for a checkout.
#[derive(Debug)]
pub(crate) struct Change<'a> {
    /// The checkout as it was when the provider was asked.
    pub(crate) checkout: &'a Checkout,
    /// Its new state, if that changes.
    pub(crate) state: Option<PaymentState>,
    /// The job that this ends, and when it is due again.
    pub(crate) job: Option<(&'a Claim, Option<Millis>)>,
    /// The webhooks that this settles.
    pub(crate) settles: &'a [PendingWebhook],
    /// How.
    pub(crate) outcome: Outcome,
    /// What led to it.
    pub(crate) trigger: &'a Trigger,
    /// What the order costs, should its money have come.
    pub(crate) price: PriceSource,
    /// What the provider said, if it was asked.
    pub(crate) evidence: Option<&'a Evidence>,
    /// When to look again because of this change, where no job does.
    pub(crate) watch: Option<Millis>,
}

/// What a change left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Changed {
    /// The checkout that was asked about.
    pub(crate) checkout: Checkout,
    /// Another one of its order, closed because this one was paid.
    pub(crate) closed: Option<Checkout>,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Applied {
    /// Written; the checkouts as they are now.
    Done(Box<Changed>),
    /// Another change came first, so the answer may be older than what is known: ask the provider again.
    Overtaken,
}

impl Store {
    /// Writes all of it, or nothing.
    pub(crate) async fn apply(&self, change: Change<'_>) -> Result<Applied, Error> {
        let mut tx = self.db.write().await?;
        // Whether an order is paid depends on all its checkouts.
        tx.lock_order(&change.checkout.order_id).await?;
        // The version that was seen before the provider was asked guards against two answers that overtake
        // each other, also between instances.
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
            // Before another link of the order is closed: where the price came from a page, the open one has it.
            let turn = Turn { before: change.checkout.state, evidence: change.evidence, price: change.price };
            outbox::note(&mut tx, &mut checkout, turn, self.telling).await?;
        }
        let closed = match is_news && checkout.state.holds_money() {
            true => close_untouched(&mut tx, &checkout.order_id, change.trigger).await?,
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
}

async fn is_current(tx: &mut Tx, checkout: &Checkout) -> Result<bool, Error> {
    let same = sql("SELECT 1 FROM checkouts WHERE checkout_id = $1 AND version = $2");
    Ok(same.bind(checkout.id.as_str()).bind(checkout.version).first(tx).await?.is_some())
}

/// Closes the open checkout of an order whose money has just come through another one, unless the shopper has acted
/// on it: the code on its page would take the money a second time. The order is locked.
async fn close_untouched(tx: &mut Tx, order_id: &str, trigger: &Trigger) -> Result<Option<Checkout>, Error> {
    let Some(open) = open_checkout(tx, order_id).await? else { return Ok(None) };
    let Some(state) = transition(open.state, Event::Replaced) else { return Ok(None) };
    let closed = write_standing(tx, &open, state, trigger).await?;
    // It was read under the order's lock, and every change of a status takes that.
    closed.map(Some).ok_or(Error::Row("a checkout that changed under its order's lock"))
}

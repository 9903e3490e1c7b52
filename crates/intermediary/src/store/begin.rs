//! Begins checkouts: at most one open checkout per order, and its row is on disk before the provider is asked.

use std::{collections::HashSet, time::Duration};

use uuid::Uuid;
use wire::Status;

use super::{
    Checkout, CheckoutId, Claim, Job, Store, Terms, Trigger,
    audit::{Changed, note},
    checkouts::{open_checkout, write_standing},
    db::Tx,
    jobs::enqueue_and_claim,
    orders::{Received, received},
    statement::sql,
    withdrawal_check::{Seller, refuses_link},
};
use crate::{
    domain::{
        order_code,
        time::{self, Millis},
        transition::{Event, transition},
    },
    store::Error,
};

/// How to continue with a request to pay an order.
#[derive(Debug, Clone)]
pub(crate) enum Begin {
    /// Refuse: the order is paid.
    Paid,
    /// Refuse: a link at another price than the order has now was paid.
    PaidOtherAmount,
    /// Refuse: money for the order is in question.
    InQuestion,
    /// Refuse: the shop took the order back.
    Withdrawn,
    /// Show this link again.
    Reusable(Checkout),
    /// This checkout has expired or its terms have changed: ask the provider about it before another one is created.
    NeedsConfirmation(Checkout),
    /// Ask the provider about these checkouts first: they have ended here, but perhaps not at the provider.
    ConfirmFirst(Vec<Checkout>),
    /// Ask the provider for a link, under this checkout's attempt key. No other instance does that while the claim
    /// holds.
    Create(Checkout, Claim),
    /// Another request, perhaps at another instance, is asking for the link now.
    InProgress,
}

/// How long a new checkout and its link request may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LinkTimeouts {
    /// How long the link lives if the provider does not say.
    pub(crate) link: Duration,
    /// How long no other instance sends the request.
    pub(crate) lease: Duration,
}

impl Store {
    /// Finds or begins the checkout of an order. `asked` are its earlier checkouts about which this request has already
    /// asked the provider.
    pub(crate) async fn begin(
        &self,
        order_id: &str,
        terms: &Terms,
        spans: LinkTimeouts,
        seller: Seller,
        asked: &HashSet<CheckoutId>,
        trigger: &Trigger,
    ) -> Result<Begin, Error> {
        let now = time::now();
        let mut tx = self.db.write().await?;
        tx.lock_order(order_id).await?;
        match received(&mut tx, order_id).await? {
            Received::Nothing => {}
            Received::Full => return Ok(Begin::Paid),
            Received::OtherAmount => return Ok(Begin::PaidOtherAmount),
            Received::InQuestion => return Ok(Begin::InQuestion),
        }
        let open = open_checkout(&mut tx, order_id).await?;
        if refuses_link(&mut tx, order_id, open.as_ref(), seller).await? {
            return Ok(Begin::Withdrawn);
        }
        let is_kept = open.as_ref().is_some_and(|open| match classify_open(open, terms, now) {
            OpenState::Reusable | OpenState::NeedsConfirmation | OpenState::AskAgain => true,
            OpenState::Close(_) => false,
        });
        if !is_kept {
            let earlier = still_watched(&mut tx, order_id).await?;
            let unasked: Vec<_> =
                earlier.into_iter().filter(|earlier| !asked.contains(&earlier.id)).collect();
            if !unasked.is_empty() {
                return Ok(Begin::ConfirmFirst(unasked));
            }
        }
        let checkout = match open {
            None => insert(&mut tx, order_id, terms, now, spans.link, trigger).await?,
            Some(open) => match classify_open(&open, terms, now) {
                OpenState::Reusable => return Ok(Begin::Reusable(open)),
                OpenState::NeedsConfirmation => return Ok(Begin::NeedsConfirmation(open)),
                OpenState::AskAgain => open,
                // The link was never given out, so the checkout can be closed without asking the provider.
                OpenState::Close(cause) => {
                    self.close_unanswered(&mut tx, &open, cause, trigger).await?;
                    insert(&mut tx, order_id, terms, now, spans.link, trigger).await?
                }
            },
        };
        let job = Job::Attempt(checkout.id.clone());
        let claim = enqueue_and_claim(&mut tx, self, job, now, spans.lease).await?;
        tx.commit().await?;
        Ok(claim.map_or(Begin::InProgress, |claim| Begin::Create(checkout, claim)))
    }

    /// Closes a checkout whose link was never given out, and returns it as it is then.
    pub(super) async fn close_unanswered(
        &self,
        tx: &mut Tx,
        open: &Checkout,
        cause: Event,
        trigger: &Trigger,
    ) -> Result<Checkout, Error> {
        let Some(state) = transition(open.state, cause) else {
            return Err(Error::Row("an open checkout without a link that is not pending"));
        };
        // It was read under the order's lock, and every change of a status takes that lock.
        let closed = write_standing(tx, open, state, trigger).await?;
        let closed = closed.ok_or(Error::Row("a checkout that changed under its order's lock"))?;
        let job = Job::Attempt(open.id.clone());
        let query = sql("DELETE FROM jobs WHERE kind = $1 AND subject = $2");
        query.bind(job.kind()).bind(job.subject()).run(tx).await?;
        Ok(closed)
    }

    /// Closes a checkout that expired before any link of it was recorded; no page was ever given one.
    pub(crate) async fn expire_unanswered(&self, checkout: &Checkout) -> Result<(), Error> {
        let mut tx = self.db.write().await?;
        tx.lock_order(&checkout.order_id).await?;
        let open = open_checkout(&mut tx, &checkout.order_id).await?;
        if let Some(open) = open.filter(|open| open.id == checkout.id && open.url.is_none()) {
            self.close_unanswered(&mut tx, &open, Event::TimeIsUp, &Trigger::Sweep).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

enum OpenState {
    Reusable,
    NeedsConfirmation,
    AskAgain,
    Close(Event),
}

fn classify_open(open: &Checkout, terms: &Terms, now: Millis) -> OpenState {
    let is_over = open.expires_at <= now;
    let is_same = open.terms == *terms;
    if open.url.is_none() {
        // The provider was asked, and its answer never came or was never written. A repeat with the same key gets the
        // same payment, so the key must not be used for other terms, nor for a link that expired long ago.
        return match (is_over, is_same) {
            (false, true) => OpenState::AskAgain,
            (true, _) => OpenState::Close(Event::TimeIsUp),
            (false, false) => OpenState::Close(Event::Replaced),
        };
    }
    // Once the shopper has acted, a second link could take the money twice.
    let is_untouched = open.state.status == Status::Pending;
    if is_untouched && (is_over || !is_same) {
        return OpenState::NeedsConfirmation;
    }
    OpenState::Reusable
}

/// Returns the checkouts of an order that have ended here, but about which the provider is still asked from time to
/// time, because it may still change them.
async fn still_watched(tx: &mut Tx, order_id: &str) -> Result<Vec<Checkout>, Error> {
    let text = format!(
        "SELECT {} FROM checkouts WHERE order_id = $1 AND payment_id IS NOT NULL
             AND status IN ('declined', 'failed', 'canceled', 'expired', 'reversed')
             AND EXISTS (SELECT 1 FROM jobs WHERE kind = 'payment' AND subject = checkouts.payment_id)",
        Checkout::COLUMNS
    );
    sql(text).bind(order_id).all(tx).await?.iter().map(Checkout::from_row).collect()
}

async fn insert(
    tx: &mut Tx,
    order_id: &str,
    terms: &Terms,
    now: Millis,
    lifetime: Duration,
    trigger: &Trigger,
) -> Result<Checkout, Error> {
    let checkout = Checkout {
        id: CheckoutId::random().map_err(Error::Random)?,
        order_id: order_id.to_owned(),
        order_code: order_code::of(order_id),
        terms: terms.clone(),
        attempt_key: Uuid::new_v4(),
        payment_id: None,
        url: None,
        state: Status::Pending.into(),
        issue_detail: None,
        covers: false,
        settled_at: None,
        told: 0,
        version: 1,
        expires_at: time::after(now, lifetime),
        created_at: now,
        updated_at: now,
    };
    sql("INSERT INTO checkouts (checkout_id, order_id, order_code, funds, currency, comment, schedule, attempt_key,
         status, version, expires_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)")
    .bind(checkout.id.as_str())
    .bind(order_id)
    .bind(&checkout.order_code)
    .bind(terms.funds.to_string())
    .bind(&terms.currency)
    .bind(&terms.comment)
    .bind(terms.schedule.to_string())
    .bind(checkout.attempt_key.to_string())
    .bind(checkout.state.status.as_str())
    .bind(checkout.version)
    .bind(checkout.expires_at)
    .bind(now)
    .run(&mut *tx)
    .await?;
    note(tx, &checkout, Changed::Begun, trigger).await?;
    Ok(checkout)
}

//! What the shop is to be told, noted in the transaction that made it true; [`crate::fulfilment`] sends it.

use banq_checkout_wire::Status;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    Checkout, Claim, End, Job, Store, Terms,
    db::{Row, Tx, sql},
    jobs::{cut, finish, want, want_by_operator},
    orders::{Price, cost},
};
use crate::{
    clock::{self, Millis},
    error::Error,
};

/// Whether anybody is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Telling {
    /// `BANQ_FULFILMENT_URL` is set.
    Shop,
    /// It is not; nothing is noted, so that a shop that sets it later is not flooded with its past.
    Nobody,
}

/// What happened to an order. An order is paid while one of its checkouts is, at what the order costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    /// The order is paid: deliver.
    Paid,
    /// A checkout was paid at another price than the order has now: don't deliver.
    PaidOtherAmount,
    /// Another checkout of an order that is paid was paid too: give this one back, and don't deliver twice.
    PaidAgain,
    /// The money went back, and the order is not paid any more.
    Reversed,
}

impl Event {
    fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "order.paid",
            Self::PaidOtherAmount => "order.paid_other_amount",
            Self::PaidAgain => "order.paid_again",
            Self::Reversed => "order.reversed",
        }
    }
}

/// The body of a notification (Standard Webhooks, "Payload structure").
#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    /// When it happened, RFC 3339; the header `webhook-timestamp` says when it was sent.
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    order_id: &'a str,
    checkout_id: &'a str,
    /// The provider's payment, with the provider's name in front.
    payment_id: Option<&'a str>,
    /// `paid` or `reversed`.
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fail_reason: Option<&'static str>,
    /// A decimal string in major units, two decimals.
    funds: String,
    /// ISO 4217.
    currency: &'a str,
    comment: &'a str,
    /// The checkout's version: of two notifications about a checkout the higher one is later.
    version: u32,
}

/// How far a notification has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotificationState {
    /// To be sent, for the first time or again.
    Waiting,
    /// The shop answered 2xx.
    Delivered,
    /// Every attempt failed.
    Dead,
}

impl NotificationState {
    /// The word in the table.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }

    fn from_word(word: &str) -> Result<Self, Error> {
        [Self::Waiting, Self::Delivered, Self::Dead]
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or(Error::Row("a notification's state"))
    }
}

/// A notification as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notification {
    /// The header `webhook-id`.
    pub(crate) id: String,
    pub(crate) order_id: String,
    pub(crate) checkout_id: String,
    pub(crate) event: String,
    /// What is signed and sent.
    pub(crate) body: String,
    pub(crate) created_at: Millis,
    pub(crate) state: NotificationState,
    /// How often it failed.
    pub(crate) attempts: u32,
    pub(crate) last_error: Option<String>,
    /// When it was delivered or given up.
    pub(crate) settled_at: Option<Millis>,
}

/// Notes what a change means for the order; the order is locked.
///
/// That a checkout's own amount came does not pay the order: its link may be older than the order's price, and
/// a shopper who kept the cheap one must not get the goods for it.
pub(super) async fn note(tx: &mut Tx, after: &Checkout, price: Price<'_>) -> Result<(), Error> {
    let event = match after.standing.status {
        Status::Paid => {
            let cost = cost(tx, &after.order_id, price).await?;
            if is_covered(tx, after, cost.as_ref()).await? {
                tracing::error!(order = %after.order_id, checkout = %after.id, "an order was paid a second time");
                Event::PaidAgain
            } else if cost.as_ref().is_some_and(|cost| after.terms.is_same_price(cost)) {
                Event::Paid
            } else {
                let costs = cost.map_or_else(|| "nothing known".to_owned(), |cost| cost.funds.to_string());
                tracing::error!(
                    order = %after.order_id, checkout = %after.id, paid = %after.terms.funds, costs,
                    "a link at another price was paid: the order is not"
                );
                Event::PaidOtherAmount
            }
        }
        Status::Reversed => {
            let cost = cost(tx, &after.order_id, price).await?;
            // Otherwise the order is still paid, by another checkout.
            if is_covered(tx, after, cost.as_ref()).await? {
                return Ok(());
            }
            Event::Reversed
        }
        Status::Pending | Status::Processing | Status::OnHold | Status::Declined => return Ok(()),
        Status::Failed | Status::Canceled | Status::Expired => return Ok(()),
    };
    let body = Body {
        r#type: event.as_str(),
        timestamp: clock::rfc3339(after.updated_at),
        data: Data {
            order_id: &after.order_id,
            checkout_id: after.id.as_str(),
            payment_id: after.payment_id.as_ref().map(|id| id.as_str()),
            status: after.standing.status.as_str(),
            fail_reason: after.standing.reason.map(|reason| reason.as_str()),
            funds: after.terms.funds.to_string(),
            currency: &after.terms.currency,
            comment: &after.terms.comment,
            version: after.version,
        },
    };
    let body = serde_json::to_string(&body).map_err(|_| Error::Row("a notification that is no JSON"))?;
    let id = id(after, event);
    let noted = sql(
        "INSERT INTO notifications (notification_id, order_id, checkout_id, event, body, created_at, state,
             attempts) VALUES ($1, $2, $3, $4, $5, $6, $7, 0) ON CONFLICT DO NOTHING",
    )
    .bind(&id)
    .bind(&after.order_id)
    .bind(after.id.as_str())
    .bind(event.as_str())
    .bind(body)
    .bind(after.updated_at)
    .bind(NotificationState::Waiting.as_str())
    .run(&mut *tx)
    .await?;
    if noted == 1 {
        want(tx, &Job::Notification(id), after.updated_at).await?;
    }
    Ok(())
}

/// Whether another checkout of the order is paid at what the order costs.
async fn is_covered(tx: &mut Tx, besides: &Checkout, cost: Option<&Terms>) -> Result<bool, Error> {
    let Some(cost) = cost else { return Ok(false) };
    let others = sql("SELECT 1 FROM checkouts WHERE order_id = $1 AND checkout_id <> $2 AND status = 'paid'
         AND funds = $3 AND currency = $4 AND schedule = $5");
    let others = others.bind(&besides.order_id).bind(besides.id.as_str());
    let others = others.bind(cost.funds.to_string()).bind(&cost.currency).bind(cost.schedule.to_string());
    Ok(others.first(tx).await?.is_some())
}

/// Follows from what it is about: also a database that was restored from yesterday's backup, and learns of a
/// payment for the second time, says the same id to the shop.
fn id(checkout: &Checkout, event: Event) -> String {
    let digest = Sha256::digest(format!("{} {}", event.as_str(), checkout.id));
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("msg_{hex}")
}

impl Store {
    /// One notification.
    pub(crate) async fn notification(&self, id: &str) -> Result<Option<Notification>, Error> {
        let text = format!("SELECT {COLUMNS} FROM notifications WHERE notification_id = $1");
        sql(text).bind(id).first(&self.db).await?.as_ref().map(read).transpose()
    }

    /// The newest notifications, in one state or in all.
    pub(crate) async fn notifications(
        &self,
        state: Option<NotificationState>,
        limit: u32,
    ) -> Result<Vec<Notification>, Error> {
        let filter = state.map_or("", |_| "WHERE state = $2");
        let text = format!("SELECT {COLUMNS} FROM notifications {filter} ORDER BY created_at DESC LIMIT $1");
        let query = sql(text).bind(limit);
        let query = match state {
            Some(state) => query.bind(state.as_str()),
            None => query,
        };
        query.all(&self.db).await?.iter().map(read).collect()
    }

    /// The shop took it.
    pub(crate) async fn delivered(&self, claim: &Claim, id: &str) -> Result<(), Error> {
        let mut tx = self.db.write().await?;
        sql("UPDATE notifications SET state = $1, settled_at = $2, last_error = NULL WHERE notification_id = $3")
            .bind(NotificationState::Delivered.as_str())
            .bind(clock::now())
            .bind(id)
            .run(&mut tx)
            .await?;
        finish(&mut tx, self, claim, End::Done(None)).await?;
        tx.commit().await
    }

    /// The shop did not take it; `next` is when it is tried again, `None` gives it up.
    pub(crate) async fn not_delivered(
        &self,
        claim: &Claim,
        id: &str,
        error: &str,
        next: Option<Millis>,
    ) -> Result<(), Error> {
        let state = next.map_or(NotificationState::Dead, |_| NotificationState::Waiting);
        let mut tx = self.db.write().await?;
        sql("UPDATE notifications SET state = $1, attempts = attempts + 1, last_error = $2, settled_at = $3
             WHERE notification_id = $4")
        .bind(state.as_str())
        .bind(cut(error))
        .bind(next.is_none().then(clock::now))
        .bind(id)
        .run(&mut tx)
        .await?;
        finish(&mut tx, self, claim, next.map_or(End::Done(None), |next| End::Wait(next, error))).await?;
        tx.commit().await
    }

    /// Has a notification sent again, under the same id, whether it was delivered or given up; false when
    /// there is none.
    pub(crate) async fn replay_notification(&self, id: &str) -> Result<bool, Error> {
        let mut tx = self.db.write().await?;
        let revived = sql(
            "UPDATE notifications SET state = $1, attempts = 0, settled_at = NULL WHERE notification_id = $2",
        );
        let revived = revived.bind(NotificationState::Waiting.as_str()).bind(id).run(&mut tx).await?;
        if revived == 1 {
            want_by_operator(&mut tx, &Job::Notification(id.to_owned())).await?;
        }
        tx.commit().await?;
        Ok(revived == 1)
    }
}

const COLUMNS: &str = "notification_id, order_id, checkout_id, event, body, created_at, state, attempts, \
    last_error, settled_at";

fn read(row: &Row) -> Result<Notification, Error> {
    Ok(Notification {
        id: row.text("notification_id")?,
        order_id: row.text("order_id")?,
        checkout_id: row.text("checkout_id")?,
        event: row.text("event")?,
        body: row.text("body")?,
        created_at: row.int("created_at")?,
        state: NotificationState::from_word(&row.text("state")?)?,
        attempts: row.count("attempts")?,
        last_error: row.maybe_text("last_error")?,
        settled_at: row.maybe_int("settled_at")?,
    })
}

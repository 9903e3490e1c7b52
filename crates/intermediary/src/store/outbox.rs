//! What the shop is to be told, noted in the transaction that made it true; [`crate::fulfilment`] sends
//! it, and [`super::notification`] keeps how that went.

use banq_checkout_wire::Status;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    Checkout, Job, NotificationState,
    db::{Tx, sql},
    deployment::state_of_news,
    jobs::want,
    orders::{Price, cost},
};
use crate::{
    clock,
    error::Error,
    schedule::{Frequency, Schedule},
};

/// Whether anybody is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Telling {
    /// `BANQ_FULFILMENT_URL` is set.
    Shop,
    /// It is not: another instance may have it, so everything is noted; see [`state_of_news`].
    Nobody,
}

/// What happened to an order. An order is paid while one of its checkouts is, whose amount was what the order cost
/// when it came.
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
    /// Of a payment that repeats; absent where it is made once.
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency: Option<Frequency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date: Option<String>,
    /// The checkout's version: of two notifications about a checkout the higher one is later.
    version: u32,
}

/// Notes what a change means for the order; the order is locked.
///
/// That a checkout's own amount came does not pay the order: its link may be older than the order's price, and
/// a shopper who kept the cheap one must not get the goods for it.
pub(super) async fn note(tx: &mut Tx, after: &Checkout, price: Price, telling: Telling) -> Result<(), Error> {
    let event = match after.standing.status {
        Status::Paid => paid(tx, after, price).await?,
        // Otherwise the order is still paid, by another checkout.
        Status::Reversed if is_covered(tx, after).await? => return Ok(()),
        Status::Reversed => Event::Reversed,
        Status::Pending | Status::Processing | Status::OnHold | Status::Declined => return Ok(()),
        Status::Failed | Status::Canceled | Status::Expired => return Ok(()),
    };
    let state = state_of_news(tx, telling).await?;
    write(tx, after, event, state).await
}

/// What it means that a checkout's amount came. Whether that is what the order costs is decided now, and kept: by
/// tomorrow's price it might look like another amount, and be asked for or delivered a second time.
async fn paid(tx: &mut Tx, after: &Checkout, price: Price) -> Result<Event, Error> {
    let cost = cost(tx, &after.order_id, price).await?;
    let covers = cost.as_ref().is_some_and(|cost| after.terms.is_same_price(cost));
    let keep = sql("UPDATE checkouts SET covers = $1 WHERE checkout_id = $2");
    keep.bind(i64::from(covers)).bind(after.id.as_str()).run(&mut *tx).await?;
    if is_covered(tx, after).await? {
        tracing::error!(order = %after.order_id, checkout = %after.id, "an order was paid a second time");
        return Ok(Event::PaidAgain);
    }
    if covers {
        return Ok(Event::Paid);
    }
    let costs = cost.map_or_else(|| "nothing known".to_owned(), |cost| cost.funds.to_string());
    tracing::error!(
        order = %after.order_id, checkout = %after.id, paid = %after.terms.funds, costs,
        "a link at another price was paid: the order is not"
    );
    Ok(Event::PaidOtherAmount)
}

async fn write(tx: &mut Tx, after: &Checkout, event: Event, state: NotificationState) -> Result<(), Error> {
    let schedule = after.terms.schedule;
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
            frequency: (schedule != Schedule::ONCE).then(|| schedule.frequency()),
            start_date: schedule.start().map(|date| date.to_string()),
            end_date: schedule.end().map(|date| date.to_string()),
            version: after.version,
        },
    };
    let body = serde_json::to_string(&body).map_err(|_| Error::Row("a notification that is no JSON"))?;
    let id = id(after, event);
    let noted = sql(
        "INSERT INTO notifications (notification_id, order_id, checkout_id, event, body, created_at, state,
             attempts, settled_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8) ON CONFLICT DO NOTHING",
    )
    .bind(&id)
    .bind(&after.order_id)
    .bind(after.id.as_str())
    .bind(event.as_str())
    .bind(body)
    .bind(after.updated_at)
    .bind(state.as_str())
    // Nothing more will happen to it unless an operator replays it.
    .bind((state == NotificationState::Unaddressed).then_some(after.updated_at))
    .run(&mut *tx)
    .await?;
    if noted == 1 && state == NotificationState::Waiting {
        want(tx, &Job::Notification(id), after.updated_at).await?;
    }
    Ok(())
}

/// Whether another checkout pays the order.
async fn is_covered(tx: &mut Tx, besides: &Checkout) -> Result<bool, Error> {
    let others = sql("SELECT 1 FROM checkouts WHERE order_id = $1 AND checkout_id <> $2 AND status = 'paid'
         AND covers = 1");
    let others = others.bind(&besides.order_id).bind(besides.id.as_str());
    Ok(others.first(tx).await?.is_some())
}

/// Follows from what it is about: also a database that was restored from yesterday's backup, and learns of a
/// payment for the second time, says the same id to the shop.
fn id(checkout: &Checkout, event: Event) -> String {
    let digest = Sha256::digest(format!("{} {}", event.as_str(), checkout.id));
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("msg_{hex}")
}

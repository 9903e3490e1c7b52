//! Writes notifications for the shop, in the transaction of the change that they report. [`crate::worker::notify_shop`]
//! sends them, and [`super::notification`] records their delivery.

use sha2::{Digest, Sha256};
use wire::{Issue, Status};

use super::{
    Checkout, Job, NotificationState, agreement,
    db::Tx,
    deployment::state_of_news,
    event::Event,
    jobs::enqueue,
    notification_body::Body,
    orders::{Present, PriceSource, is_paid_by_another, present},
    statement::sql,
};
use crate::{
    domain::{evidence::Evidence, transition::PaymentState},
    store::Error,
};

/// Whether this server notifies the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notify {
    /// `BANQ_FULFILMENT_URL` is set.
    Shop,
    /// `BANQ_FULFILMENT_URL` is not set. Another instance may have it, so notifications are written nevertheless; see
    /// [`state_of_news`].
    None,
}

/// How many ids are tried for one notification. Only in a database that was changed by hand can an id be taken.
const NUMBERS: u32 = 100;

/// A change of a checkout, as the shop's notification needs it.
pub(super) struct Turn<'a> {
    /// The checkout's state before the change.
    pub(super) before: PaymentState,
    /// The provider's answer.
    pub(super) evidence: Option<&'a Evidence>,
    /// How to find the order's price, if its money has come.
    pub(super) price: PriceSource,
}

/// Writes the notification for a change, if it needs one, and sets `covers` and `told` in `after`. The caller holds the
/// order's lock.
///
/// A payment of a checkout's own amount does not always pay the order: its link may be older than the order's price,
/// and a shopper who kept the cheap link must not get the goods for it.
pub(super) async fn note(
    tx: &mut Tx,
    after: &mut Checkout,
    turn: Turn<'_>,
    telling: Notify,
) -> Result<(), Error> {
    let (covered, told) = (after.covers, after.told);
    let Some(event) = event(tx, after, turn.before, turn.price).await? else { return Ok(()) };
    let state = state_of_news(tx, telling).await?;
    for _ in 0..NUMBERS {
        let id = id(after, event);
        let is_written = write(tx, after, event, &id, state, turn.evidence).await?;
        // An agreement does not change the ids of later events: a database that is restored from a backup may never
        // learn of it, if the provider says by then that the money is there.
        if event.is_of_money() || !is_written {
            after.told += 1;
        }
        if !is_written {
            tracing::error!(checkout = %after.id, id, "the id of a notification is taken: it gets the next one");
            continue;
        }
        if (covered, told) != (after.covers, after.told) {
            sql("UPDATE checkouts SET covers = $1, told = told + $2 WHERE checkout_id = $3")
                .bind(i64::from(after.covers))
                .bind(after.told - told)
                .bind(after.id.as_str())
                .run(tx)
                .await?;
        }
        return Ok(());
    }
    Err(Error::Row("a notification whose ids are all taken"))
}

/// Returns the event that a change is for the shop; `None` if no money came, went or became doubtful, and no agreement
/// began or ended.
async fn event(
    tx: &mut Tx,
    after: &mut Checkout,
    before: PaymentState,
    price: PriceSource,
) -> Result<Option<Event>, Error> {
    match after.state.issue {
        Some(Issue::PaymentMismatch) => return Ok(Some(Event::PaymentMismatch)),
        Some(Issue::PaymentInDoubt | Issue::PaidOtherAmount) => return Ok(Some(Event::PaymentInDoubt)),
        None => {}
    }
    let went_back = match after.state.status {
        Status::Paid => return paid(tx, after, before, price).await.map(Some),
        Status::Reversed => true,
        // The right amount is under way: the shop is notified when it is there, or now if the payment repeats.
        Status::Processing => return agreement::begun(tx, after, before, price).await,
        Status::Pending | Status::OnHold => false,
        // Money that differed, and of which the shop was notified, is gone.
        Status::Declined | Status::Failed | Status::Canceled | Status::Expired if before.is_in_question() => {
            true
        }
        Status::Declined | Status::Failed | Status::Canceled | Status::Expired => {
            return agreement::ended(tx, after, before).await;
        }
    };
    Ok(match went_back {
        false => None,
        // The order is still paid, by another checkout.
        true if is_paid_by_another(tx, after).await? => Some(Event::PaymentReversed),
        true => Some(Event::Reversed),
    })
}

/// Returns the event for a checkout that is paid. Whether its amount is the order's price is decided when the money
/// comes, and stored: compared with a later price, the payment might look like another amount, and the order would be
/// charged or delivered a second time.
async fn paid(
    tx: &mut Tx,
    after: &mut Checkout,
    before: PaymentState,
    price: PriceSource,
) -> Result<Event, Error> {
    let Present { terms: cost, is_withdrawn: is_too_late } = present(tx, &after.order_id, price).await?;
    let is_new = before.status != Status::Paid;
    if is_new {
        after.covers = !is_too_late && cost.as_ref().is_some_and(|cost| after.terms.is_same_price(cost));
    }
    if is_paid_by_another(tx, after).await? {
        tracing::error!(order = %after.order_id, checkout = %after.id, "an order was paid a second time");
        return Ok(Event::PaidAgain);
    }
    if after.covers {
        let is_back = !is_new || before.status == Status::Reversed;
        return Ok(if is_back { Event::PaymentRestored } else { Event::Paid });
    }
    if is_too_late {
        tracing::error!(
            order = %after.order_id, checkout = %after.id, paid = %after.terms.funds,
            "an order was paid after its withdrawal: give the money back"
        );
        return Ok(Event::PaidAfterWithdrawal);
    }
    let costs = cost.map_or_else(|| "nothing known".to_owned(), |cost| cost.funds.to_string());
    tracing::error!(
        order = %after.order_id, checkout = %after.id, paid = %after.terms.funds, costs,
        "a link at another price was paid: the order is not"
    );
    Ok(Event::PaidOtherAmount)
}

/// Writes the notification; returns false if its id is taken.
async fn write(
    tx: &mut Tx,
    after: &Checkout,
    event: Event,
    id: &str,
    state: NotificationState,
    evidence: Option<&Evidence>,
) -> Result<bool, Error> {
    let body = Body::new(after, event.as_str(), evidence);
    let body = serde_json::to_string(&body).map_err(Error::Encode)?;
    let noted = sql(
        "INSERT INTO notifications (notification_id, order_id, checkout_id, event, body, created_at, state,
             attempts, settled_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8) ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(&after.order_id)
    .bind(after.id.as_str())
    .bind(event.as_str())
    .bind(body)
    .bind(after.updated_at)
    .bind(state.as_str())
    // Settled now: nothing more happens to it unless an operator replays it.
    .bind((state == NotificationState::Unaddressed).then_some(after.updated_at))
    .run(&mut *tx)
    .await?;
    if noted == 1 && state == NotificationState::Waiting {
        enqueue(tx, &Job::Notification(id.to_owned()), after.updated_at).await?;
    }
    Ok(noted == 1)
}

/// Returns the id of the next notification. It depends only on the event, the checkout and the number of its earlier
/// notifications about money. So a database that is restored from a backup, and learns of a payment for the second time,
/// sends the shop the same id. (The first two events of a good payment have the ids that earlier versions gave them.)
fn id(checkout: &Checkout, event: Event) -> String {
    let text = match (checkout.told, event) {
        (0, _) | (1, Event::Reversed) => format!("{} {}", event.as_str(), checkout.id),
        (earlier, _) => format!("{} {} {earlier}", event.as_str(), checkout.id),
    };
    let hex: String = Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("msg_{hex}")
}

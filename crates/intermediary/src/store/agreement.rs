//! Decides which event a change of a checkout whose payments repeat is: the shopper agreed, or the agreement ended.
//!
//! The audit says whether the shopper had agreed before: a checkout is `processing` only from the shopper's consent on,
//! and the lines of a checkout are kept as long as the checkout. A notification may be deleted earlier.

use wire::Status;

use super::{
    Checkout,
    db::Tx,
    event::Event,
    orders::{Present, PriceSource, is_paid_by_another, present},
    statement::sql,
};
use crate::{domain::transition::PaymentState, store::Error};

/// Returns the event for a checkout that became `processing`; `None` if its payment is made once, or if the shop knows
/// of the agreement. The caller holds the order's lock.
///
/// The link may be older than the order's price, as for [`Event::PaidOtherAmount`]: a shopper who kept the cheap link
/// must not get the goods for it.
pub(super) async fn begun(
    tx: &mut Tx,
    after: &Checkout,
    before: PaymentState,
    price: PriceSource,
) -> Result<Option<Event>, Error> {
    if !after.terms.repeats() {
        return Ok(None);
    }
    // After an issue the shop was told not to deliver, so it has to learn that the agreement holds.
    if was_agreed(tx, after).await? && !before.is_in_question() {
        return Ok(None);
    }
    let Present { terms: cost, is_withdrawn } = present(tx, &after.order_id, price).await?;
    let is_paid = is_paid_by_another(tx, after).await?;
    let is_asked_for = cost.as_ref().is_some_and(|cost| after.terms.is_same_price(cost));
    if is_asked_for && !is_withdrawn && !is_paid {
        return Ok(Some(Event::Agreed));
    }
    let costs = cost.map_or_else(|| "nothing known".to_owned(), |cost| cost.funds.to_string());
    tracing::error!(
        order = %after.order_id, checkout = %after.id, agreed = %after.terms.funds, costs, is_withdrawn, is_paid,
        "a shopper agreed to payments that the order does not ask for: end them at the payment provider"
    );
    Ok(Some(Event::AgreedTooLate))
}

/// Returns the event for a checkout that ended without money; `None` if it had ended before, or if the shopper had not
/// agreed to payments that repeat.
pub(super) async fn ended(
    tx: &mut Tx,
    after: &Checkout,
    before: PaymentState,
) -> Result<Option<Event>, Error> {
    let was_open = !before.status.is_terminal() && after.terms.repeats();
    Ok((was_open && was_agreed(tx, after).await?).then_some(Event::AgreementEnded))
}

/// Returns whether the shopper had agreed before the change that made this version of the checkout.
async fn was_agreed(tx: &mut Tx, after: &Checkout) -> Result<bool, Error> {
    let earlier = sql("SELECT 1 FROM audit WHERE checkout_id = $1 AND status = $2 AND version < $3");
    let earlier = earlier.bind(after.id.as_str()).bind(Status::Processing.as_str()).bind(after.version);
    Ok(earlier.first(tx).await?.is_some())
}

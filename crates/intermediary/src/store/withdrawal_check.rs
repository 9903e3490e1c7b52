//! Tells whether the shop took an order back.

use wire::Status;

use super::{Checkout, db::Tx, statement::sql};
use crate::store::Error;

/// The authority on whether an order is for sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seller {
    /// The shop, by `PUT` and `DELETE /orders/{orderId}`.
    Registered,
    /// The program that embeds this server. Earlier registrations do not count.
    Embedding,
}

/// Returns whether a link of the order must not be shown: the order is withdrawn, and the shopper has not acted on the
/// link. (A page on which the shopper has acted still has to learn the result.) The caller holds the order's lock.
pub(super) async fn refuses_link(
    tx: &mut Tx,
    order_id: &str,
    open: Option<&Checkout>,
    seller: Seller,
) -> Result<bool, Error> {
    let is_under_way = open.is_some_and(|open| match open.state.status {
        Status::Processing | Status::OnHold => true,
        Status::Pending | Status::Paid | Status::Declined | Status::Failed => false,
        Status::Canceled | Status::Expired | Status::Reversed => false,
    });
    match seller {
        Seller::Registered if !is_under_way => is_withdrawn(tx, order_id).await,
        Seller::Registered | Seller::Embedding => Ok(false),
    }
}

async fn is_withdrawn(tx: &mut Tx, order_id: &str) -> Result<bool, Error> {
    let withdrawn = sql("SELECT 1 FROM orders WHERE order_id = $1 AND withdrawn_at IS NOT NULL");
    Ok(withdrawn.bind(order_id).first(tx).await?.is_some())
}

//! Whether the shop took an order back.

use wire::Status;

use super::{Checkout, db::Tx, orders::PriceSource, query::sql};
use crate::store::Error;

/// Who says whether an order is for sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seller {
    /// The shop, by `PUT` and `DELETE /orders/{orderId}`.
    Registered,
    /// The program that embeds this server; what was registered before does not count.
    Embedding,
}

/// Whether a link of the order may be shown: not of a withdrawn one, unless the shopper has acted on it, whose page
/// still has to learn how that ends. The order is locked.
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

/// Whether money that comes now is for an order that the shop took back. The order is locked.
pub(super) async fn is_too_late(tx: &mut Tx, order_id: &str, price: &PriceSource) -> Result<bool, Error> {
    match price {
        PriceSource::Registered => is_withdrawn(tx, order_id).await,
        PriceSource::Stated(_) => Ok(false),
    }
}

async fn is_withdrawn(tx: &mut Tx, order_id: &str) -> Result<bool, Error> {
    let withdrawn = sql("SELECT 1 FROM orders WHERE order_id = $1 AND withdrawn_at IS NOT NULL");
    Ok(withdrawn.bind(order_id).first(tx).await?.is_some())
}

//! The interface for prices from the shop's own code, for a program that embeds this server.

use std::{future::Future, pin::Pin, sync::Arc};

use crate::{Amount, Schedule};

/// An error of the shop's code. The server logs it; the page is answered with 503 `unavailable` and can try again.
pub type OrderError = Box<dyn std::error::Error + Send + Sync>;

/// The future result of [`OrderSource::order`].
pub type OrderFuture<'a> = Pin<Box<dyn Future<Output = Result<Option<Order>, OrderError>> + Send + 'a>>;

/// An order's terms, as the shop states them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The price.
    pub funds: Amount,
    /// The text that the shopper reads: one line of at most 200 characters; may be empty.
    pub comment: String,
    /// How often the price is to be paid.
    pub schedule: Schedule,
}

/// The shop's own source of orders, in place of `PUT /orders/{orderId}`.
///
/// The server calls it for every link request, and its answer decides: an order that it does not know has no price. The
/// answer for one order should change only when the price does; a changed price cancels the open link and makes a new
/// one.
///
/// The server calls it again when the money has arrived: a link made at an older price does not pay the order, nor does
/// a link of an order that the shop no longer knows (`order.paid_other_amount`). It also calls it when the shopper has
/// agreed to payments that repeat (`order.agreed`, or `order.agreed_too_late`). If it fails then, the checkout stays
/// unchanged and the server asks again. It must answer within ten seconds.
///
/// The server passes only valid order ids, as for `PUT /orders/{orderId}`: Unicode's form NFC, visible characters. To
/// withdraw an order, the source answers `None`; `DELETE /orders/{orderId}` is refused.
///
/// ```
/// use banq_intermediary::{Amount, Order, OrderFuture, OrderSource, Schedule};
///
/// struct Catalogue;
///
/// impl OrderSource for Catalogue {
///     fn order<'a>(&'a self, order_id: &'a str) -> OrderFuture<'a> {
///         Box::pin(async move {
///             let funds = if order_id == "A7Q2-9XKD" { Amount::parse("2.00") } else { None };
///             Ok(funds.map(|funds| Order { funds, comment: "Tea".to_owned(), schedule: Schedule::ONCE }))
///         })
///     }
/// }
/// ```
pub trait OrderSource: Send + Sync {
    /// Returns the order with this id, or `None` if the shop does not know it.
    ///
    /// # Errors
    /// The shop cannot answer now; the page can try again.
    fn order<'a>(&'a self, order_id: &'a str) -> OrderFuture<'a>;
}

/// `Arc<T>` is an `OrderSource` if `T` is.
impl<T: OrderSource + ?Sized> OrderSource for Arc<T> {
    fn order<'a>(&'a self, order_id: &'a str) -> OrderFuture<'a> {
        (**self).order(order_id)
    }
}

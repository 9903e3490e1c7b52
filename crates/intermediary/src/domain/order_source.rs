//! Where prices come from: the shop's own code, for a program that embeds this server.

use std::{future::Future, pin::Pin, sync::Arc};

use crate::{Amount, Schedule};

/// An error of the shop's own. It is logged; a page learns only that it can try again later (503 `unavailable`).
pub type OrderError = Box<dyn std::error::Error + Send + Sync>;

/// What an [`OrderSource`] answers, some time.
pub type OrderFuture<'a> = Pin<Box<dyn Future<Output = Result<Option<Order>, OrderError>> + Send + 'a>>;

/// What an order costs, as the shop says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The price.
    pub funds: Amount,
    /// What the shopper reads, at most 200 characters in one line; may be empty.
    pub comment: String,
    /// How often it is to be paid.
    pub schedule: Schedule,
}

/// The shop's own knowledge of its orders, instead of `PUT /orders/{orderId}`.
///
/// It is asked whenever a page asks for a link, and has the last word: what it does not know has no price. The
/// answer for one order should change only when its price does; a changed price cancels the link that is alive into
/// a new one.
///
/// It is asked once more when the money has come: a link that was made at an older price does not pay the order, nor
/// does one of an order that the shop no longer knows (`order.paid_other_amount`). While it cannot answer then, the
/// checkout stays as it was, and it is asked again. Its answer must come within ten seconds.
///
/// It is asked about texts that can be an order's id only, as for `PUT /orders/{orderId}`: in Unicode's form NFC, of
/// characters that can be seen. An order that it takes back it no longer knows; `DELETE /orders/{orderId}` is refused.
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
    /// The order with this id; `None` when there is none.
    ///
    /// # Errors
    /// When the shop cannot say; the page can try again.
    fn order<'a>(&'a self, order_id: &'a str) -> OrderFuture<'a>;
}

/// A source that is shared is one.
impl<T: OrderSource + ?Sized> OrderSource for Arc<T> {
    fn order<'a>(&'a self, order_id: &'a str) -> OrderFuture<'a> {
        (**self).order(order_id)
    }
}

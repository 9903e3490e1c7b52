//! Where prices come from: the shop's own code, for a program that embeds this server.

use std::{future::Future, pin::Pin, sync::Arc};

use crate::{error::Error, money::Amount, schedule::Schedule, store::Terms, wish};

/// An error of the shop's own. It is logged; a page learns only that the server has a fault.
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
/// Where the shop is told of payments (`BANQ_FULFILMENT_URL`), it is asked once more when the money has come or went
/// back: a link that was made at an older price does not pay the order (`order.paid_other_amount`). While it cannot
/// answer then, the payment stays `processing`, and it is asked again.
///
/// ```
/// use banq_intermediary::{Amount, Order, OrderFuture, OrderSource, Schedule};
///
/// struct Catalogue;
///
/// impl OrderSource for Catalogue {
///     fn order<'a>(&'a self, order_id: &'a str) -> OrderFuture<'a> {
///         Box::pin(async move {
///             let funds = if order_id == "009221" { Amount::parse("2.00") } else { None };
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

/// What the order costs, in `currency`; `None` when the shop knows no such order. The shop's own code is held to the
/// same rules as its HTTP.
pub(crate) async fn ask(
    source: &dyn OrderSource,
    order_id: &str,
    currency: &str,
) -> Result<Option<Terms>, Error> {
    let order = source.order(order_id).await.map_err(|error| Error::OrderSource(error.to_string()))?;
    let Some(Order { funds, comment, schedule }) = order else { return Ok(None) };
    if !wish::is_comment(&comment) {
        return Err(Error::OrderSource("the comment is longer than 200 characters, or not one line".into()));
    }
    Ok(Some(Terms { funds, currency: currency.to_owned(), comment, schedule }))
}

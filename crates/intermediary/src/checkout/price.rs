//! What an order costs, and who says so.

use crate::{
    Amount, Schedule,
    checkout::Error,
    checkout::service::Service,
    domain::{
        checkout::{Terms, is_comment},
        order_source::{Order, OrderSource},
    },
};

impl Service {
    /// Returns an order's terms: from the shop's own code, where there is one, or as they were registered. `stated`,
    /// the price and comment that a page sent, count only where the server was told to believe pages: a shopper can
    /// send any.
    ///
    /// # Errors
    /// [`Error::OrderNotFound`], [`Error::ClientAmountNotAllowed`], or a failure to ask.
    pub(crate) async fn terms(
        &self,
        order_id: &str,
        stated: (Option<Amount>, String),
    ) -> Result<Terms, Error> {
        if let Some(source) = &self.orders {
            let terms = self.ask_price(source.as_ref(), order_id).await?.ok_or(Error::OrderNotFound)?;
            // The shop's own code is held to the same rules as its HTTP.
            if !is_comment(&terms.comment) {
                return Err(Error::OrderSource(
                    "the comment is longer than 200 characters, or not one line".into(),
                ));
            }
            return Ok(terms);
        }
        if let Some(registered) = self.store.order(order_id).await? {
            return Ok(registered);
        }
        match stated {
            (Some(funds), comment) if self.allow_client_amounts => {
                let currency = self.provider.currency().to_owned();
                Ok(Terms { funds, currency, comment, schedule: Schedule::ONCE })
            }
            (Some(_), _) => Err(Error::ClientAmountNotAllowed),
            (None, _) => Err(Error::OrderNotFound),
        }
    }

    /// Asks the shop's own code; returns `None` when it knows no such order. Waits `request_timeout` at most; the caller
    /// can ask again.
    pub(super) async fn ask_price(
        &self,
        source: &dyn OrderSource,
        order_id: &str,
    ) -> Result<Option<Terms>, Error> {
        let answer = tokio::time::timeout(self.tuning.request_timeout, source.order(order_id)).await;
        let answer = answer.map_err(|_| Error::OrderSource("it did not answer in time".to_owned()))?;
        let order = answer.map_err(|error| Error::OrderSource(error.to_string()))?;
        let currency = self.provider.currency().to_owned();
        Ok(order.map(|Order { funds, comment, schedule }| Terms { funds, currency, comment, schedule }))
    }
}

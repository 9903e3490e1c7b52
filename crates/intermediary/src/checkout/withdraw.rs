//! Takes an order back for the shop.

use wire::Status;

use crate::{
    checkout::{confirm::Question, service::Service},
    error::Error,
    store::{Prompt, Withdrawn},
};

impl Service {
    /// Withdraws an order: it gets no further link, and an open one on which the shopper has not acted is canceled.
    ///
    /// # Errors
    /// The store's failure. A provider that cannot be asked does not hold it up.
    pub(crate) async fn withdraw(&self, order_id: &str, prompt: &Prompt) -> Result<Withdrawn, Error> {
        self.confirm_open(order_id, prompt).await?;
        let withdrawn = self.store.withdraw(order_id, prompt).await?;
        tracing::info!(order = %order_id, "the order is withdrawn");
        if let Some(closed) = &withdrawn.closed {
            self.metrics.transition(closed.standing.status.as_str(), std::iter::empty());
            self.changed(closed);
        }
        Ok(withdrawn)
    }

    /// Asks the provider whether the shopper has acted on the open link, as far as it can be asked: a page that shows
    /// "canceled" over a payment that is under way would be wrong.
    async fn confirm_open(&self, order_id: &str, prompt: &Prompt) -> Result<(), Error> {
        let open = self.store.open_checkout(order_id).await?;
        let open = open.filter(|open| open.standing.status == Status::Pending);
        let Some(payment) = open.and_then(|open| open.payment_id) else { return Ok(()) };
        let question = Question { prompt: prompt.clone(), claim: None, webhooks: &[] };
        match self.confirm(&payment, question).await {
            Ok(_) => Ok(()),
            Err(Error::Provider(failure)) => {
                tracing::warn!(order = order_id, error = %failure, "withdrawn without asking the provider");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

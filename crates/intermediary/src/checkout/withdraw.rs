//! Takes an order back for the shop.

use wire::Status;

use crate::{
    checkout::Error,
    checkout::{confirm::ConfirmRequest, service::Service},
    store::{Trigger, Withdrawn},
};

impl Service {
    /// Withdraws an order: it gets no further link, and an open one on which the shopper has not acted is canceled.
    ///
    /// # Errors
    /// The store's failure. A provider that cannot be asked does not hold it up.
    pub(crate) async fn withdraw(&self, order_id: &str, trigger: &Trigger) -> Result<Withdrawn, Error> {
        self.confirm_open(order_id, trigger).await?;
        let withdrawn = self.store.withdraw(order_id, trigger).await?;
        tracing::info!(order = %order_id, "the order is withdrawn");
        if let Some(closed) = &withdrawn.closed {
            self.metrics.transition(closed.state.status.as_str(), std::iter::empty());
            self.changed(closed);
        }
        Ok(withdrawn)
    }

    /// Asks the provider whether the shopper has acted on the open link, as far as it can be asked: a page that shows
    /// "canceled" over a payment that is under way would be wrong.
    async fn confirm_open(&self, order_id: &str, trigger: &Trigger) -> Result<(), Error> {
        let open = self.store.open_checkout(order_id).await?;
        let open = open.filter(|open| open.state.status == Status::Pending);
        let Some(payment) = open.and_then(|open| open.payment_id) else { return Ok(()) };
        let request = ConfirmRequest { trigger: trigger.clone(), claim: None, webhooks: &[], answered: None };
        match self.confirm(&payment, request).await {
            Ok(_) => Ok(()),
            Err(Error::Provider(failure)) => {
                tracing::warn!(order = order_id, error = %failure, "withdrawn without asking the provider");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

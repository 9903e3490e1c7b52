//! A test's handle on the simulator: the actions of the control routes, and all recorded data.

use std::sync::Arc;

use serde_json::Value;
use uuid::Uuid;

use crate::{
    amendment::Amendment,
    bank::{Bank, lock},
    delivery::Delivery,
    error::Error,
    fail_reason::FailReason,
    payment::Action,
    request_log::ApiRequest,
    resource::{Payment, Transaction},
    scenario::Scenarios,
    webhook::WebhookConfig,
};

/// A cheap handle on a running simulator. The recorded data stays readable after the stop.
#[derive(Clone)]
pub struct Control {
    pub(crate) bank: Arc<Bank>,
}

impl Control {
    /// Accepts and completes a payment: accepted, transaction created, completed.
    ///
    /// # Errors
    /// As for [`Control::act`], which every action goes through.
    pub async fn accept(&self, id: Uuid) -> Result<Payment, Error> {
        self.act(id, Action::Accept).await
    }

    /// Accepts a payment without completing it, so that a hold, a completion or a failure can follow.
    ///
    /// # Errors
    /// As for [`Control::act`].
    pub async fn accept_only(&self, id: Uuid) -> Result<Payment, Error> {
        self.act(id, Action::AcceptOnly).await
    }

    /// Completes an accepted payment.
    ///
    /// # Errors
    /// As for [`Control::act`].
    pub async fn complete(&self, id: Uuid) -> Result<Payment, Error> {
        self.act(id, Action::Complete).await
    }

    /// Declines a payment as the shopper.
    ///
    /// # Errors
    /// As for [`Control::act`].
    pub async fn decline(&self, id: Uuid) -> Result<Payment, Error> {
        self.act(id, Action::Decline).await
    }

    /// Cancels a payment.
    ///
    /// # Errors
    /// As for [`Control::act`].
    pub async fn cancel(&self, id: Uuid) -> Result<Payment, Error> {
        self.act(id, Action::Cancel).await
    }

    /// Expires a payment now.
    ///
    /// # Errors
    /// As for [`Control::act`].
    pub async fn expire(&self, id: Uuid) -> Result<Payment, Error> {
        self.act(id, Action::Expire).await
    }

    /// Puts a payment on hold.
    ///
    /// # Errors
    /// As for [`Control::act`].
    pub async fn hold(&self, id: Uuid) -> Result<Payment, Error> {
        self.act(id, Action::Hold).await
    }

    /// Resumes a payment with the status that it had before the hold.
    ///
    /// # Errors
    /// As for [`Control::act`].
    pub async fn resume(&self, id: Uuid) -> Result<Payment, Error> {
        self.act(id, Action::Resume).await
    }

    /// Fails a payment's transaction.
    ///
    /// # Errors
    /// As for [`Control::act`].
    pub async fn fail(&self, id: Uuid, reason: FailReason) -> Result<Payment, Error> {
        self.act(id, Action::Fail(reason)).await
    }

    /// Reverses a completed payment.
    ///
    /// # Errors
    /// As for [`Control::act`].
    pub async fn reverse(&self, id: Uuid, reason: FailReason) -> Result<Payment, Error> {
        self.act(id, Action::Reverse(reason)).await
    }

    /// Applies one action and schedules its webhooks, which are delivered in the background. Async like the other
    /// actions, although it does not wait.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Illegal`] in the present status, [`Error::Busy`] if too many webhooks of the
    /// payment wait; nothing has changed then.
    pub async fn act(&self, id: Uuid, action: Action) -> Result<Payment, Error> {
        self.bank.act(id, action)
    }

    /// Replaces fields of the API's answers about a payment and sends a webhook, so that the receiver asks. `null`
    /// removes a field, and `{}` ends the replacement.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Invalid`] for anything but a JSON object, [`Error::Busy`] if too many webhooks of
    /// the payment wait; nothing has changed then.
    pub async fn answer_with(&self, id: Uuid, fields: Value) -> Result<(), Error> {
        self.bank.amend(id, Amendment::read(fields)?)
    }

    /// Sends a webhook again, correctly signed, ignoring the scenarios.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown webhook, [`Error::Busy`] if too many wait.
    pub async fn redeliver(&self, webhook_id: Uuid) -> Result<(), Error> {
        self.bank.redeliver(webhook_id)
    }

    /// Sets the receiver of webhooks, as `POST …/webhook-config` does.
    pub fn set_webhook(&self, webhook: WebhookConfig) {
        *lock(&self.bank.webhook) = Some(webhook);
    }

    /// Returns the active scenarios.
    pub fn scenarios(&self) -> Scenarios {
        *lock(&self.bank.scenarios)
    }

    /// Changes the scenarios; `|s| *s = Scenarios::default()` ends them all. `change` must not call the simulator.
    pub fn update_scenarios(&self, change: impl FnOnce(&mut Scenarios)) {
        change(&mut lock(&self.bank.scenarios));
    }

    /// Returns all payments, oldest first.
    pub fn payments(&self) -> Vec<Payment> {
        self.bank.payments().into_iter().map(|(payment, _)| payment).collect()
    }

    /// Returns one payment.
    pub fn payment(&self, id: Uuid) -> Option<Payment> {
        self.bank.payment(id)
    }

    /// Returns one transaction, as the API answers it.
    pub fn transaction(&self, id: Uuid) -> Option<Transaction> {
        self.bank.transaction(id)
    }

    /// Returns the calls of the token endpoint and the Open API, oldest first.
    pub fn requests(&self) -> Vec<ApiRequest> {
        lock(&self.bank.requests).all()
    }

    /// Returns how many access tokens were issued.
    pub fn tokens_issued(&self) -> usize {
        lock(&self.bank.tokens).issued()
    }

    /// Expires all access tokens now.
    pub fn end_tokens(&self) {
        lock(&self.bank.tokens).end_all();
    }

    /// Returns all webhooks, oldest first.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.bank.deliveries()
    }

    /// Waits until `condition` holds, checking after each change of a payment, a delivery or the request log. Without a
    /// timeout around it, it may wait without end.
    pub async fn wait_until(&self, condition: impl Fn(&Control) -> bool) {
        let mut changes = self.bank.changes();
        while !condition(self) {
            // The sender lives in the bank, which this handle keeps alive, so this cannot fail.
            if changes.changed().await.is_err() {
                return;
            }
        }
    }
}

//! The handle that a test holds: what the control routes do, and everything there is to see.

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

/// A cheap handle on a running stand-in. It stays usable after the stop, for what there is to see.
#[derive(Clone)]
pub struct Control {
    pub(crate) bank: Arc<Bank>,
}

impl Control {
    /// The whole good run: accepted, transaction made, completed.
    ///
    /// # Errors
    /// As for [`Control::act`], which every action goes through.
    pub async fn accept(&self, id: Uuid) -> Result<Payment, Error> {
        self.act(id, Action::Accept).await
    }

    /// Accepted only, so that a hold, a completion or a failure can follow.
    ///
    /// # Errors
    /// As for [`Control::act`].
    pub async fn accept_only(&self, id: Uuid) -> Result<Payment, Error> {
        self.act(id, Action::AcceptOnly).await
    }

    /// Completes what was accepted only.
    ///
    /// # Errors
    /// As for [`Control::act`].
    pub async fn complete(&self, id: Uuid) -> Result<Payment, Error> {
        self.act(id, Action::Complete).await
    }

    /// The shopper says no.
    ///
    /// # Errors
    /// As for [`Control::act`].
    pub async fn decline(&self, id: Uuid) -> Result<Payment, Error> {
        self.act(id, Action::Decline).await
    }

    /// Calls it off.
    ///
    /// # Errors
    /// As for [`Control::act`].
    pub async fn cancel(&self, id: Uuid) -> Result<Payment, Error> {
        self.act(id, Action::Cancel).await
    }

    /// Ends its time now.
    ///
    /// # Errors
    /// As for [`Control::act`].
    pub async fn expire(&self, id: Uuid) -> Result<Payment, Error> {
        self.act(id, Action::Expire).await
    }

    /// Puts it on hold.
    ///
    /// # Errors
    /// As for [`Control::act`].
    pub async fn hold(&self, id: Uuid) -> Result<Payment, Error> {
        self.act(id, Action::Hold).await
    }

    /// Takes it up again, as what it was before the hold.
    ///
    /// # Errors
    /// As for [`Control::act`].
    pub async fn resume(&self, id: Uuid) -> Result<Payment, Error> {
        self.act(id, Action::Resume).await
    }

    /// Its transaction fails.
    ///
    /// # Errors
    /// As for [`Control::act`].
    pub async fn fail(&self, id: Uuid, reason: FailReason) -> Result<Payment, Error> {
        self.act(id, Action::Fail(reason)).await
    }

    /// Takes a completed payment back.
    ///
    /// # Errors
    /// As for [`Control::act`].
    pub async fn reverse(&self, id: Uuid, reason: FailReason) -> Result<Payment, Error> {
        self.act(id, Action::Reverse(reason)).await
    }

    /// Does one action and schedules its webhooks; they are delivered in the background. Async like every
    /// other way to act on a payment, although nothing has to be waited for in memory.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Illegal`] from the present status, [`Error::Busy`] when too many of its
    /// webhooks wait; each time nothing has changed.
    pub async fn act(&self, id: Uuid, action: Action) -> Result<Payment, Error> {
        self.bank.act(id, action)
    }

    /// Replaces fields of the API's answers about a payment, `null` taking one away and `{}` ending it, and sends a
    /// webhook so that somebody asks.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Invalid`] for what is no JSON object, [`Error::Busy`] when too many of its
    /// webhooks wait; each time nothing has changed.
    pub async fn answer_with(&self, id: Uuid, fields: Value) -> Result<(), Error> {
        self.bank.amend(id, Amendment::read(fields)?)
    }

    /// Sends a webhook again, properly signed, whatever the scenarios say.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown webhook, [`Error::Busy`] when too many wait.
    pub async fn redeliver(&self, webhook_id: Uuid) -> Result<(), Error> {
        self.bank.redeliver(webhook_id)
    }

    /// Sets where webhooks go, as `POST …/webhook-config` does.
    pub fn set_webhook(&self, webhook: WebhookConfig) {
        *lock(&self.bank.webhook) = Some(webhook);
    }

    /// What goes wrong on purpose at the moment.
    pub fn scenarios(&self) -> Scenarios {
        *lock(&self.bank.scenarios)
    }

    /// Changes what goes wrong on purpose; `|s| *s = Scenarios::default()` ends it all.
    pub fn update_scenarios(&self, change: impl FnOnce(&mut Scenarios)) {
        change(&mut lock(&self.bank.scenarios));
    }

    /// All payments, oldest first.
    pub fn payments(&self) -> Vec<Payment> {
        self.bank.payments().into_iter().map(|(payment, _)| payment).collect()
    }

    /// One payment.
    pub fn payment(&self, id: Uuid) -> Option<Payment> {
        self.bank.payment(id)
    }

    /// One transaction, as the API answers it.
    pub fn transaction(&self, id: Uuid) -> Option<Transaction> {
        self.bank.transaction(id)
    }

    /// The calls of token endpoint and Open API, oldest first.
    pub fn requests(&self) -> Vec<ApiRequest> {
        lock(&self.bank.requests).all()
    }

    /// How many access tokens were issued.
    pub fn tokens_issued(&self) -> usize {
        lock(&self.bank.tokens).issued()
    }

    /// Ends all access tokens at once, as if their time were over.
    pub fn end_tokens(&self) {
        lock(&self.bank.tokens).end_all();
    }

    /// All webhooks, oldest first.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.bank.deliveries()
    }

    /// Waits until `condition` holds, looking again after each change of a payment, a delivery or the
    /// request log. Waits for ever if it never does: put a timeout around it.
    pub async fn wait_until(&self, condition: impl Fn(&Control) -> bool) {
        let mut changes = self.bank.changes();
        while !condition(self) {
            // The sender lives in the bank, which this handle keeps alive: this can't fail.
            if changes.changed().await.is_err() {
                return;
            }
        }
    }
}

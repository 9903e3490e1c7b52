//! The simulator's state in memory, and the two ways to change it: creating a payment, and acting on one.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    amendment::Amendment,
    config::Config,
    delivery::{self, Delivery, DeliveryState, Job, QUEUE_LENGTH},
    entry::{Entry, apply},
    error::Error,
    idempotency::Answers,
    link_request::LinkRequest,
    occurrence,
    payment::{Action, Event, State, Status},
    request_log::RequestLog,
    resource::{Payment, Transaction},
    scenario::Scenarios,
    token::Tokens,
    webhook::{self, WebhookConfig, WebhookType},
};

/// The state behind every route. Each lock is held briefly and never across an await; several are taken in the order
/// `answers`, `payments`, any other.
pub(crate) struct Bank {
    pub(crate) config: Config,
    /// The base address of payment links.
    pub(crate) public_url: String,
    pub(crate) client: reqwest::Client,
    pub(crate) scenarios: Mutex<Scenarios>,
    pub(crate) webhook: Mutex<Option<WebhookConfig>>,
    pub(crate) tokens: Mutex<Tokens>,
    pub(crate) requests: Mutex<RequestLog>,
    pub(crate) answers: Mutex<Answers>,
    payments: Mutex<Vec<Entry>>,
    deliveries: Mutex<Vec<Delivery>>,
    /// Counts changes, so that a test can wait for one.
    changed: watch::Sender<u64>,
    pub(crate) tasks: TaskTracker,
    pub(crate) stopping: CancellationToken,
}

impl Bank {
    pub(crate) fn new(config: Config, public_url: String, client: reqwest::Client) -> Bank {
        Bank {
            public_url,
            client,
            scenarios: Mutex::default(),
            webhook: Mutex::new(config.webhook.clone()),
            tokens: Mutex::default(),
            requests: Mutex::default(),
            answers: Mutex::default(),
            payments: Mutex::default(),
            deliveries: Mutex::default(),
            changed: watch::Sender::new(0),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
            config,
        }
    }

    /// Creates a payment, sends its webhook, and lets it expire at the end of its lifetime.
    pub(crate) fn create(self: &Arc<Bank>, request: LinkRequest) -> Payment {
        let now = Timestamp::now();
        let code = URL_SAFE_NO_PAD.encode(Uuid::new_v4().as_bytes());
        let payment = Payment {
            id: Uuid::new_v4(),
            url: format!("{}/pay/{code}", self.public_url),
            occurrences: occurrence::of(request.frequency, request.start_date, request.end_date),
            status: Status::Created,
            fail_reason: None,
            funds: request.funds,
            comment: request.comment,
            external_order_code: request.external_order_code,
            frequency: request.frequency,
            start_date: request.start_date,
            end_date: request.end_date,
            created_at_utc: now,
            // A lifetime beyond the calendar's end means no end.
            expires_at_utc: now.checked_add(self.config.link_lifetime).unwrap_or(Timestamp::MAX),
            transaction_id: None,
            code,
        };
        let (queue, jobs) = mpsc::channel(QUEUE_LENGTH);
        self.tasks.spawn(delivery::run(Arc::clone(self), jobs));
        let mut payments = lock(&self.payments);
        let job = self.schedule(&payment, Event::PaymentCreated, now);
        // A new queue has room, and a closed one means that the simulator is stopping.
        job.and_then(|job| queue.try_send(job).ok());
        payments.push(Entry {
            payment: payment.clone(),
            state: State::Created,
            transaction_at: None,
            earlier: Vec::new(),
            queue,
            amendment: Amendment::default(),
        });
        drop(payments);
        self.tasks.spawn(expire(Arc::clone(self), payment.id));
        self.note_change();
        payment
    }

    /// Applies `action` to a payment and sends its webhooks.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Illegal`] in the present status, [`Error::Busy`] if the queue of webhooks is full;
    /// nothing has changed then.
    pub(crate) fn act(&self, id: Uuid, action: Action) -> Result<Payment, Error> {
        let reorder = lock(&self.scenarios).webhooks.reorder;
        let mut payments = lock(&self.payments);
        let entry = payments.iter_mut().find(|entry| entry.payment.id == id);
        let Entry { payment, state, transaction_at, earlier, queue, amendment: _ } =
            entry.ok_or_else(|| Error::no_payment(id))?;
        let mut days = payment.occurrences.clone();
        let (next, events) =
            apply(*state, action, &mut days).ok_or(Error::Illegal { action, status: payment.status })?;
        let slots = queue.try_reserve_many(events.len()).map_err(|_| Error::Busy)?;
        let now = Timestamp::now();
        if !days.is_empty() && events.contains(&Event::TransactionCreated) {
            // Each day has a transaction of its own.
            let paid = transaction_at.take().and_then(|at| Transaction::of(payment, State::Completed, at));
            earlier.extend(paid);
            payment.transaction_id = None;
        }
        payment.occurrences = days;
        *state = next;
        payment.status = next.status();
        payment.fail_reason = next.fail_reason();
        if events.iter().any(|event| event.kind() == WebhookType::Transaction)
            && payment.transaction_id.is_none()
        {
            payment.transaction_id = Some(Uuid::new_v4());
            *transaction_at = Some(now);
        }
        let mut jobs: Vec<Job> =
            events.into_iter().filter_map(|event| self.schedule(payment, event, now)).collect();
        if reorder {
            jobs.reverse();
        }
        slots.zip(jobs).for_each(|(slot, job)| slot.send(job));
        let payment = payment.clone();
        drop(payments);
        self.note_change();
        Ok(payment)
    }

    /// Answers requests about a payment with these fields from now on, and sends a "completed" webhook, so that the
    /// receiver asks.
    ///
    /// # Errors
    /// [`Error::NotFound`], or [`Error::Busy`] if the queue of webhooks is full; nothing has changed then.
    pub(crate) fn amend(&self, id: Uuid, amendment: Amendment) -> Result<(), Error> {
        {
            let mut payments = lock(&self.payments);
            let entry = payments.iter_mut().find(|entry| entry.payment.id == id);
            let entry = entry.ok_or_else(|| Error::no_payment(id))?;
            let slot = entry.queue.try_reserve().map_err(|_| Error::Busy)?;
            entry.amendment = amendment;
            if let Some(job) = self.schedule(&entry.payment, Event::PaymentCompleted, Timestamp::now()) {
                slot.send(job);
            }
        }
        self.note_change();
        Ok(())
    }

    /// Returns a payment as the API answers it.
    pub(crate) fn answer(&self, id: Uuid) -> Option<Value> {
        let payments = lock(&self.payments);
        let entry = payments.iter().find(|entry| entry.payment.id == id)?;
        entry.amendment.apply(&entry.payment).ok()
    }

    /// Records a webhook, if the merchant registered for its kind.
    fn schedule(&self, payment: &Payment, event: Event, at: Timestamp) -> Option<Job> {
        let config = lock(&self.webhook).clone().filter(|config| config.wants(event))?;
        let resource_id = match event.kind() {
            WebhookType::Payment => payment.id,
            WebhookType::Transaction => payment.transaction_id?,
        };
        let webhook_id = Uuid::new_v4();
        let account = self.config.account_space_id;
        lock(&self.deliveries).push(Delivery {
            webhook_id,
            payment_id: payment.id,
            url: config.url,
            body: webhook::body(config.shape, account, webhook_id, event, resource_id, at),
            signature: None,
            state: DeliveryState::Pending,
            attempts: Vec::new(),
        });
        Some(Job::Send(webhook_id))
    }

    /// Queues a webhook again at the end of its payment's queue.
    ///
    /// # Errors
    /// [`Error::NotFound`], or [`Error::Busy`] if the queue is full.
    pub(crate) fn redeliver(&self, webhook_id: Uuid) -> Result<(), Error> {
        let unknown = || Error::NotFound { what: "webhook", id: webhook_id.to_string() };
        let payment_id = self.delivery(webhook_id).ok_or_else(unknown)?.payment_id;
        let payments = lock(&self.payments);
        let entry = payments.iter().find(|entry| entry.payment.id == payment_id).ok_or_else(unknown)?;
        let slot = entry.queue.try_reserve().map_err(|_| Error::Busy)?;
        self.update_delivery(webhook_id, |delivery| delivery.state = DeliveryState::Pending);
        slot.send(Job::Redeliver(webhook_id));
        Ok(())
    }

    /// Returns all payments, oldest first, each with the actions that are possible now.
    pub(crate) fn payments(&self) -> Vec<(Payment, Vec<&'static str>)> {
        let payments = lock(&self.payments);
        let with_actions = |entry: &Entry| {
            let mut actions = entry.state.actions();
            for action in [Action::Occur, Action::CancelOccurrence] {
                let mut days = entry.payment.occurrences.clone();
                actions.extend(apply(entry.state, action, &mut days).map(|_| action.name()));
            }
            (entry.payment.clone(), actions)
        };
        payments.iter().map(with_actions).collect()
    }

    /// Returns all transactions, in the order of their payments.
    pub(crate) fn transactions(&self) -> Vec<Transaction> {
        let payments = lock(&self.payments);
        payments.iter().flat_map(|entry| entry.earlier.iter().cloned().chain(entry.transaction())).collect()
    }

    pub(crate) fn payment(&self, id: Uuid) -> Option<Payment> {
        self.find_payment(|payment| payment.id == id)
    }

    pub(crate) fn payment_by_code(&self, code: &str) -> Option<Payment> {
        self.find_payment(|payment| payment.code == code)
    }

    fn find_payment(&self, wanted: impl Fn(&Payment) -> bool) -> Option<Payment> {
        lock(&self.payments).iter().find(|entry| wanted(&entry.payment)).map(|entry| entry.payment.clone())
    }

    pub(crate) fn transaction(&self, id: Uuid) -> Option<Transaction> {
        self.transactions().into_iter().find(|transaction| transaction.id == id)
    }

    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        lock(&self.deliveries).clone()
    }

    pub(crate) fn delivery(&self, webhook_id: Uuid) -> Option<Delivery> {
        lock(&self.deliveries).iter().rev().find(|delivery| delivery.webhook_id == webhook_id).cloned()
    }

    pub(crate) fn update_delivery(&self, webhook_id: Uuid, change: impl FnOnce(&mut Delivery)) {
        if let Some(delivery) =
            lock(&self.deliveries).iter_mut().rev().find(|known| known.webhook_id == webhook_id)
        {
            change(delivery);
        }
        self.note_change();
    }

    /// Waits for a scenario's delay; returns early when the simulator stops.
    pub(crate) async fn pause(&self, time: Duration) {
        self.stopping.run_until_cancelled(tokio::time::sleep(time)).await;
    }

    pub(crate) fn note_change(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }
}

/// Expires a payment at the end of its lifetime, if it is still open. A payment on hold stays so, and expires only by
/// the control route.
async fn expire(bank: Arc<Bank>, id: Uuid) {
    let over = Instant::now().checked_add(bank.config.link_lifetime);
    let Some(over) = over else { return };
    if bank.stopping.run_until_cancelled(tokio::time::sleep_until(over.into())).await.is_none() {
        return;
    }
    if bank.payment(id).is_some_and(|payment| payment.status == Status::Created) {
        // Refused only if another action has just ended the payment.
        bank.act(id, Action::Expire).ok();
    }
}

/// Locks and ignores poisoning: critical sections never leave partial state.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

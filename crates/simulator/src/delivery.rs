//! Delivers webhooks: one queue per payment, in order, with retries.
//!
//! A payment's webhooks wait for each other, so that a webhook being retried is neither lost nor overtaken; webhooks of
//! different payments are independent.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use serde::Serialize;
use tokio::{sync::mpsc, time::sleep};
use uuid::Uuid;

use crate::{
    bank::{Bank, lock},
    resource,
    webhook::{self, SIGNATURE_HEADER},
};

/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The maximum number of waiting webhooks of one payment.
pub(crate) const QUEUE_LENGTH: usize = 256;

/// A webhook and its delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// The webhook's own id.
    pub webhook_id: Uuid,
    /// The payment to which the webhook belongs, directly or through a transaction.
    pub payment_id: Uuid,
    /// The receiver of the last or next attempt.
    pub url: String,
    /// The exact bytes sent.
    pub body: String,
    /// The signature header of the last attempt.
    pub signature: Option<String>,
    /// The state of the delivery.
    pub state: DeliveryState,
    /// Every attempt, oldest first.
    pub attempts: Vec<Attempt>,
}

/// The state of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum DeliveryState {
    /// Waiting for earlier webhooks or for the next attempt.
    Pending,
    /// The receiver answered 2xx.
    Delivered,
    /// Every attempt failed.
    GaveUp,
    /// Never sent, by scenario.
    Dropped,
}

/// One attempt to deliver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// When it ended.
    #[serde(serialize_with = "resource::seven_digits")]
    pub at: Timestamp,
    /// The result.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// The result of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// The receiver answered with this HTTP status.
    Status(u16),
    /// The request failed.
    Error(String),
}

impl Outcome {
    fn delivered(&self) -> bool {
        matches!(self, Outcome::Status(200..=299))
    }
}

/// A queued webhook by its id, and how to send it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Job {
    /// Subject to the scenarios.
    Send(Uuid),
    /// Correctly, ignoring the scenarios.
    Redeliver(Uuid),
}

/// Delivers the webhooks of one payment's queue until the simulator stops.
pub(crate) async fn run(bank: Arc<Bank>, mut queue: mpsc::Receiver<Job>) {
    let stopping = bank.stopping.clone();
    let work = async {
        while let Some(job) = queue.recv().await {
            match job {
                Job::Send(id) => send(&bank, id).await,
                Job::Redeliver(id) => send_with_retries(&bank, id, Signature::Genuine).await,
            }
        }
    };
    stopping.run_until_cancelled(work).await;
}

/// Whether the signature is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signature {
    Genuine,
    Forged,
}

async fn send(bank: &Bank, id: Uuid) {
    let scenario = lock(&bank.scenarios).webhooks;
    if scenario.drop {
        bank.update_delivery(id, |delivery| delivery.state = DeliveryState::Dropped);
        return;
    }
    sleep(Duration::from_millis(scenario.delay_ms)).await;
    let signature = if scenario.forge { Signature::Forged } else { Signature::Genuine };
    for _ in 0..=scenario.duplicate {
        send_with_retries(bank, id, signature).await;
    }
}

async fn send_with_retries(bank: &Bank, id: Uuid, signature: Signature) {
    let Some(body) = bank.delivery(id).map(|delivery| delivery.body) else { return };
    let mut wait = bank.config.webhook_retry_delay;
    let mut retries = 0;
    loop {
        // Read for each attempt: the merchant may have changed the receiver.
        let Some(config) = lock(&bank.webhook).clone() else { return };
        let signature = config.secret.map(|secret| match signature {
            Signature::Genuine => webhook::sign(&secret, body.as_bytes()),
            Signature::Forged => webhook::sign("not the shared secret", body.as_bytes()),
        });
        let outcome = post(&bank.client, &config.url, signature.as_deref(), body.clone()).await;
        let state = match (outcome.delivered(), retries < config.retry_count) {
            (true, _) => DeliveryState::Delivered,
            (false, true) => DeliveryState::Pending,
            (false, false) => DeliveryState::GaveUp,
        };
        bank.update_delivery(id, |delivery| {
            delivery.url = config.url;
            delivery.signature = signature;
            delivery.state = state;
            delivery.attempts.push(Attempt { at: Timestamp::now(), outcome });
        });
        if state != DeliveryState::Pending {
            return;
        }
        sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
        retries += 1;
    }
}

async fn post(client: &reqwest::Client, url: &str, signature: Option<&str>, body: String) -> Outcome {
    let mut request = client.post(url).header("Content-Type", "application/json").body(body);
    if let Some(signature) = signature {
        request = request.header(SIGNATURE_HEADER, signature);
    }
    match request.send().await {
        Ok(response) => Outcome::Status(response.status().as_u16()),
        Err(error) => Outcome::Error(error.to_string()),
    }
}

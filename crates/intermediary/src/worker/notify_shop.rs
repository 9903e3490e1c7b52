//! Notifies the shop that an order is paid or agreed to, or that its money went back, by webhooks in the format of
//! [Standard Webhooks](https://www.standardwebhooks.com), which any of its libraries verifies.
//!
//! `POST {BANQ_FULFILMENT_URL}` with the headers `webhook-id` (the same for every attempt, so that the shop recognises
//! a repeat), `webhook-timestamp` (Unix seconds of this attempt) and `webhook-signature`, and the body
//!
//! ```json
//! {"type": "order.paid", "timestamp": "2026-01-31T12:00:00Z", "data": {
//!   "orderId": "009221", "checkoutId": "9f…", "paymentId": "PROVIDER:…", "status": "paid",
//!   "funds": "2.50", "currency": "USD", "comment": "…", "version": 3}}
//! ```
//!
//! `type` is `order.paid`, `order.reversed` (the money went back and no other payment covers the order; with
//! `failReason` if the provider gives one), `order.paid_again` (a second payment for a paid order: refund it, and do
//! not deliver twice), `order.paid_other_amount` (a link at another price than the order's present one was paid: do
//! not deliver; refund it or settle it by hand), or another type that docs/fulfilment.md explains. Any 2xx confirms the
//! notification. Anything else is retried, after 10 s, 1 min, 10 min, 1 h, 6 h and then every 12 h for almost seven days
//! in total; then the notification is dead until an operator replays it. Notifications can overtake each other: of two
//! about one checkout, the one with the higher `version` is later.

use reqwest::header;
use tracing::{info, warn};
use url::Url;

use crate::{
    config::{Config, Environment, Tuning},
    domain::{
        signing_key::SigningKey,
        time::{self, Millis},
    },
    metrics::Metrics,
    store::{Claim, Error, JobResult, Notification, NotificationState, Store},
};

pub(crate) struct Fulfilment {
    http: reqwest::Client,
    url: Url,
    key: SigningKey,
}

impl Fulfilment {
    /// Returns the client; `None` if no address is configured.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub(crate) fn new(config: &Config) -> Result<Option<Self>, reqwest::Error> {
        let Some(fulfilment) = &config.fulfilment else { return Ok(None) };
        // `check` has already refused a secret that cannot be read.
        let Some(key) = SigningKey::parse(&fulfilment.secret) else { return Ok(None) };
        let mut builder = reqwest::Client::builder()
            .connect_timeout(config.tuning.connect_timeout)
            .timeout(config.tuning.fulfilment_timeout)
            // A redirect would carry an order's data to an address that the shop did not configure.
            .redirect(reqwest::redirect::Policy::none());
        if config.environment == Environment::Local {
            builder = builder.no_proxy();
        }
        Ok(Some(Self { http: builder.build()?, url: fulfilment.url.clone(), key }))
    }

    /// Makes one attempt; the error says why it failed. Ignores the response's body.
    async fn send(&self, notification: &Notification, now: Millis) -> Result<(), String> {
        let seconds = now / 1000;
        let signature = self.key.sign(&notification.id, seconds, &notification.body);
        let request = self
            .http
            .post(self.url.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", &notification.id)
            .header("webhook-timestamp", seconds.to_string())
            .header("webhook-signature", signature)
            .body(notification.body.clone());
        match request.send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(format!("answered {}", answer.status().as_u16())),
            Err(error) if error.is_timeout() => Err("no answer in time".to_owned()),
            Err(error) if error.is_connect() => Err("cannot be reached".to_owned()),
            Err(error) => Err(error.without_url().to_string()),
        }
    }
}

/// Notifies the shop of this job's notification, and records the result.
pub(crate) async fn run(
    store: &Store,
    metrics: &Metrics,
    fulfilment: Option<&Fulfilment>,
    tuning: &Tuning,
    id: &str,
    claim: &Claim,
) -> Result<(), Error> {
    let notification = store.notification(id).await?;
    let waiting = notification.filter(|notification| notification.state == NotificationState::Waiting);
    let Some(notification) = waiting else { return store.finish(claim, JobResult::Done(None)).await };
    let pauses = &tuning.fulfilment_pauses;
    let Some(fulfilment) = fulfilment else {
        // The address was removed from the settings, and may be added again.
        let later = pauses.last().copied().unwrap_or(tuning.fulfilment_timeout);
        let next = time::after(time::now(), later);
        return store.finish(claim, JobResult::RetryAt(next, "BANQ_FULFILMENT_URL is not set")).await;
    };
    let order = &notification.order_id;
    match fulfilment.send(&notification, time::now()).await {
        Ok(()) => {
            info!(notification = id, order, event = notification.event, "the shop was notified");
            store.delivered(claim, id).await?;
            metrics.notification("delivered");
            Ok(())
        }
        Err(error) => {
            let tried = usize::try_from(notification.attempts).unwrap_or(usize::MAX);
            let next = pauses.get(tried).map(|pause| time::after(time::now(), *pause));
            if next.is_some() {
                warn!(notification = id, order, error, "the shop was not notified; trying again later");
            } else {
                tracing::error!(notification = id, order, error, "the shop was not notified: given up");
            }
            store.not_delivered(claim, id, &error, next).await?;
            metrics.notification(if next.is_some() { "failed" } else { "given_up" });
            Ok(())
        }
    }
}

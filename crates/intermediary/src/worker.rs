//! Does what is due: asks the provider about payments that webhooks speak of, or that it is time to look at.
//!
//! Nothing is kept in memory that would be missed: what is due stands in the store until it is done, so a
//! `kill -9` at any instruction loses nothing. Several payments are worked on at a time, each by one job.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::task::{Id, JoinSet};
use tracing::Instrument;

use crate::{
    app::App,
    backoff,
    clock::{self, Millis},
    confirm::confirm,
    error::Error,
    provider::ProviderId,
    store::{Due, Outcome, Waiting},
};

/// How many jobs run at a time.
const PARALLEL: usize = 8;

/// How many due things of each kind are looked at in one round.
const ROUND: u32 = 64;

/// The longest sleep; work comes with a wake-up, or is found by then.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// A webhook whose payment is none of ours after so long belongs to another system on the same account.
const UNMATCHED_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// What a job works on: no two at a time on the same.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Key {
    Payment(ProviderId),
    Webhook(i64),
}

/// Works until the server stops; then finishes the jobs under way.
pub(crate) async fn run(app: Arc<App>) {
    let mut jobs = JoinSet::new();
    let mut busy = HashMap::new();
    match app.store.resume().await {
        Ok(0) => {}
        Ok(webhooks) => tracing::info!(webhooks, "resuming unfinished work"),
        Err(error) => tracing::error!(%error, "cannot resume unfinished work yet"),
    }
    loop {
        let sleep = match start_due(&app, &mut jobs, &mut busy).await {
            Ok(sleep) => sleep,
            Err(error) => {
                tracing::error!(%error, "cannot look for work");
                app.config.tuning.worker_pause
            }
        };
        tokio::select! {
            () = app.stopping.cancelled() => break,
            () = app.wake.notified() => {}
            Some(ended) = jobs.join_next_with_id() => forget(&mut busy, ended),
            () = tokio::time::sleep(sleep) => {}
        }
    }
    while let Some(ended) = jobs.join_next_with_id().await {
        forget(&mut busy, ended);
    }
}

fn forget(busy: &mut HashMap<Id, Key>, ended: Result<(Id, ()), tokio::task::JoinError>) {
    let id = match ended {
        Ok((id, ())) => id,
        Err(error) => {
            tracing::error!(%error, "a job died");
            error.id()
        }
    };
    busy.remove(&id);
}

/// Starts a job for whatever is due and not being worked on; how long to sleep if nothing else happens.
async fn start_due(
    app: &Arc<App>,
    jobs: &mut JoinSet<()>,
    busy: &mut HashMap<Id, Key>,
) -> Result<Duration, Error> {
    let now = clock::now();
    if jobs.len() < PARALLEL {
        for due in app.store.due(now, ROUND).await? {
            let key = match &due {
                Due::Payment(payment) => Key::Payment(payment.clone()),
                Due::Transaction { seq, .. } => Key::Webhook(*seq),
            };
            if jobs.len() < PARALLEL && !busy.values().any(|other| *other == key) {
                let span = tracing::info_span!("job", ?key);
                let job = jobs.spawn(work(Arc::clone(app), due).instrument(span));
                busy.insert(job.id(), key);
            }
        }
    }
    // What is due already either has its job, or gets one when a job ends, which wakes the worker.
    let wait =
        app.store.next_due(now).await?.map(|next| next.saturating_sub(clock::now()).max(0).unsigned_abs());
    Ok(wait.map_or(LONGEST_SLEEP, Duration::from_millis).min(LONGEST_SLEEP))
}

async fn work(app: Arc<App>, due: Due) {
    let result = match due {
        Due::Payment(payment) => look(&app, &payment).await,
        Due::Transaction { seq, transaction, attempts, received_at } => {
            resolve(&app, &transaction, Waiting { seq, attempts, received_at }).await
        }
    };
    if let Err(error) = result {
        tracing::error!(%error, "a job failed, and is tried again");
        // It is still due: without a pause it would be tried again at once.
        tokio::time::sleep(app.config.tuning.worker_pause).await;
    }
}

/// Asks about a payment, for all its webhooks at once.
async fn look(app: &App, payment: &ProviderId) -> Result<(), Error> {
    let webhooks = app.store.waiting(payment).await?;
    match confirm(app, payment, &webhooks).await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => {
            // Its webhook was faster than the link's own answer, or it is none of ours.
            let now = clock::now();
            let (old, young): (Vec<_>, Vec<_>) =
                webhooks.into_iter().partition(|webhook| is_old(webhook, now));
            if !old.is_empty() {
                tracing::warn!(%payment, "no checkout has this payment: its webhooks are given up");
            }
            app.store.settle(&old, Outcome::Unmatched).await?;
            later(app, &young).await
        }
        Err(Error::Provider(failure)) => {
            tracing::warn!(%payment, error = %failure, "the provider could not be asked; trying again later");
            later(app, &webhooks).await?;
            if let Some(checkout) = app.store.checkout_of(payment).await? {
                app.store.postpone_check(&checkout.id, next_try(app, checkout.check_attempts)).await?;
            }
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Asks which payment a transaction's webhook is about; from then on it is a webhook of that payment.
async fn resolve(app: &App, transaction: &ProviderId, webhook: Waiting) -> Result<(), Error> {
    match app.provider.payment_of(transaction).await {
        Ok(payment) => app.store.assign(webhook.seq, &payment).await,
        Err(error) if error.is_refusal() && is_old(&webhook, clock::now()) => {
            tracing::warn!(%transaction, %error, "the provider does not know this transaction: given up");
            app.store.settle(&[webhook], Outcome::Unmatched).await
        }
        Err(error) => {
            tracing::warn!(%transaction, %error, "the provider could not be asked; trying again later");
            later(app, &[webhook]).await
        }
    }
}

async fn later(app: &App, webhooks: &[Waiting]) -> Result<(), Error> {
    let Some(attempts) = webhooks.iter().map(|webhook| webhook.attempts).min() else { return Ok(()) };
    app.store.retry(webhooks, next_try(app, attempts)).await
}

fn next_try(app: &App, attempts: u32) -> Millis {
    let tuning = &app.config.tuning;
    clock::after(clock::now(), backoff::delay(tuning.worker_pause, attempts, tuning.worker_longest_pause))
}

fn is_old(webhook: &Waiting, now: Millis) -> bool {
    clock::after(webhook.received_at, UNMATCHED_AFTER) < now
}

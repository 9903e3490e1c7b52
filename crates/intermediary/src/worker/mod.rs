//! Does what is due: asks the provider about payments that webhooks speak of or that it is time to look at, asks
//! again for links whose answer was lost, tells the shop.
//!
//! Nothing is kept in memory that would be missed: what is due stands in the store until it is done, so a
//! `kill -9` at any instruction loses nothing. Several jobs are worked on at a time, each by one instance.

pub(crate) mod alarm;
pub(crate) mod notify_shop;
pub(crate) mod retention;
pub(crate) mod signing_key;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;
use tracing::Instrument;

use crate::{
    backoff,
    checkout::{
        confirm::{Question, confirm},
        create_link,
        poll_schedule::next_look,
    },
    domain::{
        provider_id::ProviderId,
        time::{self, Millis, WallClock},
    },
    error::Error,
    http::state::App,
    store::{Claim, End, Job, Lane, Outcome, Prompt, Waiting},
};

/// How many jobs of a lane run at a time in one instance.
const PARALLEL: usize = 8;

/// How long a job waits at most that the process may have died of: short, since after a loop of crashes most jobs that
/// ran are innocent, and long enough that the others get their turn between two deaths by a guilty one.
const LONGEST_AFTER_DEATH: Duration = Duration::from_secs(8);

/// A webhook whose payment is none of ours after so long belongs to another system on the same account.
const UNMATCHED_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// The running jobs of one lane. Lanes do not hold each other up: a shop that takes its time for each
/// notification must not delay the next shopper's "paid".
struct Running {
    lane: Lane,
    jobs: JoinSet<()>,
}

/// Works until the server stops; then finishes the jobs under way.
pub(crate) async fn run(app: Arc<App>) {
    match app.store.resume().await {
        Ok(0) => {}
        Ok(jobs) => tracing::info!(jobs, "resuming unfinished work"),
        Err(error) => tracing::error!(%error, "cannot resume unfinished work yet"),
    }
    let mut wall = WallClock::new();
    // Whether a claim may have been made whose answer was lost.
    let mut is_unsure = false;
    let mut provider = Running { lane: Lane::Provider, jobs: JoinSet::new() };
    let mut shop = Running { lane: Lane::Shop, jobs: JoinSet::new() };
    loop {
        let is_idle = provider.jobs.is_empty() && shop.jobs.is_empty();
        let turn = async {
            let ahead = wall.moved();
            if ahead < -WallClock::SMALL {
                app.store.clock_went_back(-ahead).await?;
            }
            if ahead.abs() > WallClock::NOTICEABLE {
                tracing::warn!(milliseconds = ahead, "the clock of this machine was set");
                app.store.clock_was_set().await?;
            }
            wall = WallClock::new();
            if is_unsure && is_idle {
                app.store.release().await?;
                is_unsure = false;
            }
            start_due(&app, [&mut provider, &mut shop]).await
        };
        let sleep = match turn.await {
            Ok(sleep) => {
                app.readiness.turned();
                sleep
            }
            Err(error) => {
                tracing::error!(%error, "cannot look for work");
                is_unsure = true;
                app.config.tuning.worker_pause
            }
        };
        tokio::select! {
            () = app.stopping.cancelled() => break,
            () = app.wake.notified() => {}
            Some(ended) = provider.jobs.join_next() => report(ended),
            Some(ended) = shop.jobs.join_next() => report(ended),
            () = tokio::time::sleep(sleep) => {}
        }
    }
    for lane in [&mut provider, &mut shop] {
        while let Some(ended) = lane.jobs.join_next().await {
            report(ended);
        }
    }
}

/// A job that panicked keeps its lease until that ends, and has one fault more.
fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a job died");
    }
}

/// Starts what is due and nobody's; how long to sleep if nothing else happens.
async fn start_due(app: &Arc<App>, lanes: [&mut Running; 2]) -> Result<Duration, Error> {
    // One look at the clock: what became due between two would be neither claimed nor waited for.
    let now = time::now();
    for Running { lane, jobs } in lanes {
        // Another instance may have the address to tell.
        if *lane == Lane::Shop && app.fulfilment.is_none() {
            continue;
        }
        let free = PARALLEL.saturating_sub(jobs.len());
        if free == 0 {
            continue;
        }
        let claims = app.store.claim(*lane, free, app.config.tuning.lease, now).await?;
        // Before any of the work begins: the process may die of it at once.
        for claim in claims.iter().filter(|claim| claim.deaths > 0) {
            // The claims stay valid.
            if let Err(error) = app.store.put_off(claim, after_death(app, claim, now)).await {
                tracing::warn!(%error, job = ?claim.job, "a job that the process died of could not be put off");
            }
        }
        for claim in claims {
            let span = tracing::info_span!("job", job = ?claim.job);
            jobs.spawn(work(Arc::clone(app), claim).instrument(span));
        }
    }
    // What is due already gets its turn when a job ends, which wakes the worker.
    let wait = app.store.next_due(now).await?;
    let wait = wait.map(|next| next.saturating_sub(time::now()).max(0).unsigned_abs());
    let longest = app.config.tuning.poll;
    Ok(wait.map_or(longest, Duration::from_millis).min(longest))
}

async fn work(app: Arc<App>, claim: Claim) {
    // Not longer than nobody else works on it.
    let within = app.config.tuning.lease.mul_f64(0.8);
    let started = Instant::now();
    let result = tokio::time::timeout(within, attempt_job(&app, &claim)).await;
    let (failure, error) = match result {
        Ok(Ok(())) => return,
        Ok(Err(Error::Provider(failure))) if failure.0.is_outage() => {
            tracing::warn!(error = %failure, "the provider could not be asked; trying again later");
            (Failure::Passes, failure.to_string())
        }
        Ok(Err(error @ Error::OrderSource(_))) => {
            tracing::error!(%error, "the shop could not say what an order costs; trying again later");
            (Failure::Passes, error.to_string())
        }
        Ok(Err(error)) if error.is_database_away() => {
            tracing::warn!(%error, "the database is away; trying again later");
            (Failure::Passes, error.to_string())
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "a job failed");
            (Failure::MayBeItsOwn, error.to_string())
        }
        Err(_) => {
            tracing::warn!("a job took too long; trying again later");
            (Failure::Passes, "it took too long".to_owned())
        }
    };
    loop {
        let ended = match failure {
            Failure::Passes => later(&app, &claim, &error).await,
            Failure::MayBeItsOwn => fault(&app, &claim, &error).await,
        };
        match ended {
            Ok(()) => return,
            // While the lease holds, the job need not wait for its end.
            Err(away) if away.is_database_away() && started.elapsed() < app.config.tuning.lease => {
                tokio::time::sleep(app.config.tuning.worker_pause).await;
            }
            Err(error) => {
                // The lease ends by itself, and then it is tried again.
                tracing::error!(%error, "the end of a job could not be written down");
                return;
            }
        }
    }
}

/// Why a job did not end well.
#[derive(Debug, Clone, Copy)]
enum Failure {
    /// The reason passes by itself.
    Passes,
    /// The reason may be the job itself.
    MayBeItsOwn,
}

async fn attempt_job(app: &App, claim: &Claim) -> Result<(), Error> {
    if is_poison(app, claim) {
        return give_up(app, claim, "the process died each time, or it never ended").await;
    }
    match &claim.job {
        Job::Payment(payment) => look(app, payment, claim).await,
        Job::Transaction(transaction) => resolve(app, transaction, claim).await,
        Job::Attempt(checkout) => match app.store.checkout(checkout).await? {
            Some(checkout) => create_link::repeat(app, &checkout, claim).await,
            None => app.store.finish(claim, End::Done(None)).await,
        },
        Job::Notification(id) => notify_shop::tell(app, id, claim).await,
    }
}

/// Asks about a payment, for all its webhooks at once.
async fn look(app: &App, payment: &ProviderId, claim: &Claim) -> Result<(), Error> {
    let webhooks = app.store.waiting(payment).await?;
    let last = webhooks.last().map(|webhook| Prompt::Webhook(webhook.webhook_id.clone()));
    let prompt = claim.prompt.clone().or(last).unwrap_or(Prompt::Sweep);
    let question = Question { prompt, claim: Some(claim), webhooks: &webhooks };
    if confirm(app, payment, question).await?.is_some() {
        return Ok(());
    }
    // Its webhook was faster than the link's own answer, or it is none of ours.
    let now = time::now();
    let (old, young): (Vec<_>, Vec<_>) = webhooks.into_iter().partition(|webhook| is_old(webhook, now));
    if !old.is_empty() {
        tracing::warn!(%payment, "no checkout has this payment: its webhooks are given up");
        app.metrics.unmatched(old.len());
        app.store.settle(&old, Outcome::Unmatched).await?;
    }
    if young.is_empty() {
        return app.store.finish(claim, End::Done(None)).await;
    }
    app.store.finish(claim, End::Wait(next_try(app, claim), "no checkout has this payment yet")).await
}

/// Asks which payment a transaction's webhooks are about; from then on they are webhooks of that payment.
async fn resolve(app: &App, transaction: &ProviderId, claim: &Claim) -> Result<(), Error> {
    let webhooks = app.store.unassigned(transaction).await?;
    if !webhooks.is_empty() {
        let payment = app.provider.payment_of(transaction).await?;
        app.store.assign(transaction, &payment, claim.prompt.as_ref()).await?;
        app.wake.notify_one();
    }
    app.store.finish(claim, End::Done(None)).await
}

/// The reason passes by itself, but not if that takes days.
async fn later(app: &App, claim: &Claim, error: &str) -> Result<(), Error> {
    if time::after(claim.since, app.config.tuning.dead_after) < time::now() {
        return give_up(app, claim, error).await;
    }
    app.store.finish(claim, End::Wait(next_try(app, claim), error)).await
}

/// The reason may be the job itself.
async fn fault(app: &App, claim: &Claim, error: &str) -> Result<(), Error> {
    if is_given_up(app, claim, claim.faults + 1) {
        return give_up(app, claim, error).await;
    }
    app.store.finish(claim, End::Fault(next_try(app, claim), error)).await
}

/// Whether it was begun as often as that and never came to an end that could be written down.
fn is_poison(app: &App, claim: &Claim) -> bool {
    is_given_up(app, claim, claim.faults)
}

/// Whether so many faults, over so long a time, are enough. Time counts too: a loop of crashes adds ten faults to
/// every innocent job in ten seconds.
fn is_given_up(app: &App, claim: &Claim, faults: u32) -> bool {
    let tuning = &app.config.tuning;
    let is_long = time::after(claim.faults_since, tuning.dead_after_faults_for) <= time::now();
    faults >= tuning.dead_after_faults && is_long
}

/// When a job is due again that the process may die of a second time or oftener. The first death costs no wait: most
/// jobs are innocent of it.
fn after_death(app: &App, claim: &Claim, now: Millis) -> Millis {
    let tuning = &app.config.tuning;
    let earlier = claim.deaths.saturating_sub(1);
    let longest = tuning.worker_longest_pause.min(LONGEST_AFTER_DEATH);
    time::after(now, backoff::delay(tuning.worker_pause, earlier, longest))
}

/// Webhooks become dead letters. A checkout is never given up: its payment is looked at again later, as long
/// as it is watched at all. The shop's notifications have their own end.
async fn give_up(app: &App, claim: &Claim, error: &str) -> Result<(), Error> {
    let later = time::after(time::now(), app.config.tuning.sweep.saturating_mul(60));
    app.metrics.given_up(claim.job.kind());
    tracing::error!(job = ?claim.job, error, "given up: a person has to look");
    let (webhooks, next) = match &claim.job {
        Job::Payment(payment) => {
            // What is over is looked at as long as the provider may not be done with it, and then no more.
            let checkout = app.store.checkout_of(payment).await?;
            let next =
                checkout.and_then(|checkout| next_look(&checkout, None, time::now(), &app.config.tuning));
            let next = next.map(|next| next.max(later));
            (app.store.waiting(payment).await?, next)
        }
        Job::Transaction(transaction) => (app.store.unassigned(transaction).await?, None),
        Job::Attempt(_) | Job::Notification(_) => (Vec::new(), Some(later)),
    };
    if !webhooks.is_empty() {
        tracing::error!(webhooks = webhooks.len(), error, "given up: dead letters");
        app.store.bury(&webhooks, claim.attempts + 1, error).await?;
    }
    app.store.finish(claim, End::GivenUp(next, error)).await
}

fn next_try(app: &App, claim: &Claim) -> Millis {
    let tuning = &app.config.tuning;
    time::after(time::now(), backoff::delay(tuning.worker_pause, claim.attempts, tuning.worker_longest_pause))
}

fn is_old(webhook: &Waiting, now: Millis) -> bool {
    time::after(webhook.received_at, UNMATCHED_AFTER) < now
}

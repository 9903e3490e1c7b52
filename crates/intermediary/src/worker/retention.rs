//! Deletes what is older than `BANQ_RETENTION_DAYS`, so that the database of a shop that runs for years stays
//! bounded. What that is, and what is never deleted: [`crate::store`]'s `retention`.

use std::{future::Future, sync::Arc, time::Duration};

use crate::{
    domain::time,
    error::Error,
    http::state::App,
    store::{OrderMark, Pruned},
};

/// Between two batches, for whoever waits to write.
const PAUSE: Duration = Duration::from_millis(50);

/// Deletes at the start and then every hour, until the server stops; a batch that is cut off has not been.
pub(crate) async fn run(app: Arc<App>) {
    let stopping = app.stopping.clone();
    stopping.run_until_cancelled(prune_for_ever(&app)).await;
}

async fn prune_for_ever(app: &App) {
    let mut mark = OrderMark::default();
    loop {
        let mut pruned = Pruned::default();
        let end = prune(app, &mut mark, &mut pruned).await;
        if pruned != Pruned::default() {
            let Pruned { webhooks, dead_letters, notifications, checkouts, audit_lines, orders } = pruned;
            tracing::info!(
                webhooks,
                dead_letters,
                notifications,
                checkouts,
                audit_lines,
                orders,
                "deleted what is older than BANQ_RETENTION_DAYS"
            );
        }
        if let Err(error) = end {
            tracing::warn!(%error, "what is old could not be deleted; trying again later");
        }
        tokio::time::sleep(app.config.tuning.prune).await;
    }
}

/// Deletes everything that is old now; `pruned` counts also what was deleted before a failure.
async fn prune(app: &App, mark: &mut OrderMark, pruned: &mut Pruned) -> Result<(), Error> {
    let (store, before) = (&app.store, time::before(time::now(), app.config.retention));
    // Letters before their webhooks, and both before the checkouts that they hold.
    drain(app, pruned, || store.prune_dead_letters(before)).await?;
    drain(app, pruned, || store.prune_webhooks(before)).await?;
    drain(app, pruned, || store.prune_notifications(before)).await?;
    drain(app, pruned, || store.prune_checkouts(before)).await?;
    loop {
        let (batch, next) = store.prune_orders(mark, before).await?;
        count(app, pruned, batch);
        let Some(next) = next else { return Ok(()) };
        *mark = next;
        tokio::time::sleep(PAUSE).await;
    }
}

/// Batch after batch, until one is empty.
async fn drain<F>(app: &App, pruned: &mut Pruned, batch: impl Fn() -> F) -> Result<(), Error>
where
    F: Future<Output = Result<Pruned, Error>>,
{
    loop {
        let deleted = batch().await?;
        if deleted == Pruned::default() {
            return Ok(());
        }
        count(app, pruned, deleted);
        tokio::time::sleep(PAUSE).await;
    }
}

fn count(app: &App, pruned: &mut Pruned, batch: Pruned) {
    app.metrics.pruned(&batch);
    *pruned += batch;
}

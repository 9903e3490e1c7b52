//! Deletes rows older than `BANQ_RETENTION_DAYS`, so that the database stays bounded over years. [`crate::store`]'s
//! `retention` defines which rows, and which are never deleted.

use std::{future::Future, sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{
    domain::time,
    metrics::Metrics,
    store::{Error, OrderCursor, Pruned, Store},
};

/// The pause between two batches, in which others can write.
const PAUSE: Duration = Duration::from_millis(50);

pub(crate) struct Retention {
    pub(crate) store: Store,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) age: Duration,
    pub(crate) interval: Duration,
}

impl Retention {
    /// Deletes at the start and then at each interval, until the server stops. An interrupted batch is rolled back.
    pub(crate) async fn run(&self, stopping: &CancellationToken) {
        stopping.run_until_cancelled(self.prune_periodically()).await;
    }

    async fn prune_periodically(&self) {
        let mut mark = OrderCursor::default();
        loop {
            let mut pruned = Pruned::default();
            let end = self.prune(&mut mark, &mut pruned).await;
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
            tokio::time::sleep(self.interval).await;
        }
    }

    /// Deletes all rows that are old now; `pruned` also counts those deleted before a failure.
    async fn prune(&self, mark: &mut OrderCursor, pruned: &mut Pruned) -> Result<(), Error> {
        let (store, before) = (&self.store, time::before(time::now(), self.age));
        // Dead letters before their webhooks, and both before the checkouts that they reference.
        self.drain(pruned, || store.prune_dead_letters(before)).await?;
        self.drain(pruned, || store.prune_webhooks(before)).await?;
        self.drain(pruned, || store.prune_notifications(before)).await?;
        self.drain(pruned, || store.prune_checkouts(before)).await?;
        loop {
            let (batch, next) = store.prune_orders(mark, before).await?;
            self.count(pruned, batch);
            let Some(next) = next else { return Ok(()) };
            *mark = next;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Runs batches until one is empty.
    async fn drain<F>(&self, pruned: &mut Pruned, batch: impl Fn() -> F) -> Result<(), Error>
    where
        F: Future<Output = Result<Pruned, Error>>,
    {
        loop {
            let deleted = batch().await?;
            if deleted == Pruned::default() {
                return Ok(());
            }
            self.count(pruned, deleted);
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn count(&self, pruned: &mut Pruned, batch: Pruned) {
        self.metrics.pruned(&batch);
        *pruned += batch;
    }
}

//! Learns what other instances changed: PostgreSQL's `LISTEN`/`NOTIFY` wakes this instance, or NATS where there is one
//! ([`super::nats`]); it then reads the table.
//!
//! A notification only names the checkout to read. Notifications that are sent while a listening connection is broken
//! are lost, so after every break all watched checkouts are read again; and also from time to time, because an instance
//! may die between a commit and its message to NATS, or use NATS alone where another has none.

use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use super::{
    Checkout, CheckoutId, Store,
    db::{Pools, Tx},
    nats::{CHANNEL, NatsListener},
    statement::sql,
};
use crate::store::Error;

/// How many checkouts one statement reads.
const BATCH: usize = 100;

/// When all watched checkouts are read again while NATS is away: other instances may still be connected to it, and send
/// nothing else.
const SWEEP_WITHOUT_NATS: Duration = Duration::from_secs(2);

/// When they are read again after a connection to NATS began: its server takes the subscription a moment later.
const SWEEP_AFTER_BREAK: Duration = Duration::from_secs(1);

/// A wake-up from another instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ChangeNotification {
    /// This checkout changed.
    Changed(CheckoutId),
    /// Changes may have been missed: read all watched checkouts.
    Missed,
}

/// The listening connections.
pub(crate) struct ChangeListener {
    listener: PgListener,
    nats: Option<NatsListener>,
    /// Signals that the listener may be connected to a server that is no longer the right one.
    condemned: watch::Receiver<Option<std::time::Instant>>,
    /// When all watched checkouts are read again.
    next_sweep: Instant,
    /// How long after that the next time is, although nothing suggests that a notification was lost.
    sweep: Duration,
}

/// Notifies the other instances, if and when the transaction is committed.
pub(super) fn tell(tx: &mut Tx, id: &CheckoutId) {
    tx.notify(id);
}

impl Store {
    /// Begins to listen; returns `None` if there are no other instances. `sweep`: how often all is read again.
    pub(crate) async fn wakeups(&self, sweep: Duration) -> Result<Option<ChangeListener>, Error> {
        let Pools::Postgres(pool) = &self.db.pools else { return Ok(None) };
        let condemned = self.db.freshness.watch();
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        let nats = match &self.db.nats {
            Some(nats) => nats.listen().await,
            None => None,
        };
        let first = if nats.is_some() { SWEEP_AFTER_BREAK.min(sweep) } else { sweep };
        let next_sweep = Instant::now() + first;
        Ok(Some(ChangeListener { listener, nats, condemned, next_sweep, sweep }))
    }

    /// Returns those of these checkouts that exist.
    pub(crate) async fn read(&self, ids: &[CheckoutId]) -> Result<Vec<Checkout>, Error> {
        let mut found = Vec::new();
        for batch in ids.chunks(BATCH) {
            let places: Vec<String> = (1..=batch.len()).map(|number| format!("${number}")).collect();
            let text = format!(
                "SELECT {} FROM checkouts WHERE checkout_id IN ({})",
                Checkout::COLUMNS,
                places.join(", ")
            );
            let query = batch.iter().fold(sql(text), |query, id| query.bind(id.as_str()));
            for row in query.all(&self.db).await? {
                found.push(Checkout::from_row(&row)?);
            }
        }
        Ok(found)
    }
}

impl ChangeListener {
    /// Waits for the next notification. Reconnects first if the connection is broken.
    ///
    /// # Errors
    /// The listener cannot listen any more, or the older connections to the database are no longer usable.
    pub(crate) async fn next(&mut self) -> Result<ChangeNotification, Error> {
        let told = tokio::select! {
            told = self.listener.try_recv() => told?.map(|told| told.payload().to_owned()),
            Some(told) = next(&mut self.nats) => {
                if told.is_none() {
                    self.next_sweep = Instant::now() + SWEEP_AFTER_BREAK.min(self.sweep);
                }
                told
            }
            () = sleep_until(self.next_sweep) => {
                let is_away = self.nats.as_ref().is_some_and(|nats| !nats.is_usable());
                let pause = if is_away { SWEEP_WITHOUT_NATS.min(self.sweep) } else { self.sweep };
                self.next_sweep = Instant::now() + pause;
                None
            }
            Ok(()) = self.condemned.changed() => return Err(sqlx::Error::PoolClosed.into()),
        };
        let id = told.as_deref().and_then(CheckoutId::parse);
        Ok(id.map_or(ChangeNotification::Missed, ChangeNotification::Changed))
    }
}

/// Waits for the next message of NATS; returns `None` if there is no NATS.
async fn next(nats: &mut Option<NatsListener>) -> Option<Option<String>> {
    match nats {
        Some(nats) => Some(nats.next().await),
        None => None,
    }
}

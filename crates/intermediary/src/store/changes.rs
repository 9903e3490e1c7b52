//! Learns what other instances changed: PostgreSQL's `LISTEN`/`NOTIFY` wakes this instance, which then reads the table.
//!
//! A notification only names the checkout to read. Notifications that are sent while the listening connection is broken
//! are lost, so after every break all watched checkouts are read again.

use std::time::Instant;

use sqlx::postgres::PgListener;
use tokio::sync::watch;

use super::{
    Checkout, CheckoutId, Store,
    db::{Pools, Tx},
    statement::sql,
};
use crate::store::Error;

const CHANNEL: &str = "banq_checkouts";

/// How many checkouts one statement reads.
const BATCH: usize = 100;

/// A wake-up from another instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ChangeNotification {
    /// This checkout changed.
    Changed(CheckoutId),
    /// Changes may have been missed: read all watched checkouts.
    Missed,
}

/// The listening connection.
pub(crate) struct ChangeListener {
    listener: PgListener,
    /// Signals that the listener may be connected to a server that is no longer the right one.
    condemned: watch::Receiver<Option<Instant>>,
}

/// Notifies the other instances, if and when the transaction is committed.
pub(super) fn tell(tx: &mut Tx, id: &CheckoutId) {
    tx.notify(CHANNEL, id.as_str());
}

impl Store {
    /// Begins to listen; returns `None` if there are no other instances.
    pub(crate) async fn wakeups(&self) -> Result<Option<ChangeListener>, Error> {
        let Pools::Postgres(pool) = &self.db.pools else { return Ok(None) };
        let condemned = self.db.freshness.watch();
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        Ok(Some(ChangeListener { listener, condemned }))
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
            told = self.listener.try_recv() => told?,
            Ok(()) = self.condemned.changed() => return Err(sqlx::Error::PoolClosed.into()),
        };
        match told {
            Some(told) => Ok(CheckoutId::parse(told.payload())
                .map_or(ChangeNotification::Missed, ChangeNotification::Changed)),
            None => Ok(ChangeNotification::Missed),
        }
    }
}

//! What other instances changed: a wake-up by PostgreSQL's `LISTEN`/`NOTIFY`, and the table as the truth.
//!
//! A notification says only which checkout to read. Those that are sent while the listening connection is
//! broken are lost, so after every break everything that is watched is read anew.

use std::time::Instant;

use sqlx::postgres::PgListener;
use tokio::sync::watch;

use super::{
    Checkout, CheckoutId, Store,
    db::{Pools, Tx},
    query::sql,
};
use crate::store::Error;

const CHANNEL: &str = "banq_checkouts";

/// How many checkouts are read by one statement.
const BATCH: usize = 100;

/// What a wake-up asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ChangeNotification {
    /// Read this checkout.
    Changed(CheckoutId),
    /// Some may have been missed: read everything that is watched.
    Missed,
}

/// The listening connection.
pub(crate) struct ChangeListener {
    listener: PgListener,
    /// Says when it may listen to a server that is the wrong one by now.
    condemned: watch::Receiver<Option<Instant>>,
}

/// Tells the other instances, when and if the transaction is committed.
pub(super) async fn tell(tx: &mut Tx, id: &CheckoutId) -> Result<(), Error> {
    tx.notify(CHANNEL, id.as_str()).await
}

impl Store {
    /// Begins to listen; `None` where there are no other instances.
    pub(crate) async fn wakeups(&self) -> Result<Option<ChangeListener>, Error> {
        let Pools::Postgres(pool) = &self.db.pools else { return Ok(None) };
        let condemned = self.db.freshness.watch();
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        Ok(Some(ChangeListener { listener, condemned }))
    }

    /// Those of these checkouts that exist.
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
    /// The next one. After a break it connects again first.
    ///
    /// # Errors
    /// When it cannot listen any more, or when the older connections to the database are not good any more.
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

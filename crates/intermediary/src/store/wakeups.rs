//! What other instances changed: a wake-up by PostgreSQL's `LISTEN`/`NOTIFY`, and the table as the truth.
//!
//! A notification says only which checkout to read. Those that are sent while the listening connection is
//! broken are lost, so after every break everything that is watched is read anew.

use sqlx::postgres::PgListener;

use super::{
    Checkout, CheckoutId, Store,
    db::{Db, Tx, sql},
};
use crate::error::Error;

const CHANNEL: &str = "banq_checkouts";

/// How many checkouts are read by one statement.
const BATCH: usize = 100;

/// What a wake-up asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wakeup {
    /// Read this checkout.
    Changed(CheckoutId),
    /// Some may have been missed: read everything that is watched.
    Missed,
}

/// The listening connection.
pub(crate) struct Wakeups(PgListener);

/// Tells the other instances, when and if the transaction is committed.
pub(super) async fn tell(tx: &mut Tx, id: &CheckoutId) -> Result<(), Error> {
    tx.notify(CHANNEL, id.as_str()).await
}

impl Store {
    /// Begins to listen; `None` where there are no other instances.
    pub(crate) async fn wakeups(&self) -> Result<Option<Wakeups>, Error> {
        let Db::Postgres(pool) = &self.db else { return Ok(None) };
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        Ok(Some(Wakeups(listener)))
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

impl Wakeups {
    /// The next one. After a break it connects again first.
    pub(crate) async fn next(&mut self) -> Result<Wakeup, Error> {
        match self.0.try_recv().await? {
            Some(told) => Ok(CheckoutId::parse(told.payload()).map_or(Wakeup::Missed, Wakeup::Changed)),
            None => Ok(Wakeup::Missed),
        }
    }
}

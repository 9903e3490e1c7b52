//! The seam to the databases: one set of SQL for both, in the dialect that they share.
//!
//! Parameters are `$1`, `$2`, …; values are text or whole numbers; `ON CONFLICT`, `RETURNING`, `WITH` and
//! `UPDATE … FROM` mean the same in both. The few things that differ are functions of [`Db`] and [`Tx`].
//! How they are opened: [`super::open`].

use std::sync::Arc;

use sqlx::{PgPool, SqlitePool};

use super::{
    connection::{Freshness, Lent, Pooled},
    file::DatabaseFile,
    query::{Query, Row, sql},
};
use crate::store::Error;

/// The connections to a database.
#[derive(Clone)]
pub(super) struct Db {
    pub(super) pools: Pools,
    pub(super) freshness: Freshness,
    /// SQLite's, where a server watches it.
    pub(super) file: Option<Arc<DatabaseFile>>,
}

/// Connections.
#[derive(Clone)]
pub(super) enum Pools {
    /// One file, one instance.
    Sqlite {
        /// They cannot write.
        readers: SqlitePool,
        /// One connection. SQLite has one writer at a time; several connections would find out by trying again and
        /// again, with growing pauses, and whoever comes last could win. Here they queue up.
        writer: SqlitePool,
    },
    /// Shared by several instances.
    Postgres(PgPool),
}

/// A transaction. Dropping it rolls back.
pub(super) struct Tx(Lent);

/// Where a statement runs.
pub(super) enum Target<'a> {
    Read(&'a Db),
    Write(&'a Db),
    Tx(&'a mut Tx),
}

impl Db {
    pub(super) async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
        if let Some(file) = &self.file {
            file.close().await;
        }
    }

    /// A transaction that may write. In SQLite it takes the one lock first, so that what it reads stays true
    /// until it has written; SQLite would refuse to upgrade a reader whose snapshot is old. In PostgreSQL it
    /// reads what is committed, and whoever decides by what it reads takes [`Tx::lock_order`] or compares
    /// versions.
    pub(super) async fn write(&self) -> Result<Tx, Error> {
        let mut lent = self.lend(true).await?;
        lent.begin().await?;
        Ok(Tx(lent))
    }

    /// For a statement that writes, all by itself.
    pub(super) fn writer(&self) -> Target<'_> {
        Target::Write(self)
    }

    /// What a `SELECT` ends with whose rows are about to be changed: rows that another instance has picked
    /// at the same moment are passed over instead of waited for.
    pub(super) fn for_update_skip_locked(&self) -> &'static str {
        match self.pools {
            Pools::Sqlite { .. } => "",
            Pools::Postgres(_) => "FOR UPDATE SKIP LOCKED",
        }
    }

    async fn lend(&self, writes: bool) -> Result<Lent, Error> {
        // A new connection would be one to whatever is at the path now.
        self.file.as_ref().map_or(Ok(()), |file| file.check())?;
        let pooled = match &self.pools {
            Pools::Sqlite { writer, .. } if writes => Pooled::Sqlite(writer.acquire().await?),
            Pools::Sqlite { readers, .. } => Pooled::Sqlite(readers.acquire().await?),
            Pools::Postgres(pool) => Pooled::Postgres(pool.acquire().await?),
        };
        Ok(Lent::new(pooled, self.freshness.clone(), self.file.clone()))
    }
}

impl Tx {
    pub(super) async fn commit(self) -> Result<(), Error> {
        self.0.commit().await
    }

    /// Rolls back, and waits for it, as dropping does not.
    pub(super) async fn roll_back(self) {
        self.0.roll_back().await;
    }

    /// Whether other instances may write to the database at the same time.
    pub(super) fn is_shared(&self) -> bool {
        self.0.is_shared()
    }

    /// From here to the end of the transaction nobody else decides about this order. SQLite has one writer
    /// at a time anyway. There is no I/O but the database's while it is held.
    pub(super) async fn lock_order(&mut self, order_id: &str) -> Result<(), Error> {
        if self.is_shared() {
            let lock = sql("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))");
            lock.bind(order_id).run(self).await?;
        }
        Ok(())
    }

    /// Wakes the streams of a checkout at the other instances, when and if this is committed. SQLite has no
    /// others.
    pub(super) async fn notify(&mut self, channel: &'static str, payload: &str) -> Result<(), Error> {
        if self.0.is_shared() {
            sql("SELECT pg_notify($1, $2)").bind(channel).bind(payload).run(self).await?;
        }
        Ok(())
    }
}

impl Query {
    /// How many rows it changed.
    pub(super) async fn run(self, on: impl Into<Target<'_>>) -> Result<u64, Error> {
        match on.into() {
            Target::Read(db) => db.lend(false).await?.execute(self).await,
            Target::Write(db) => {
                let mut lent = db.lend(true).await?;
                let rows = lent.execute(self).await?;
                lent.confirm()?;
                Ok(rows)
            }
            Target::Tx(tx) => tx.0.execute(self).await,
        }
    }

    /// All rows.
    pub(super) async fn all(self, on: impl Into<Target<'_>>) -> Result<Vec<Row>, Error> {
        match on.into() {
            Target::Read(db) => db.lend(false).await?.fetch(self).await,
            Target::Write(db) => {
                let mut lent = db.lend(true).await?;
                let rows = lent.fetch(self).await?;
                lent.confirm()?;
                Ok(rows)
            }
            Target::Tx(tx) => tx.0.fetch(self).await,
        }
    }

    /// The first row, if there is one.
    pub(super) async fn first(self, on: impl Into<Target<'_>>) -> Result<Option<Row>, Error> {
        Ok(self.all(on).await?.into_iter().next())
    }
}

/// It reads, unless it says otherwise.
impl<'a> From<&'a Db> for Target<'a> {
    fn from(db: &'a Db) -> Self {
        Self::Read(db)
    }
}

impl<'a> From<&'a mut Tx> for Target<'a> {
    fn from(tx: &'a mut Tx) -> Self {
        Self::Tx(tx)
    }
}

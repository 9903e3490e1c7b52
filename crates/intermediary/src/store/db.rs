//! Runs one set of SQL on both databases, in the dialect that they share.
//!
//! Parameters are `$1`, `$2`, …; values are text or whole numbers; `ON CONFLICT`, `RETURNING`, `WITH` and `UPDATE …
//! FROM` mean the same in both. The few differences are functions of [`Db`] and [`Tx`]. [`super::open`] opens the
//! databases.

use std::sync::Arc;

use sqlx::PgPool;

use super::{
    CheckoutId,
    connection::{Lent, Pooled},
    file::DatabaseFile,
    freshness::Freshness,
    group_commit::{Operation, Writer},
    nats::Nats,
    postgres::PostgresTx,
    sqlite::SqlitePool,
    statement::{Query, Row},
};
use crate::store::Error;

/// The connections to a database.
#[derive(Clone)]
pub(super) struct Db {
    pub(super) pools: Pools,
    pub(super) freshness: Freshness,
    /// Wakes the other instances on a PostgreSQL.
    pub(super) nats: Option<Arc<Nats>>,
    /// SQLite's file, if a server watches it.
    pub(super) file: Option<Arc<DatabaseFile>>,
}

/// The connection pools of one database.
#[derive(Clone)]
pub(super) enum Pools {
    /// One file, one instance.
    Sqlite {
        /// Connections that cannot write.
        readers: SqlitePool,
        writer: Writer,
    },
    /// Shared by several instances.
    Postgres(PgPool),
}

/// A transaction. Dropping it rolls back.
pub(super) enum Tx {
    /// On SQLite, whose operations share commits.
    Group(Operation),
    /// On PostgreSQL.
    Own(PostgresTx),
}

/// The place where a statement runs.
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
        if let Some(nats) = &self.nats {
            nats.close().await;
        }
        if let Some(file) = &self.file {
            file.close().await;
        }
    }

    /// Begins a transaction that may write. In SQLite it takes the one lock first, so that what it reads stays true
    /// until it has written; SQLite would refuse to upgrade a reader whose snapshot is old. In PostgreSQL it reads what
    /// is committed, so a caller whose decision depends on what it reads takes [`Tx::lock_order`] or compares versions.
    pub(super) async fn write(&self) -> Result<Tx, Error> {
        if let Pools::Sqlite { writer, .. } = &self.pools {
            return Ok(Tx::Group(writer.begin().await?));
        }
        Ok(Tx::Own(PostgresTx::new(self.lend().await?, self.nats.clone())))
    }

    /// Returns the target for a single statement that writes, outside a transaction.
    pub(super) fn writer(&self) -> Target<'_> {
        Target::Write(self)
    }

    /// Returns the end of a `SELECT` whose rows are about to be changed: rows that another instance is changing at the
    /// same time are skipped, without waiting.
    pub(super) fn for_update_skip_locked(&self) -> &'static str {
        match self.pools {
            Pools::Sqlite { .. } => "",
            Pools::Postgres(_) => "FOR UPDATE SKIP LOCKED",
        }
    }

    async fn lend(&self) -> Result<Lent, Error> {
        // A new connection would open another file, if there is one at the path now.
        self.file.as_ref().map_or(Ok(()), |file| file.check())?;
        let pooled = match &self.pools {
            Pools::Sqlite { readers, .. } => Pooled::Sqlite(readers.acquire().await?),
            Pools::Postgres(pool) => Pooled::Postgres(pool.acquire().await?),
        };
        Ok(Lent::new(pooled, self.freshness.clone(), self.file.clone()))
    }
}

impl Tx {
    pub(super) async fn commit(self) -> Result<(), Error> {
        match self {
            Self::Group(operation) => operation.commit().await,
            Self::Own(tx) => tx.commit().await,
        }
    }

    /// Rolls back and waits for that. (Dropping does not wait.)
    pub(super) async fn roll_back(self) {
        match self {
            Self::Group(operation) => operation.roll_back().await,
            Self::Own(tx) => tx.roll_back().await,
        }
    }

    /// Returns whether other instances may write to the database at the same time.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self, Self::Own(_))
    }

    async fn execute(&mut self, query: Query) -> Result<u64, Error> {
        match self {
            Self::Group(operation) => operation.execute(query).await,
            Self::Own(tx) => tx.execute(query).await,
        }
    }

    async fn fetch(&mut self, query: Query) -> Result<Vec<Row>, Error> {
        match self {
            Self::Group(operation) => operation.fetch(query).await,
            Self::Own(tx) => tx.fetch(query).await,
        }
    }

    /// Runs a statement whose result is not needed: at once, or just before the commit. Nothing else in the transaction
    /// may read what it writes, and no other such statement may write the same row.
    pub(super) async fn later(&mut self, query: Query) -> Result<(), Error> {
        match self {
            Self::Group(operation) => operation.execute(query).await.map(drop),
            Self::Own(tx) => tx.later(query).await,
        }
    }

    /// Locks an order until the end of the transaction: no other transaction decides about it. SQLite has one writer at
    /// a time anyway. While the lock is held, there is no I/O except the database's.
    pub(super) async fn lock_order(&mut self, order_id: &str) -> Result<(), Error> {
        match self {
            Self::Group(_) => Ok(()),
            Self::Own(tx) => tx.lock(order_id).await,
        }
    }

    /// Wakes the streams of a checkout at the other instances, if and when the transaction is committed. SQLite has no
    /// other instances.
    pub(super) fn notify(&mut self, id: &CheckoutId) {
        match self {
            Self::Group(_) => {}
            Self::Own(tx) => tx.notify(id),
        }
    }
}

impl Query {
    /// Runs the statement, and returns how many rows it changed.
    pub(super) async fn run(self, on: impl Into<Target<'_>>) -> Result<u64, Error> {
        match on.into() {
            Target::Read(db) => db.lend().await?.execute(self).await,
            Target::Write(db) => match &db.pools {
                Pools::Sqlite { writer, .. } => {
                    let mut operation = writer.begin_statement().await?;
                    let rows = operation.execute(self).await?;
                    operation.commit().await?;
                    Ok(rows)
                }
                // A statement is a transaction by itself.
                Pools::Postgres(_) => db.lend().await?.execute(self).await,
            },
            Target::Tx(tx) => tx.execute(self).await,
        }
    }

    /// Runs the statement, and returns all rows.
    pub(super) async fn all(self, on: impl Into<Target<'_>>) -> Result<Vec<Row>, Error> {
        match on.into() {
            Target::Read(db) => db.lend().await?.fetch(self).await,
            Target::Write(db) => match &db.pools {
                Pools::Sqlite { writer, .. } => {
                    let mut operation = writer.begin_statement().await?;
                    let rows = operation.fetch(self).await?;
                    operation.commit().await?;
                    Ok(rows)
                }
                Pools::Postgres(_) => db.lend().await?.fetch(self).await,
            },
            Target::Tx(tx) => tx.fetch(self).await,
        }
    }

    /// Runs the statement, and returns the first row, if there is one.
    pub(super) async fn first(self, on: impl Into<Target<'_>>) -> Result<Option<Row>, Error> {
        Ok(self.all(on).await?.into_iter().next())
    }
}

/// A plain database reference only reads; [`Db::writer`] writes.
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

//! Everything durable, and all SQL. The rest of the server knows no database: another kind, shared by
//! several instances, goes behind the same functions.
//!
//! - [`row`]: a checkout as it is kept
//! - [`orders`]: what an order costs
//! - [`begin`]: one open checkout per order; the row before the request
//! - [`links`]: what the provider answered
//! - [`inbox`]: webhooks, from arrival to outcome
//! - [`apply`]: the one way by which a status changes
//! - [`due`]: what there is to do, and when
//! - [`depths`]: how much waits

mod apply;
mod begin;
mod depths;
mod due;
mod inbox;
mod links;
mod orders;
mod row;

use std::time::Duration;

use sqlx::{
    Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

pub(crate) use self::{
    apply::{Applied, Change},
    begin::Begin,
    due::Due,
    inbox::{Outcome, Received, Waiting},
    orders::Registered,
    row::{Checkout, CheckoutId, Terms},
};
use crate::{config::Database, error::Error};

/// How long a writer waits for another one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Readers work side by side; writers queue up in SQLite.
const CONNECTIONS: u32 = 8;

/// The store. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Store {
    pool: SqlitePool,
}

impl Store {
    /// Opens the database, makes it if there is none, and brings it to this version's shape.
    pub(crate) async fn open(database: &Database) -> Result<Self, sqlx::Error> {
        let Database::Sqlite(path) = database;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A webhook is answered 200 once it is committed, and Banq then forgets it: with anything less
            // than FULL a power cut could forget it here too.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS).connect_with(options).await?;
        sqlx::migrate!().run(&pool).await?;
        Ok(Self { pool })
    }

    /// Whether the database answers.
    pub(crate) async fn ping(&self) -> Result<(), Error> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Writes what is left to write and closes.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    /// A transaction that may write. Taking the lock first means that what it reads stays true until it has
    /// written; SQLite would refuse to upgrade a reader whose snapshot is old.
    async fn write(&self) -> Result<Transaction<'static, Sqlite>, Error> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }
}

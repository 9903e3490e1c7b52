//! The seam to the databases: one set of SQL for both, in the dialect that they share.
//!
//! Parameters are `$1`, `$2`, …; values are text or whole numbers; `ON CONFLICT`, `RETURNING`, `WITH` and
//! `UPDATE … FROM` mean the same in both. The few things that differ are functions of [`Db`] and [`Tx`].

use std::{borrow::Cow, str::FromStr, time::Duration};

use sqlx::{
    AssertSqlSafe, Database as Driver, Encode, PgPool, Postgres, Row as _, Sqlite, SqlitePool, Transaction,
    Type,
    postgres::{PgConnectOptions, PgPoolOptions, PgRow},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
};

use crate::{config::Database, error::Error};

/// How long a writer of SQLite waits for another one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a request waits for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// SQLite: readers work side by side, writers queue up. PostgreSQL: per instance, one of them listens.
const CONNECTIONS: u32 = 8;

/// A pool of connections.
#[derive(Clone)]
pub(super) enum Db {
    /// One file, one instance.
    Sqlite(SqlitePool),
    /// Shared by several instances.
    Postgres(PgPool),
}

/// A transaction; dropped without a commit it has not been.
pub(super) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// A row of an answer.
pub(super) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// A statement with its values.
pub(super) struct Query {
    text: Cow<'static, str>,
    values: Vec<Value>,
}

/// What can be bound.
pub(super) enum Value {
    Text(Option<String>),
    Int(Option<i64>),
}

/// Where a statement runs.
pub(super) enum Target<'a> {
    Db(&'a Db),
    Tx(&'a mut Tx),
}

impl Db {
    /// Opens the database and brings it to this version's shape. SQLite's file is made if there is none.
    pub(super) async fn open(database: &Database) -> Result<Self, sqlx::Error> {
        match database {
            Database::Sqlite(path) => {
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    // A webhook is answered 200 once it is committed, and Banq then forgets it: with anything
                    // less than FULL a power cut could forget it here too.
                    .synchronous(SqliteSynchronous::Full)
                    .foreign_keys(true)
                    .busy_timeout(BUSY_TIMEOUT);
                let pool = SqlitePoolOptions::new()
                    .max_connections(CONNECTIONS)
                    .acquire_timeout(ACQUIRE_TIMEOUT)
                    .connect_with(options)
                    .await?;
                sqlx::migrate!("migrations/sqlite").run(&pool).await?;
                // SQLite opens a file that it may not write, such as a backup that root put back, and says so
                // at the first write only: a server would start, call itself ready, and lose every webhook.
                // (BEGIN IMMEDIATE alone only reads there.)
                sqlx::query("DELETE FROM jobs WHERE FALSE").execute(&pool).await?;
                Ok(Self::Sqlite(pool))
            }
            Database::Postgres(url) => {
                let options = PgConnectOptions::from_str(url.expose())?
                    .application_name("banq-intermediary")
                    .options([
                        // As above: committed means on disk, also where the server's default is less.
                        ("synchronous_commit", "on"),
                        // What this is written for; a stricter default would make some transactions fail.
                        ("default_transaction_isolation", "read committed"),
                        // An instance that hangs must not hold up the others.
                        ("statement_timeout", "10s"),
                        ("idle_in_transaction_session_timeout", "10s"),
                    ]);
                let pool = PgPoolOptions::new()
                    .max_connections(CONNECTIONS)
                    .acquire_timeout(ACQUIRE_TIMEOUT)
                    .connect_with(options)
                    .await?;
                // Takes a lock: of several instances that start together one does it.
                sqlx::migrate!("migrations/postgres").run(&pool).await?;
                Ok(Self::Postgres(pool))
            }
        }
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }

    /// A transaction that may write. In SQLite it takes the one lock first, so that what it reads stays true
    /// until it has written; SQLite would refuse to upgrade a reader whose snapshot is old. In PostgreSQL it
    /// reads what is committed, and whoever decides by what it reads takes [`Tx::lock_order`] or compares
    /// versions.
    pub(super) async fn write(&self) -> Result<Tx, Error> {
        Ok(match self {
            Self::Sqlite(pool) => Tx::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// What a `SELECT` ends with whose rows are about to be changed: rows that another instance has picked
    /// at the same moment are passed over instead of waited for.
    pub(super) fn for_update_skip_locked(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "",
            Self::Postgres(_) => "FOR UPDATE SKIP LOCKED",
        }
    }
}

impl Tx {
    pub(super) async fn commit(self) -> Result<(), Error> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// From here to the end of the transaction nobody else decides about this order. SQLite has one writer
    /// at a time anyway. There is no I/O but the database's while it is held.
    pub(super) async fn lock_order(&mut self, order_id: &str) -> Result<(), Error> {
        match self {
            Self::Sqlite(_) => {}
            Self::Postgres(_) => {
                let lock = sql("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))");
                lock.bind(order_id).run(self).await?;
            }
        }
        Ok(())
    }

    /// Wakes the streams of a checkout at the other instances, when and if this is committed. SQLite has no
    /// others.
    pub(super) async fn notify(&mut self, channel: &'static str, payload: &str) -> Result<(), Error> {
        match self {
            Self::Sqlite(_) => {}
            Self::Postgres(_) => {
                sql("SELECT pg_notify($1, $2)").bind(channel).bind(payload).run(self).await?;
            }
        }
        Ok(())
    }
}

/// A statement. Its text is this crate's own; whatever comes from outside is bound.
pub(super) fn sql(text: impl Into<Cow<'static, str>>) -> Query {
    Query { text: text.into(), values: Vec::new() }
}

impl Query {
    /// Binds the next value: the first is `$1`.
    pub(super) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// How many rows it changed.
    pub(super) async fn run(self, on: impl Into<Target<'_>>) -> Result<u64, Error> {
        Ok(match on.into() {
            Target::Db(Db::Sqlite(pool)) => self.prepare::<Sqlite>().execute(pool).await?.rows_affected(),
            Target::Db(Db::Postgres(pool)) => self.prepare::<Postgres>().execute(pool).await?.rows_affected(),
            Target::Tx(Tx::Sqlite(tx)) => self.prepare::<Sqlite>().execute(&mut **tx).await?.rows_affected(),
            Target::Tx(Tx::Postgres(tx)) => {
                self.prepare::<Postgres>().execute(&mut **tx).await?.rows_affected()
            }
        })
    }

    /// All rows.
    pub(super) async fn all(self, on: impl Into<Target<'_>>) -> Result<Vec<Row>, Error> {
        let sqlite = |rows: Vec<SqliteRow>| rows.into_iter().map(Row::Sqlite).collect();
        let postgres = |rows: Vec<PgRow>| rows.into_iter().map(Row::Postgres).collect();
        Ok(match on.into() {
            Target::Db(Db::Sqlite(pool)) => sqlite(self.prepare::<Sqlite>().fetch_all(pool).await?),
            Target::Db(Db::Postgres(pool)) => postgres(self.prepare::<Postgres>().fetch_all(pool).await?),
            Target::Tx(Tx::Sqlite(tx)) => sqlite(self.prepare::<Sqlite>().fetch_all(&mut **tx).await?),
            Target::Tx(Tx::Postgres(tx)) => postgres(self.prepare::<Postgres>().fetch_all(&mut **tx).await?),
        })
    }

    /// The first row, if there is one.
    pub(super) async fn first(self, on: impl Into<Target<'_>>) -> Result<Option<Row>, Error> {
        Ok(self.all(on).await?.into_iter().next())
    }

    fn prepare<D: Driver>(self) -> sqlx::query::Query<'static, D, D::Arguments>
    where
        Option<String>: Encode<'static, D> + Type<D>,
        Option<i64>: Encode<'static, D> + Type<D>,
        D::Arguments: sqlx::IntoArguments<D>,
    {
        let query = match self.text {
            Cow::Borrowed(text) => sqlx::query(text),
            Cow::Owned(text) => sqlx::query(AssertSqlSafe(text)),
        };
        self.values.into_iter().fold(query, |query, value| match value {
            Value::Text(text) => query.bind(text),
            Value::Int(int) => query.bind(int),
        })
    }
}

impl Row {
    pub(super) fn text(&self, column: &'static str) -> Result<String, Error> {
        self.maybe_text(column)?.ok_or(Error::Row(column))
    }

    pub(super) fn maybe_text(&self, column: &'static str) -> Result<Option<String>, Error> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    pub(super) fn int(&self, column: &'static str) -> Result<i64, Error> {
        self.maybe_int(column)?.ok_or(Error::Row(column))
    }

    pub(super) fn maybe_int(&self, column: &'static str) -> Result<Option<i64>, Error> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }

    /// A number that counts something.
    pub(super) fn count(&self, column: &'static str) -> Result<u32, Error> {
        u32::try_from(self.int(column)?).map_err(|_| Error::Row(column))
    }
}

impl<'a> From<&'a Db> for Target<'a> {
    fn from(db: &'a Db) -> Self {
        Self::Db(db)
    }
}

impl<'a> From<&'a mut Tx> for Target<'a> {
    fn from(tx: &'a mut Tx) -> Self {
        Self::Tx(tx)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(Some(text.clone()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

impl From<i64> for Value {
    fn from(int: i64) -> Self {
        Self::Int(Some(int))
    }
}

impl From<Option<i64>> for Value {
    fn from(int: Option<i64>) -> Self {
        Self::Int(int)
    }
}

impl From<u32> for Value {
    fn from(int: u32) -> Self {
        Self::Int(Some(int.into()))
    }
}

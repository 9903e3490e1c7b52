//! Lends a connection from its pool. A connection is returned to the pool only in a known state; one that an error or a
//! canceled request may have damaged is closed.
//!
//! SQLite ends a transaction by itself when the disk is full or fails, and PostgreSQL's server may have become
//! read-only, or be another one. A driver that still counts a transaction, or a session that can never write again,
//! would make all later statements fail until a restart.

use std::{mem, sync::Arc, time::Duration};

use sqlx::{AssertSqlSafe, Connection as _, Postgres, pool::PoolConnection};
use tokio::time::timeout;

use super::{
    file::DatabaseFile,
    freshness::Freshness,
    sqlite::PooledSqlite,
    statement::{Query, Row, sql},
};
use crate::store::error::{Error, has_server_changed, is_statements_own};

/// How long one statement may take. PostgreSQL ends it sooner (`statement_timeout`), and SQLite stops waiting for other
/// writers sooner; this limit is for a network or a disk that does not respond at all.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(15);

/// How long closing a connection may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// A pooled connection while it is used.
pub(super) struct Lent {
    /// `None` only after the connection was returned or closed.
    pooled: Option<Pooled>,
    state: State,
    freshness: Freshness,
    /// SQLite's file, if a server watches it.
    file: Option<Arc<DatabaseFile>>,
}

pub(super) enum Pooled {
    Sqlite(PooledSqlite),
    Postgres(PoolConnection<Postgres>),
}

/// The known state of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// No transaction is open.
    Idle,
    /// A transaction is open.
    Open,
    /// A transaction is open in which a statement failed: it can only be rolled back.
    Failed,
    /// A statement is running or has failed: the connection may be in any state.
    Unknown,
}

impl Lent {
    pub(super) fn new(pooled: Pooled, freshness: Freshness, file: Option<Arc<DatabaseFile>>) -> Self {
        Self { pooled: Some(pooled), state: State::Idle, freshness, file }
    }

    /// Begins a transaction. SQLite takes its one lock at once; PostgreSQL's default isolation level applies.
    pub(super) async fn begin(&mut self) -> Result<(), Error> {
        self.begin_with(None).await
    }

    /// Begins a transaction. On PostgreSQL its first statement may come along, whose text is this crate's own and whose
    /// rows are not read.
    pub(super) async fn begin_with(&mut self, first: Option<String>) -> Result<(), Error> {
        let before = self.begin_use();
        let begun = timeout(STATEMENT_TIMEOUT, async {
            match &mut self.pooled {
                Some(Pooled::Sqlite(connection)) => connection.begin().await,
                Some(Pooled::Postgres(connection)) => {
                    let text = first.map_or_else(|| "BEGIN".to_owned(), |first| format!("BEGIN; {first}"));
                    sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut **connection).await.map(|_| ())
                }
                None => Err(sqlx::Error::PoolClosed),
            }
        });
        let begun = begun.await.unwrap_or_else(|_| Err(late()));
        // On PostgreSQL the transaction may have begun before the error: it is rolled back.
        let is_open = matches!(self.pooled, Some(Pooled::Postgres(_)));
        self.end_use(if is_open { State::Open } else { before }, begun)?;
        self.state = State::Open;
        Ok(())
    }

    /// Commits the transaction, and returns the connection to the pool. A commit to a file that was deleted or replaced
    /// is lost, and so reported as an error.
    pub(super) async fn commit(mut self) -> Result<(), Error> {
        if self.state != State::Open {
            // PostgreSQL would answer COMMIT with success, and roll back.
            return Err(sqlx::Error::Protocol("a statement of the transaction failed".to_owned()).into());
        }
        self.write_to_disk().await?;
        self.state = State::Idle;
        self.confirm()
    }

    /// Fails if the last write went to a file that was deleted or replaced.
    pub(super) fn confirm(&self) -> Result<(), Error> {
        self.file.as_ref().map_or(Ok(()), |file| file.check())
    }

    /// Runs a statement and returns how many rows it changed.
    pub(super) async fn execute(&mut self, query: Query) -> Result<u64, Error> {
        let before = self.begin_use();
        let done = timeout(STATEMENT_TIMEOUT, async {
            match &mut self.pooled {
                // In its transaction a statement waits for nothing.
                Some(Pooled::Sqlite(connection)) if before != State::Idle => connection.execute(&query),
                Some(Pooled::Sqlite(connection)) => connection.execute_apart(query).await,
                Some(Pooled::Postgres(connection)) => {
                    Ok(query.prepare().execute(&mut **connection).await?.rows_affected())
                }
                None => Err(sqlx::Error::PoolClosed),
            }
        });
        let done = done.await.unwrap_or_else(|_| Err(late()));
        self.end_use(before, done)
    }

    /// Runs a statement and returns its rows.
    pub(super) async fn fetch(&mut self, query: Query) -> Result<Vec<Row>, Error> {
        let before = self.begin_use();
        let done = timeout(STATEMENT_TIMEOUT, async {
            match &mut self.pooled {
                Some(Pooled::Sqlite(connection)) => {
                    let rows = match before {
                        State::Idle => connection.fetch_alone(query).await?,
                        State::Open | State::Failed | State::Unknown => connection.fetch(&query)?,
                    };
                    Ok(rows.into_iter().map(Row::Sqlite).collect())
                }
                Some(Pooled::Postgres(connection)) => {
                    let rows = query.prepare().fetch_all(&mut **connection).await?;
                    Ok(rows.into_iter().map(Row::Postgres).collect())
                }
                None => Err(sqlx::Error::PoolClosed),
            }
        });
        let done = done.await.unwrap_or_else(|_| Err(late()));
        self.end_use(before, done)
    }

    /// Commits, on a thread for blocking work where the database is a file: the commit waits for the disk.
    async fn write_to_disk(&mut self) -> Result<(), Error> {
        let Some(Pooled::Sqlite(connection)) = &mut self.pooled else {
            return self.execute(sql("COMMIT")).await.map(|_| ());
        };
        let before = mem::replace(&mut self.state, State::Unknown);
        let done = timeout(STATEMENT_TIMEOUT, connection.execute_apart(sql("COMMIT"))).await;
        let done = done.unwrap_or_else(|_| Err(late()));
        self.end_use(before, done.map(|_| ()))
    }

    /// Rolls back. If that fails, the connection is closed, which rolls back too.
    pub(super) async fn roll_back(mut self) {
        let done = self.execute(sql("ROLLBACK")).await;
        self.state = if done.is_ok() { State::Idle } else { State::Unknown };
    }

    pub(super) fn state(&self) -> State {
        self.state
    }

    /// Closes the connection, which rolls back.
    pub(super) fn close(mut self) {
        self.state = State::Unknown;
    }

    /// Continues the transaction after its last changes were undone.
    pub(super) fn reopen(&mut self) {
        self.state = State::Open;
    }

    /// Marks the state as unknown until [`Lent::end_use`]: a request that is canceled in between leaves it so.
    fn begin_use(&mut self) -> State {
        mem::replace(&mut self.state, State::Unknown)
    }

    fn end_use<T>(&mut self, before: State, done: Result<T, sqlx::Error>) -> Result<T, Error> {
        match &done {
            Ok(_) => self.state = before,
            Err(error) if is_statements_own(error) && before == State::Idle => self.state = before,
            Err(error) if is_statements_own(error) => self.state = State::Failed,
            Err(error) if has_server_changed(error) => self.freshness.condemn(),
            Err(_) => {}
        }
        Ok(done?)
    }
}

/// Returns the connection to the pool, rolls back first, or closes it.
impl Drop for Lent {
    fn drop(&mut self) {
        let Some(pooled) = self.pooled.take() else { return };
        match self.state {
            State::Idle => drop(pooled),
            State::Open | State::Failed => {
                tokio::spawn(Self::new(pooled, self.freshness.clone(), None).roll_back());
            }
            State::Unknown => pooled.close(),
        }
    }
}

impl Pooled {
    fn close(self) {
        tracing::debug!("a database connection is closed, because its state is not known");
        match self {
            Self::Sqlite(connection) => connection.close(),
            // The server may not respond any more, so the pool's slot is freed at once.
            Self::Postgres(connection) => {
                let connection = connection.detach();
                tokio::spawn(timeout(CLOSE_TIMEOUT, connection.close_hard()));
            }
        }
    }
}

fn late() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "the database did not answer in time"))
}

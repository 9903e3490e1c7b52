//! Connections to a SQLite file, and their pool.
//!
//! A statement of an open transaction runs where it is called, as it waits for nothing: no lock (the transaction has
//! it) and no disk that a commit has to reach. So does a read of a few rows by an index. What can wait (opening a file,
//! beginning and committing a transaction, a read of unknown length) runs on a thread for blocking work.

use std::{
    error::Error as StdError,
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};
use sqlx::error::{DatabaseError, ErrorKind};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{
    freshness::Freshness,
    statement::{Query, SqliteRow, Value, sql},
};

/// How long a writer waits for another one.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a request waits for a free connection, or for its turn to write.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// How many prepared statements a connection keeps: more than this program has.
const STATEMENTS: usize = 256;

/// How long closing the pool waits for connections that are in use.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// How connections are opened.
#[derive(Debug, Clone)]
pub(super) struct SqliteOptions {
    pub(super) path: PathBuf,
    /// Whether the connection refuses to write.
    pub(super) query_only: bool,
}

impl SqliteOptions {
    fn open(&self) -> rusqlite::Result<Connection> {
        // Without the flag that creates the file: a later connection would put an empty file in place of one that
        // somebody has moved away.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        // A webhook is answered 200 once it is committed, and the provider then forgets it. With less than FULL, a power
        // failure could lose it here too.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "query_only", self.query_only)?;
        Ok(connection)
    }
}

/// A pool of connections. Cloning is cheap.
#[derive(Clone)]
pub(super) struct SqlitePool(Arc<Shared>);

struct Shared {
    options: SqliteOptions,
    freshness: Freshness,
    connections: u32,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<(Connection, Instant)>>,
}

impl SqlitePool {
    /// Makes a pool of at most this many connections, and opens the first, which proves that the file can be opened.
    pub(super) async fn open(
        options: SqliteOptions,
        connections: u32,
        freshness: Freshness,
    ) -> Result<Self, sqlx::Error> {
        let permits = Arc::new(Semaphore::new(connections as usize));
        let pool =
            Self(Arc::new(Shared { options, freshness, connections, permits, idle: Mutex::default() }));
        drop(pool.acquire().await?);
        Ok(pool)
    }

    /// Waits for a connection.
    pub(super) async fn acquire(&self) -> Result<PooledSqlite, sqlx::Error> {
        let shared = &self.0;
        let permit = timeout(ACQUIRE_TIMEOUT, shared.permits.clone().acquire_owned()).await;
        let permit = permit.map_err(|_| sqlx::Error::PoolTimedOut)?.map_err(|_| sqlx::Error::PoolClosed)?;
        while let Some((connection, opened)) = self.take_idle() {
            if shared.freshness.allows(opened.elapsed()) {
                return Ok(PooledSqlite::new(self.clone(), connection, opened, permit));
            }
        }
        let options = shared.options.clone();
        let opened = Instant::now();
        let connection = on_a_thread(move || options.open()).await?;
        Ok(PooledSqlite::new(self.clone(), connection, opened, permit))
    }

    /// Waits until all connections are back, and closes them.
    pub(super) async fn close(&self) {
        let all = timeout(CLOSE_TIMEOUT, self.0.permits.acquire_many(self.0.connections)).await;
        if all.is_err() {
            tracing::warn!("a connection to the database is still in use");
        }
        self.0.permits.close();
        while self.take_idle().is_some() {}
    }

    fn take_idle(&self) -> Option<(Connection, Instant)> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}

/// A connection of the pool. Dropping it returns it.
pub(super) struct PooledSqlite {
    pool: SqlitePool,
    /// `None` while it works on another thread, and after it was closed.
    connection: Option<Connection>,
    opened: Instant,
    /// Released after the connection is back or closed, because the field is dropped later.
    permit: Option<Arc<OwnedSemaphorePermit>>,
}

impl PooledSqlite {
    fn new(pool: SqlitePool, connection: Connection, opened: Instant, permit: OwnedSemaphorePermit) -> Self {
        Self { pool, connection: Some(connection), opened, permit: Some(Arc::new(permit)) }
    }

    /// Runs a statement here, and returns how many rows it changed.
    pub(super) fn execute(&self, query: &Query) -> Result<u64, sqlx::Error> {
        execute(self.connection()?, query).map_err(failure)
    }

    /// Runs a statement here, and returns its rows.
    pub(super) fn fetch(&self, query: &Query) -> Result<Vec<SqliteRow>, sqlx::Error> {
        fetch(self.connection()?, query).map_err(failure)
    }

    /// Begins a transaction that may write: here if no other process writes, or else on a thread for blocking work,
    /// which waits for it.
    pub(super) async fn begin(&mut self) -> Result<(), sqlx::Error> {
        let begin = || sql("BEGIN IMMEDIATE");
        match self.without_waiting(|connection| execute(connection, &begin()))? {
            Some(_) => Ok(()),
            None => self.execute_apart(begin()).await.map(|_| ()),
        }
    }

    /// Runs a statement outside a transaction, and returns its rows: here if it is brief and has to wait for nothing, or
    /// else on a thread for blocking work.
    pub(super) async fn fetch_alone(&mut self, query: Query) -> Result<Vec<SqliteRow>, sqlx::Error> {
        if query.is_brief()
            && let Some(rows) = self.without_waiting(|connection| fetch(connection, &query))?
        {
            return Ok(rows);
        }
        self.apart(move |connection| fetch(connection, &query)).await
    }

    /// Does something with the connection, or returns `None` if another process has a lock on the file.
    fn without_waiting<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, sqlx::Error> {
        let connection = self.connection()?;
        connection.busy_timeout(Duration::ZERO).map_err(failure)?;
        let done = work(connection);
        connection.busy_timeout(BUSY_TIMEOUT).map_err(failure)?;
        match done {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(None),
            done => done.map(Some).map_err(failure),
        }
    }

    /// Runs a statement on a thread for blocking work. A request that is canceled meanwhile leaves the connection
    /// closed.
    pub(super) async fn execute_apart(&mut self, query: Query) -> Result<u64, sqlx::Error> {
        self.apart(move |connection| execute(connection, &query)).await
    }

    async fn apart<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, sqlx::Error> {
        let connection = self.connection.take().ok_or(sqlx::Error::PoolClosed)?;
        // There is one writer: if this is canceled, the next begins when the connection is closed.
        let permit = self.permit.clone();
        let (connection, done) = on_a_thread(move || {
            let done = work(&connection);
            // Together, so that after a cancellation the permit is released when the connection is closed.
            Ok(((connection, permit), done))
        })
        .await?;
        self.connection = Some(connection.0);
        done.map_err(failure)
    }

    pub(super) fn close(mut self) {
        self.connection = None;
    }

    fn connection(&self) -> Result<&Connection, sqlx::Error> {
        self.connection.as_ref().ok_or(sqlx::Error::PoolClosed)
    }
}

impl Drop for PooledSqlite {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            let mut idle = self.pool.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
            // A closed pool keeps nothing.
            if !self.pool.0.permits.is_closed() {
                idle.push((connection, self.opened));
            }
        }
        drop(self.permit.take());
    }
}

/// Runs blocking work on a thread for it.
async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> rusqlite::Result<T> + Send + 'static,
) -> Result<T, sqlx::Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| sqlx::Error::WorkerCrashed)?.map_err(failure)
}

fn execute(connection: &Connection, query: &Query) -> rusqlite::Result<u64> {
    let mut statement = bound(connection, query)?;
    let is_reading = statement.readonly();
    let mut rows = statement.raw_query();
    while rows.next()?.is_some() {}
    drop(rows);
    Ok(if is_reading { 0 } else { connection.changes() })
}

fn fetch(connection: &Connection, query: &Query) -> rusqlite::Result<Vec<SqliteRow>> {
    let mut statement = bound(connection, query)?;
    let names: Arc<[String]> = statement.column_names().into_iter().map(str::to_owned).collect();
    let mut rows = statement.raw_query();
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let values = (0..names.len()).map(|index| row.get(index)).collect::<rusqlite::Result<_>>()?;
        all.push(SqliteRow::new(names.clone(), values));
    }
    Ok(all)
}

/// Prepares a statement and binds its values. SQLite numbers `$2` by the place where it first stands, so its name says
/// which value it is.
fn bound<'a>(connection: &'a Connection, query: &Query) -> rusqlite::Result<rusqlite::CachedStatement<'a>> {
    let mut statement = connection.prepare_cached(query.text())?;
    for index in 1..=statement.parameter_count() {
        let name = statement.parameter_name(index).and_then(|name| name.strip_prefix('$'));
        let number = name.and_then(|number| number.parse::<usize>().ok()).unwrap_or(index);
        let value = number.checked_sub(1).and_then(|place| query.values().get(place));
        match value {
            Some(Value::Text(text)) => statement.raw_bind_parameter(index, text)?,
            Some(Value::Int(int)) => statement.raw_bind_parameter(index, int)?,
            None => return Err(rusqlite::Error::InvalidParameterCount(query.values().len(), index)),
        }
    }
    Ok(statement)
}

/// An error of SQLite, in the form of those of the other database.
#[derive(Debug)]
struct Refusal {
    code: i32,
    text: String,
}

fn failure(error: rusqlite::Error) -> sqlx::Error {
    match error {
        rusqlite::Error::SqliteFailure(ffi::Error { extended_code, .. }, text) => {
            let text = text.unwrap_or_else(|| ffi::code_to_str(extended_code).to_owned());
            sqlx::Error::Database(Box::new(Refusal { code: extended_code, text }))
        }
        rusqlite::Error::SqlInputError { error, msg, .. } => {
            sqlx::Error::Database(Box::new(Refusal { code: error.extended_code, text: msg }))
        }
        other => sqlx::Error::Protocol(other.to_string()),
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "(code: {}) {}", self.code, self.text)
    }
}

impl StdError for Refusal {}

impl DatabaseError for Refusal {
    fn message(&self) -> &str {
        &self.text
    }

    fn code(&self) -> Option<std::borrow::Cow<'_, str>> {
        Some(self.code.to_string().into())
    }

    fn kind(&self) -> ErrorKind {
        match self.code {
            ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => ErrorKind::UniqueViolation,
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY => ErrorKind::ForeignKeyViolation,
            ffi::SQLITE_CONSTRAINT_NOTNULL => ErrorKind::NotNullViolation,
            ffi::SQLITE_CONSTRAINT_CHECK => ErrorKind::CheckViolation,
            _ => ErrorKind::Other,
        }
    }

    fn as_error(&self) -> &(dyn StdError + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn StdError + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn StdError + Send + Sync + 'static> {
        self
    }
}

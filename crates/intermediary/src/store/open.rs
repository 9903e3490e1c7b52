//! Opens a database: for a server, which creates it and migrates it to this version's schema; or for a visitor (a
//! command), which never changes the schema, because a server of another version may be running on it.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use sqlx::{
    Connection, PgConnection, PgPool, Postgres, SqliteConnection,
    pool::PoolOptions,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::{
    db::{Db, Pools},
    file::DatabaseFile,
    freshness::Freshness,
    group_commit::Writer,
    migrations::{POSTGRES, SQLITE},
    sqlite::{ACQUIRE_TIMEOUT, BUSY_TIMEOUT, SqliteOptions, SqlitePool},
    statement::sql,
};
use crate::{
    Secret,
    config::{self, Database},
    store::Error,
};

/// After this time a connection may have died without notice.
const IDLE: Duration = Duration::from_secs(1);

/// The number of SQLite's readers, which work in parallel; for PostgreSQL, of all connections of an instance, one of
/// which listens.
const CONNECTIONS: u32 = 8;

/// PostgreSQL's error code for a database that does not exist.
const UNKNOWN_DATABASE: &str = "3D000";

/// The access that a visitor needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccessMode {
    /// The database itself refuses any change.
    Read,
    /// The visitor may change rows, but never tables.
    Write,
}

/// Why a visitor cannot open a database. The text says what is wrong, [`OpenError::fix`] how to repair it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// SQLite has no file at the path.
    #[error("there is no file {}", .0.display())]
    NoFile(PathBuf),
    /// PostgreSQL has no database of the name.
    #[error("there is no database of this name")]
    NoDatabase,
    /// The database has none of this program's tables.
    #[error("no server of this program was ever started on it")]
    Empty,
    /// The database lacks migrations that this version knows.
    #[error("it has the shape of an older version than this program's")]
    Older,
    /// The database has migrations that this version does not know.
    #[error("it has the shape of a newer version than this program's")]
    Newer,
    /// The database cannot be opened or read.
    #[error("it cannot be used: {0}")]
    Broken(String),
}

impl OpenError {
    /// Returns how to repair it.
    pub(crate) fn fix(&self) -> &'static str {
        match self {
            Self::NoFile(_) | Self::Empty => "start the server, which makes it, or correct BANQ_DATABASE_URL",
            Self::NoDatabase => "CREATE DATABASE, then start the server; or correct BANQ_DATABASE_URL",
            Self::Older => {
                "start the server of this version, which brings it up to date, or use the program of the version \
                 that serves"
            }
            Self::Newer => "use the program of the version that serves",
            Self::Broken(_) => "look at BANQ_DATABASE_URL, the folder's owner and the disk",
        }
    }
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error().and_then(|error| error.code()) {
            Some(code) if code == UNKNOWN_DATABASE => Self::NoDatabase,
            Some(_) | None => Self::Broken(error.to_string()),
        }
    }
}

impl From<Error> for OpenError {
    fn from(error: Error) -> Self {
        Self::Broken(error.to_string())
    }
}

impl Db {
    /// Opens the database and migrates it to this version's schema. Creates SQLite's file if it does not exist.
    pub(super) async fn open(database: &Database) -> Result<Self, sqlx::Error> {
        match database {
            Database::Sqlite(path) => {
                let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
                let options =
                    options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
                let options = options.foreign_keys(true).busy_timeout(BUSY_TIMEOUT);
                // Only this connection creates the file.
                let mut keeper = SqliteConnection::connect_with(&options).await?;
                SQLITE.run(&mut keeper).await?;
                // SQLite opens a file that it may not write, such as a backup that root put back, and reports that at
                // the first write only: a server would start, call itself ready, and lose every webhook. (BEGIN
                // IMMEDIATE alone only reads there.)
                sqlx::query("DELETE FROM jobs WHERE FALSE").execute(&mut keeper).await?;
                sqlx::query("SELECT 1 FROM jobs WHERE FALSE").execute(&mut keeper).await?;
                let freshness = Freshness::new();
                let (readers, writer) = sqlite(path, &freshness, false).await?;
                let file = DatabaseFile::new(path, keeper).map_err(sqlx::Error::Io)?;
                Ok(Self::of_sqlite(readers, writer, freshness, Some(Arc::new(file))))
            }
            Database::Postgres(url) => {
                let options = options(url)?;
                // The migration takes a lock: of several instances that start together, one migrates, and the others
                // wait for it. That can take longer than a statement's usual timeout.
                let patient = options.clone().options([("statement_timeout", "0")]);
                let mut alone = PgConnection::connect_with(&patient).await?;
                POSTGRES.run(&mut alone).await?;
                alone.close().await?;
                Self::of_postgres(options).await
            }
        }
    }

    /// Opens the database as it is, if it has this version's schema.
    pub(super) async fn visit(database: &Database, visit: AccessMode) -> Result<Self, OpenError> {
        let db = match database {
            // A new, empty file would suggest that nothing ever happened, when only the path is wrong.
            Database::Sqlite(path) if !path.exists() => return Err(OpenError::NoFile(path.clone())),
            Database::Sqlite(path) => {
                // A connection that is opened read-only leaves -wal and -shm behind, which may then not be the server's:
                // it refuses to write instead.
                let freshness = Freshness::new();
                let (readers, writer) = sqlite(path, &freshness, visit == AccessMode::Read).await?;
                Self::of_sqlite(readers, writer, freshness, None)
            }
            Database::Postgres(url) => {
                let options = options(url)?;
                let options = match visit {
                    AccessMode::Read => options.options([("default_transaction_read_only", "on")]),
                    AccessMode::Write => options,
                };
                Self::of_postgres(options).await?
            }
        };
        match db.compare().await {
            Ok(()) => Ok(db),
            Err(unfit) => {
                db.close().await;
                Err(unfit)
            }
        }
    }

    fn of_sqlite(
        readers: SqlitePool,
        writer: SqlitePool,
        freshness: Freshness,
        file: Option<Arc<DatabaseFile>>,
    ) -> Self {
        let writer = Writer::new(writer, freshness.clone(), file.clone());
        Self { pools: Pools::Sqlite { readers, writer }, freshness, nats: None, file }
    }

    async fn of_postgres(options: PgConnectOptions) -> Result<Self, sqlx::Error> {
        let freshness = Freshness::new();
        let pool = postgres(options, &freshness).await?;
        Ok(Self { pools: Pools::Postgres(pool), freshness, nats: None, file: None })
    }

    /// Fails unless the schema is this version's: every migration that this version knows, and no other.
    async fn compare(&self) -> Result<(), OpenError> {
        let (migrator, table) = match self.pools {
            Pools::Sqlite { .. } => {
                (&SQLITE, "SELECT name FROM sqlite_master WHERE name = '_sqlx_migrations'")
            }
            Pools::Postgres(_) => (&POSTGRES, "SELECT to_regclass('_sqlx_migrations')::text AS name"),
        };
        let table = sql(table).first(self).await?.map(|row| row.maybe_text("name")).transpose()?;
        if table.flatten().is_none() {
            return Err(OpenError::Empty);
        }
        let made = sql("SELECT version FROM _sqlx_migrations WHERE success").all(self).await?;
        let made = made.iter().map(|row| row.int("version")).collect::<Result<BTreeSet<_>, _>>()?;
        let known: BTreeSet<_> = migrator.iter().map(|migration| migration.version).collect();
        if !made.is_subset(&known) {
            return Err(OpenError::Newer);
        }
        if made.is_empty() {
            return Err(OpenError::Empty);
        }
        if made == known { Ok(()) } else { Err(OpenError::Older) }
    }
}

/// Parses the URL. The error never contains the driver's own text about a URL, which quotes it.
fn options(url: &Secret) -> Result<PgConnectOptions, sqlx::Error> {
    config::postgres(url).ok_or_else(|| sqlx::Error::Configuration("it is not understood".into()))
}

/// Returns the pool of readers, and that of the one writer, which may have to refuse to write too.
async fn sqlite(
    path: &Path,
    freshness: &Freshness,
    query_only: bool,
) -> Result<(SqlitePool, SqlitePool), sqlx::Error> {
    let options = |query_only| SqliteOptions { path: path.to_owned(), query_only };
    let writer = SqlitePool::open(options(query_only), 1, freshness.clone()).await?;
    let readers = SqlitePool::open(options(true), CONNECTIONS, freshness.clone()).await?;
    Ok((readers, writer))
}

/// Returns the options of a pool that gives out only connections that [`Freshness`] allows. Before each use, sqlx would
/// ask a connection whether it is alive, which takes as long as a small statement; here only one that was idle is asked.
fn pool(connections: u32, freshness: &Freshness) -> PoolOptions<Postgres> {
    let freshness = freshness.clone();
    let options = PoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT);
    options.test_before_acquire(false).before_acquire(move |connection: &mut PgConnection, used| {
        let is_good = freshness.allows(used.age);
        Box::pin(async move {
            if is_good && used.idle_for > IDLE {
                connection.ping().await?;
            }
            Ok(is_good)
        })
    })
}

async fn postgres(options: PgConnectOptions, freshness: &Freshness) -> Result<PgPool, sqlx::Error> {
    let options = options.application_name("banq-intermediary").options([
        // As above: committed means on disk, even if the server's default is less.
        ("synchronous_commit", "on"),
        // The statements are written for this level. A stricter default would make some transactions fail.
        ("default_transaction_isolation", "read committed"),
        // An instance that hangs must not block the others.
        ("statement_timeout", "10s"),
        ("idle_in_transaction_session_timeout", "10s"),
    ]);
    pool(CONNECTIONS, freshness).connect_with(options).await
}

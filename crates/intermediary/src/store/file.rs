//! The SQLite file while a server runs on it: that it is still the file at its path, and that one server runs on it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{Connection, SqliteConnection};
use tokio::{sync::Mutex, time::sleep};

use crate::{config::Database, store::Error};

/// How long a server waits for the one before it to end, so that a restart is not a race.
const PREDECESSOR: Duration = Duration::from_secs(3);

/// How often it looks.
const PREDECESSOR_PAUSE: Duration = Duration::from_millis(50);

/// The files of an open database, as they were when it was opened.
pub(super) struct DatabaseFile {
    path: PathBuf,
    /// The database, `-wal` and `-shm`, each with its device and inode.
    files: Vec<(PathBuf, Identity)>,
    /// Never used. While it is open, SQLite does not delete `-wal` and `-shm`, whatever becomes of the others.
    keeper: Mutex<Option<SqliteConnection>>,
}

type Identity = (u64, u64);

impl DatabaseFile {
    /// Remembers the files of the database at `path`, which `keeper` has open and has read.
    pub(super) fn new(path: &Path, keeper: SqliteConnection) -> io::Result<Self> {
        let path = path.canonicalize()?;
        let files = ["", "-wal", "-shm"].map(|end| {
            let mut name = path.clone().into_os_string();
            name.push(end);
            let name = PathBuf::from(name);
            identity(&name).map(|identity| (name, identity))
        });
        let files = files.into_iter().collect::<io::Result<_>>()?;
        Ok(Self { path, files, keeper: Mutex::new(Some(keeper)) })
    }

    /// Fails if a file was deleted or replaced: what is written since then is nowhere after a restart.
    pub(super) fn check(&self) -> Result<(), Error> {
        let is_same = |(name, known): &(PathBuf, Identity)| identity(name).is_ok_and(|found| found == *known);
        match self.files.iter().find(|file| !is_same(file)) {
            None => Ok(()),
            Some((name, _)) => Err(Error::Database(sqlx::Error::Io(io::Error::other(format!(
                "{} was deleted or replaced while the server runs on {}; nothing is taken until it is back: put that \
                 very file back, or restart the server on the file that is there now",
                name.display(),
                self.path.display()
            ))))),
        }
    }

    /// Closes the last connection.
    pub(super) async fn close(&self) {
        if let Some(keeper) = self.keeper.lock().await.take() {
            // It never changed anything: there is nothing to lose.
            drop(keeper.close().await);
        }
    }
}

fn identity(path: &Path) -> io::Result<Identity> {
    fs::metadata(path).map(|file| (file.dev(), file.ino()))
}

/// Says that a server runs on a SQLite file; the operating system takes it back with the process, however that ends.
pub(crate) struct ServerLock(Option<File>);

/// Why a server does not get it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Locked {
    /// Another server has it.
    #[error("another server runs on {}", .0.display())]
    Taken(PathBuf),
    /// The lock's file can't be made or locked.
    #[error("{}: {cause}", path.display())]
    Broken { path: PathBuf, cause: io::Error },
}

impl ServerLock {
    /// Waits a moment for a server that is stopping. PostgreSQL takes any number of servers.
    pub(crate) async fn take(database: &Database) -> Result<Self, Locked> {
        let Database::Sqlite(path) = database else { return Ok(Self(None)) };
        let broken = |cause| Locked::Broken { path: path.clone(), cause };
        let path = real_path(path).map_err(broken)?;
        // Beside it: SQLite's own locks are on the database, and closing another handle of it would free them.
        let mut lock = path.clone().into_os_string();
        lock.push(".lock");
        let lock = PathBuf::from(lock);
        let broken = |cause| Locked::Broken { path: lock.clone(), cause };
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&lock).map_err(broken)?;
        let mut waited = Duration::ZERO;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(Some(file))),
                Err(TryLockError::WouldBlock) if waited < PREDECESSOR => {
                    sleep(PREDECESSOR_PAUSE).await;
                    waited += PREDECESSOR_PAUSE;
                }
                Err(TryLockError::WouldBlock) => return Err(Locked::Taken(path)),
                Err(TryLockError::Error(cause)) => return Err(broken(cause)),
            }
        }
    }

    /// Gives it back before the process ends.
    pub(crate) fn release(&self) {
        if let Some(file) = &self.0
            && let Err(error) = file.unlock()
        {
            tracing::warn!(%error, "the lock of the database file could not be given back");
        }
    }
}

/// The one name of a file that need not exist yet, whatever links lead to it.
fn real_path(path: &Path) -> io::Result<PathBuf> {
    let folder_of = |path: &Path| match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        Some(_) | None => PathBuf::from("."),
    };
    let mut path = path.to_owned();
    // More links than the operating system follows are a circle, which the next step reports.
    for _ in 0..40 {
        let Ok(target) = path.read_link() else { break };
        path = folder_of(&path).join(target);
    }
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    Ok(folder_of(&path).canonicalize()?.join(name))
}

//! Guards SQLite's file while a server runs on it: the file must still be the one at its path, and only one server may
//! run on it.

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

/// How long a server waits for its predecessor to end, so that a restart does not depend on timing.
const PREDECESSOR: Duration = Duration::from_secs(3);

/// The pause between two attempts to get the lock.
const PREDECESSOR_PAUSE: Duration = Duration::from_millis(50);

/// The files of an open database, as they were when it was opened.
pub(super) struct DatabaseFile {
    path: PathBuf,
    /// The database, `-wal` and `-shm`, each with its device and inode.
    files: Vec<(PathBuf, Identity)>,
    /// A connection that is never used. While it is open, SQLite does not delete `-wal` and `-shm`, even if all other
    /// connections are closed.
    keeper: Mutex<Option<SqliteConnection>>,
}

type Identity = (u64, u64);

impl DatabaseFile {
    /// Records the identity of the files of the database at `path`, which `keeper` has open and has read.
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

    /// Fails if a file was deleted or replaced: after a restart, what was written since then would be lost.
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
            // This connection never changed anything, so nothing can be lost.
            drop(keeper.close().await);
        }
    }
}

fn identity(path: &Path) -> io::Result<Identity> {
    fs::metadata(path).map(|file| (file.dev(), file.ino()))
}

/// The lock that one server holds on a SQLite file. The operating system releases it when the process ends, even in a
/// crash.
pub(crate) struct ServerLock(Option<File>);

/// Why a server does not get the lock.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Locked {
    /// Another server holds the lock.
    #[error("another server runs on {}", .0.display())]
    Taken(PathBuf),
    /// The lock's file cannot be created or locked.
    #[error("{}: {cause}", path.display())]
    Broken { path: PathBuf, cause: io::Error },
}

impl ServerLock {
    /// Takes the lock; waits a moment for a server that is stopping. PostgreSQL needs no lock: any number of servers
    /// may run on it.
    pub(crate) async fn take(database: &Database) -> Result<Self, Locked> {
        let Database::Sqlite(path) = database else { return Ok(Self(None)) };
        let broken = |cause| Locked::Broken { path: path.clone(), cause };
        let path = real_path(path).map_err(broken)?;
        // The lock is a file beside the database. SQLite's own locks are on the database file, and closing another
        // handle of that file would free them.
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

    /// Releases the lock before the process ends.
    pub(crate) fn release(&self) {
        if let Some(file) = &self.0
            && let Err(error) = file.unlock()
        {
            tracing::warn!(%error, "the lock of the database file could not be given back");
        }
    }
}

/// Returns the one name of a file, with all symbolic links resolved. The file need not exist yet.
fn real_path(path: &Path) -> io::Result<PathBuf> {
    let folder_of = |path: &Path| match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        Some(_) | None => PathBuf::from("."),
    };
    let mut path = path.to_owned();
    // More links than the operating system follows form a circle, which the next step reports.
    for _ in 0..40 {
        let Ok(target) = path.read_link() else { break };
        path = folder_of(&path).join(target);
    }
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    Ok(folder_of(&path).canonicalize()?.join(name))
}

//! How each fault begins and ends.

use std::{fs, io::Write, os::unix::fs::PermissionsExt};

use banq_testkit::postgres::Cluster;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use tempfile::TempDir;
use tokio::process::Command;

use super::{preload::Preload, program::Program, room::Room};
use crate::app::{On, TestApp};

/// The errno of a read-only file system and of a device that fails.
const EROFS: i32 = 30;
const EIO: i32 = 5;

/// Twenty minutes, in seconds.
const CLOCK_OFF: i64 = 20 * 60;

/// What every write needs.
const TABLES: &str = "orders, checkouts, inbox, jobs, audit, notifications, dead_letters";

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The disk has no room, and has some again.
    DiskFull,
    /// The file system is read-only, and is not any more.
    ReadOnly,
    /// The device fails.
    IoError,
    /// Somebody else holds the lock.
    Locked,
    /// The database is killed; SQLite's is the server itself.
    Killed,
    /// PostgreSQL is a read-only standby; SQLite's file is moved away and back.
    FailedOver,
    /// No further connection to PostgreSQL is possible; for SQLite's server, no further file or socket.
    UsedUp,
    /// The server's clock is ahead.
    ClockAhead,
    /// The server's clock is behind.
    ClockBehind,
}

impl Fault {
    /// Whether the server cannot work then.
    pub(super) fn stops_the_work(self) -> bool {
        match self {
            Self::DiskFull | Self::ReadOnly | Self::IoError | Self::Locked => true,
            Self::Killed | Self::FailedOver | Self::UsedUp => true,
            Self::ClockAhead | Self::ClockBehind => false,
        }
    }

    fn needs_preload(self) -> bool {
        matches!(self, Self::ReadOnly | Self::IoError | Self::ClockAhead | Self::ClockBehind)
    }

    fn is_of_the_clock(self) -> bool {
        matches!(self, Self::ClockAhead | Self::ClockBehind)
    }
}

/// A database on which one fault can happen.
pub(super) struct Ground {
    fault: Fault,
    on: On,
    /// What is locked or used up, until the fault ends.
    held: Held,
    cluster: Option<Cluster>,
    room: Option<Room>,
    preload: Option<Preload>,
    pub(super) database: String,
    folder: TempDir,
}

#[derive(Default)]
struct Held {
    sqlite: Option<SqliteConnection>,
    postgres: Vec<PgConnection>,
}

impl Ground {
    /// `None`, with a sentence why, where this machine cannot do it.
    pub(super) async fn new(fault: Fault, on: On) -> Option<Self> {
        let folder = folder(on);
        // PostgreSQL runs as another user.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let preload = if fault.needs_preload() {
            Some(Preload::build(folder.path()).or_else(|| skip(fault, on, "there is no C compiler"))?)
        } else {
            None
        };
        let room = if fault == Fault::DiskFull {
            let megabytes = if on == On::Sqlite { 16 } else { 160 };
            let room = Room::mount(folder.path().join("disk"), megabytes);
            Some(room.or_else(|| skip(fault, on, "nothing can be mounted"))?)
        } else {
            None
        };
        let files = match &room {
            Some(room) => room.path().to_owned(),
            None => {
                let files = folder.path().join("files");
                fs::create_dir(&files).unwrap();
                fs::set_permissions(&files, fs::Permissions::from_mode(0o1777)).unwrap();
                files
            }
        };
        let mut cluster = None;
        let database = match on {
            On::Sqlite => format!("sqlite://{}", files.join("test.sqlite").display()),
            On::Postgres => {
                let environment = match &preload {
                    Some(preload) if !fault.is_of_the_clock() => preload.environment(&files),
                    Some(_) | None => Vec::new(),
                };
                let started = Cluster::start_in(&files, environment);
                let database = started.database().await;
                cluster = Some(started);
                database
            }
        };
        Some(Self { fault, on, held: Held::default(), cluster, room, preload, database, folder })
    }

    /// A server on it.
    pub(super) fn program(&self, app: &TestApp) -> Program {
        let environment = match &self.preload {
            Some(preload) if self.on == On::Sqlite || self.fault.is_of_the_clock() => {
                preload.environment(&self.folder.path().join("files"))
            }
            Some(_) | None => Vec::new(),
        };
        Program::start(app, environment, self.folder.path().join("log"))
    }

    pub(super) async fn begin(&mut self, program: &mut Program) {
        match (self.fault, self.on) {
            (Fault::DiskFull, On::Sqlite) => self.room().fill(),
            (Fault::DiskFull, On::Postgres) => {
                // The segments that it has made in advance would last for a while.
                let mut admin = self.admin().await;
                self.room().fill();
                drop(admin.execute("SELECT pg_switch_wal()").await);
            }
            (Fault::ReadOnly, _) => self.preload().fail(EROFS),
            (Fault::IoError, _) => self.preload().fail(EIO),
            (Fault::Locked, On::Sqlite) => {
                let mut holder = SqliteConnection::connect(&self.database).await.unwrap();
                holder.execute("PRAGMA busy_timeout = 10000").await.unwrap();
                holder.execute("BEGIN EXCLUSIVE").await.unwrap();
                self.held.sqlite = Some(holder);
            }
            (Fault::Locked, On::Postgres) => {
                let mut holder = PgConnection::connect(&self.database).await.unwrap();
                holder.execute("BEGIN").await.unwrap();
                let lock = format!("LOCK TABLE {TABLES} IN ACCESS EXCLUSIVE MODE");
                // Others take these locks in another order, and one of two that wait for each other has to give up.
                while holder.execute(AssertSqlSafe(&*lock)).await.is_err() {
                    holder.execute("ROLLBACK").await.unwrap();
                    holder.execute("BEGIN").await.unwrap();
                }
                self.held.postgres.push(holder);
            }
            (Fault::Killed, On::Sqlite) => program.kill().await,
            (Fault::Killed, On::Postgres) => self.cluster().kill(),
            (Fault::FailedOver, On::Sqlite) => self.move_files("", ".away"),
            (Fault::FailedOver, On::Postgres) => self.set_read_only("on").await,
            (Fault::UsedUp, On::Sqlite) => limit_files(program, "3").await,
            (Fault::UsedUp, On::Postgres) => {
                let mut hogs = vec![self.admin().await];
                let ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'test_0'";
                // Until there is no place for the server's own connections any more.
                loop {
                    match PgConnection::connect(&self.postgres()).await {
                        Ok(hog) => hogs.push(hog),
                        Err(_) => {
                            let ends = AssertSqlSafe(ends.replace("test_0", &self.name()));
                            if hogs[0].fetch_all(ends).await.unwrap().is_empty() {
                                break;
                            }
                        }
                    }
                }
                self.held.postgres = hogs;
            }
            (Fault::ClockAhead, _) => self.preload().set_clock(CLOCK_OFF),
            (Fault::ClockBehind, _) => self.preload().set_clock(-CLOCK_OFF),
        }
    }

    pub(super) async fn end(&mut self, program: &mut Program) {
        match (self.fault, self.on) {
            (Fault::DiskFull, On::Sqlite) => self.room().empty(),
            (Fault::DiskFull, On::Postgres) => {
                self.room().empty();
                self.cluster().revive();
            }
            (Fault::ReadOnly | Fault::IoError, On::Sqlite) => self.preload().fail(0),
            (Fault::ReadOnly | Fault::IoError, On::Postgres) => {
                self.preload().fail(0);
                self.cluster().revive();
            }
            (Fault::Killed, On::Sqlite) => program.start_again(),
            (Fault::Killed, On::Postgres) => self.cluster().restart(),
            (Fault::FailedOver, On::Sqlite) => self.move_files(".away", ""),
            (Fault::FailedOver, On::Postgres) => self.set_read_only("off").await,
            (Fault::UsedUp, On::Sqlite) => limit_files(program, "1024").await,
            (Fault::Locked, _) | (Fault::UsedUp, On::Postgres) => {
                let held = std::mem::take(&mut self.held);
                if let Some(holder) = held.sqlite {
                    holder.close().await.unwrap();
                }
                for holder in held.postgres {
                    holder.close().await.unwrap();
                }
            }
            (Fault::ClockAhead | Fault::ClockBehind, _) => self.preload().set_clock(0),
        }
    }

    fn room(&self) -> &Room {
        self.room.as_ref().unwrap()
    }

    fn preload(&self) -> &Preload {
        self.preload.as_ref().unwrap()
    }

    fn cluster(&mut self) -> &mut Cluster {
        self.cluster.as_mut().unwrap()
    }

    fn name(&self) -> String {
        self.database.rsplit_once('/').unwrap().1.to_owned()
    }

    /// The cluster's own database.
    fn postgres(&self) -> String {
        format!("{}/postgres", self.database.rsplit_once('/').unwrap().0)
    }

    async fn admin(&self) -> PgConnection {
        PgConnection::connect(&self.postgres()).await.unwrap()
    }

    async fn set_read_only(&self, value: &str) {
        let mut admin = self.admin().await;
        let set = format!("ALTER SYSTEM SET default_transaction_read_only = {value}");
        admin.execute(AssertSqlSafe(set)).await.unwrap();
        admin.execute("SELECT pg_reload_conf()").await.unwrap();
    }

    fn move_files(&self, from: &str, to: &str) {
        let path = self.database.strip_prefix("sqlite://").unwrap();
        for end in ["", "-wal", "-shm"] {
            fs::rename(format!("{path}{end}{from}"), format!("{path}{end}{to}")).unwrap();
        }
    }
}

/// SQLite's in memory where that is possible: what others write to the disk at the same time is no fault of a cell's.
fn folder(on: On) -> TempDir {
    let memory = (on == On::Sqlite).then(|| tempfile::tempdir_in("/dev/shm").ok()).flatten();
    memory.unwrap_or_else(|| tempfile::tempdir().unwrap())
}

/// Changes how many files and sockets the server may have open.
async fn limit_files(program: &Program, soft: &str) {
    let mut limit = Command::new("prlimit");
    limit.args(["--pid", &program.id().to_string(), &format!("--nofile={soft}:")]);
    assert!(limit.status().await.unwrap().success());
}

fn skip<T>(fault: Fault, on: On, reason: &str) -> Option<T> {
    // Past the test harness, which would keep it to itself.
    let said = format!("skipped: {fault:?} on {on:?}, because {reason}\n");
    std::io::stderr().write_all(said.as_bytes()).unwrap();
    None
}

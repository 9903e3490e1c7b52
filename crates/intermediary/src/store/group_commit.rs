//! Lets the operations of SQLite's one writer share commits.
//!
//! A commit waits for the disk, so a commit for each operation would limit a busy server to the speed of its disk. Here
//! the operations run one after the other in one transaction, and each waits for its commit. The commit queues behind
//! the operations that are already waiting, so these join it, and later ones are the next group. A server that is not
//! busy commits each operation at once. An operation of several statements that joins others is a savepoint, whose pages
//! SQLite copies first; the first of a group needs none.
//!
//! An operation that fails is rolled back alone. An error that may have ended the transaction (a full disk, a disk that
//! fails) fails the whole group: nothing of it was committed, and no member was told otherwise.

use std::sync::Arc;

use tokio::{
    sync::{Mutex, OwnedMutexGuard, oneshot},
    time::timeout,
};

use super::{
    connection::{Lent, Pooled, State},
    file::DatabaseFile,
    freshness::Freshness,
    sqlite::{ACQUIRE_TIMEOUT, SqlitePool},
    statement::{Query, Row, sql},
};
use crate::store::Error;

/// SQLite's one writer. Cloning is cheap.
#[derive(Clone)]
pub(super) struct Writer {
    /// One connection, because SQLite has one writer at a time. Several connections would try again and again, with
    /// growing pauses, and the last to come could win. With one connection they queue.
    pool: SqlitePool,
    freshness: Freshness,
    /// SQLite's file, if a server watches it.
    file: Option<Arc<DatabaseFile>>,
    /// The queue of operations and commits, in the order in which they came.
    group: Arc<Mutex<Option<Group>>>,
}

/// The open transaction, and the operations that wait for its commit.
struct Group {
    lent: Lent,
    members: Vec<oneshot::Sender<Result<(), Error>>>,
}

/// How an operation undoes its changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Undo {
    /// By rolling back the transaction, which contains nothing else yet.
    Transaction,
    /// By rolling back to its savepoint.
    Savepoint,
    /// It is a single statement, which SQLite undoes by itself if it fails.
    Statement,
}

/// One operation while it runs: no other runs at the same time. Dropping it undoes its changes.
pub(super) struct Operation {
    writer: Writer,
    /// `None` only after the end.
    group: Option<OwnedMutexGuard<Option<Group>>>,
    undo: Undo,
    /// Whether it was dropped before its end, and its changes are being undone.
    is_dropped: bool,
}

impl Writer {
    pub(super) fn new(pool: SqlitePool, freshness: Freshness, file: Option<Arc<DatabaseFile>>) -> Self {
        Self { pool, freshness, file, group: Arc::default() }
    }

    /// Waits for its turn, and begins an operation of any number of statements.
    pub(super) async fn begin(&self) -> Result<Operation, Error> {
        self.begin_operation(false).await
    }

    /// Waits for its turn, and begins an operation of a single statement.
    pub(super) async fn begin_statement(&self) -> Result<Operation, Error> {
        self.begin_operation(true).await
    }

    async fn begin_operation(&self, is_single: bool) -> Result<Operation, Error> {
        let turn = timeout(ACQUIRE_TIMEOUT, self.group.clone().lock_owned());
        let mut group = turn.await.map_err(|_| sqlx::Error::PoolTimedOut)?;
        let is_first = group.is_none();
        if is_first {
            // A new connection would open another file, if there is one at the path now.
            self.file.as_ref().map_or(Ok(()), |file| file.check())?;
            let pooled = Pooled::Sqlite(self.pool.acquire().await?);
            let mut lent = Lent::new(pooled, self.freshness.clone(), self.file.clone());
            lent.begin().await?;
            *group = Some(Group { lent, members: Vec::new() });
        }
        let undo = match (is_single, is_first) {
            (true, _) => Undo::Statement,
            (false, true) => Undo::Transaction,
            (false, false) => Undo::Savepoint,
        };
        let mut operation = Operation { writer: self.clone(), group: Some(group), undo, is_dropped: false };
        if undo == Undo::Savepoint {
            operation.execute(sql("SAVEPOINT operation")).await?;
        }
        Ok(operation)
    }

    /// Commits the open group.
    async fn commit(&self) {
        let mut group = self.group.lock().await;
        let Some(Group { lent, members }) = group.take() else { return };
        answer(members, lent.commit().await);
    }

    /// Commits what is open, and closes the connection.
    pub(super) async fn close(&self) {
        self.commit().await;
        self.pool.close().await;
    }
}

impl Operation {
    /// Runs a statement and returns how many rows it changed.
    pub(super) async fn execute(&mut self, query: Query) -> Result<u64, Error> {
        self.lent()?.execute(query).await
    }

    /// Runs a statement and returns its rows.
    pub(super) async fn fetch(&mut self, query: Query) -> Result<Vec<Row>, Error> {
        self.lent()?.fetch(query).await
    }

    /// Ends the operation, and waits until its changes are committed.
    pub(super) async fn commit(mut self) -> Result<(), Error> {
        let lent = self.lent()?;
        if lent.state() != State::Open {
            return Err(sqlx::Error::Protocol("a statement of the transaction failed".to_owned()).into());
        }
        if self.undo == Undo::Savepoint {
            self.execute(sql("RELEASE operation")).await?;
        }
        let (tell, committed) = oneshot::channel();
        self.leave(tell);
        // The task that commits always answers, unless the server is ending.
        committed.await.map_err(|_| sqlx::Error::WorkerCrashed)?
    }

    /// Undoes the changes, and waits for that.
    pub(super) async fn roll_back(mut self) {
        self.undo().await;
    }

    /// Undoes the changes. If that fails, or if the transaction may have ended, the whole group has failed.
    async fn undo(&mut self) {
        let Some(Some(group)) = self.group.as_deref_mut() else { return };
        let is_undone = match (group.lent.state(), self.undo) {
            (State::Unknown | State::Idle, _) => false,
            (State::Open | State::Failed, Undo::Transaction) => return self.roll_back_transaction().await,
            // SQLite has undone it, or it was not run.
            (State::Open | State::Failed, Undo::Statement) => true,
            (State::Open | State::Failed, Undo::Savepoint) => {
                let back = group.lent.execute(sql("ROLLBACK TO operation")).await;
                back.is_ok() && group.lent.execute(sql("RELEASE operation")).await.is_ok()
            }
        };
        if is_undone {
            group.lent.reopen();
            // The operation has ended already, so the result of the commit is not received.
            let (unheard, _) = oneshot::channel();
            self.leave(unheard);
        } else {
            self.fail();
        }
    }

    /// Rolls the whole transaction back. The next operation waits until that is done.
    async fn roll_back_transaction(&mut self) {
        let Some(mut guard) = self.group.take() else { return };
        if let Some(Group { lent, members }) = guard.take() {
            debug_assert!(members.is_empty(), "it is the first of its group");
            lent.roll_back().await;
        }
    }

    /// Gives the whole group up. Its connection is closed, which rolls back.
    fn fail(&mut self) {
        if let Some(Some(Group { lent, members })) = self.group.take().map(|mut group| group.take()) {
            lent.close();
            answer(members, Err(sqlx::Error::WorkerCrashed.into()));
        }
    }

    /// Lets the next in the queue go on. The first to leave a group has it committed.
    fn leave(&mut self, tell: oneshot::Sender<Result<(), Error>>) {
        let Some(mut guard) = self.group.take() else { return };
        let Some(group) = guard.as_mut() else { return };
        group.members.push(tell);
        if group.members.len() == 1 {
            let writer = self.writer.clone();
            tokio::spawn(async move { writer.commit().await });
        }
    }

    fn lent(&mut self) -> Result<&mut Lent, Error> {
        let group = self.group.as_deref_mut().and_then(Option::as_mut);
        Ok(&mut group.ok_or(sqlx::Error::PoolClosed)?.lent)
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        if self.is_dropped {
            // The server is ending.
            self.fail();
        } else if let Some(group) = self.group.take().filter(|group| group.is_some()) {
            let writer = self.writer.clone();
            let mut rest = Self { writer, group: Some(group), undo: self.undo, is_dropped: true };
            tokio::spawn(async move { rest.undo().await });
        }
    }
}

/// Tells all members how the commit went.
fn answer(members: Vec<oneshot::Sender<Result<(), Error>>>, result: Result<(), Error>) {
    let result = result.map_err(Arc::new);
    for member in members {
        // A member that was canceled does not listen any more.
        let _ = member.send(result.clone().map_err(Error::Commit));
    }
}

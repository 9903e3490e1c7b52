//! Everything durable, and all SQL. The rest of the server knows no database.
//!
//! - [`db`]: the seam to SQLite (one instance) and PostgreSQL (several), one set of SQL for both; [`query`]: a
//!   statement and its rows
//! - [`connection`]: a pooled connection, which goes back only in a known state
//! - [`file`](mod@file): SQLite's file, and that one server runs on it
//! - [`open`](mod@open): as a server, which makes and changes tables, or as a visitor, who does not
//! - [`decode`]: reads a checkout from its row
//! - [`orders`]: what an order costs; [`withdrawal`], [`withdrawn`]: those that the shop took back
//! - [`begin`]: one open checkout per order; the row before the request
//! - [`links`]: what the provider answered; [`link_key`]: what link tokens are made with; [`link_end`]: a link that
//!   lives longer
//! - [`inbox`]: webhooks, from arrival to outcome; [`dead_letters`]: those that were given up
//! - [`apply`]: the one way by which a status changes; [`checkouts`]: the statement that does it
//! - [`outbox`]: what the shop is to be told of it; [`notification`]: how far that has come
//! - [`audit`]: every change and its cause
//! - [`jobs`]: what there is to do, when, and who does it
//! - [`recovery`]: jobs after a start, a failure, or a clock that was wrong
//! - [`changes`]: what other instances changed
//! - [`probe`]: a write that proves that writing works
//! - [`queries`]: what a person may want to see; [`alerts`]: what a person has to; [`replay`]: many at once
//! - [`deployment`]: the servers on this database
//! - [`retention`]: what is deleted when it is old, and what never is

mod alerts;
mod apply;
mod audit;
mod begin;
mod changes;
mod checkouts;
mod connection;
mod db;
mod dead_letters;
mod decode;
mod deployment;
mod error;
mod file;
mod inbox;
mod jobs;
mod link_end;
mod link_key;
mod links;
mod notification;
mod open;
mod orders;
mod outbox;
mod probe;
mod queries;
mod query;
mod recovery;
mod replay;
mod retention;
mod withdrawal;
mod withdrawn;

use std::sync::Arc;

use self::db::{Db, Pools};
pub use self::notification::NotificationState;
pub(crate) use self::{
    alerts::{Alert, Alerts, GivenUpJob},
    apply::{Applied, Change, Changed},
    audit::{AuditLine, Trigger},
    begin::{Begin, LinkTimeouts},
    changes::{ChangeListener, ChangeNotification},
    dead_letters::DeadLetter,
    error::{Error, OrderRefusal},
    file::{Locked, ServerLock},
    inbox::{Outcome, PendingWebhook, Received},
    jobs::{Claim, Job, JobResult, Queue},
    notification::Notification,
    open::{AccessMode, OpenError},
    orders::{PriceSource, Registered},
    outbox::Notify,
    probe::scratch,
    queries::Backlog,
    replay::{Cursor, Replayed},
    retention::{OrderCursor, Pruned},
    withdrawal::Withdrawn,
    withdrawn::Seller,
};
use crate::{
    config::Database,
    domain::checkout::{Checkout, CheckoutId, Terms},
};

/// The store. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Store {
    db: Db,
    /// The name under which this instance claims jobs: new with every start, so that a new process is never
    /// taken for the dead one before it.
    instance: Arc<str>,
    telling: Notify,
}

impl Store {
    /// Opens the database, and brings it to this version's shape. `telling` says whether changes are noted
    /// for the shop.
    pub(crate) async fn open(database: &Database, telling: Notify) -> Result<Self, sqlx::Error> {
        Ok(Self::of(Db::open(database).await?, telling))
    }

    /// Opens the database as it is, for a person who looks at it or leaves a wish: nothing is made, and no
    /// table is changed.
    pub(crate) async fn visit(database: &Database, visit: AccessMode) -> Result<Self, OpenError> {
        Ok(Self::of(Db::visit(database, visit).await?, Notify::None))
    }

    fn of(db: Db, telling: Notify) -> Self {
        Self { db, instance: uuid::Uuid::new_v4().to_string().into(), telling }
    }

    /// Writes what is left to write and closes.
    pub(crate) async fn close(&self) {
        self.db.close().await;
    }

    /// Whether the database has this one instance.
    fn is_alone(&self) -> bool {
        match self.db.pools {
            Pools::Sqlite { .. } => true,
            Pools::Postgres(_) => false,
        }
    }
}

#[cfg(test)]
mod tests;

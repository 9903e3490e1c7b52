//! Holds all durable state and all SQL. The rest of the server does not know which database it uses.
//!
//! - [`db`]: one set of SQL for SQLite (one instance) and PostgreSQL (several); [`statement`]: a statement and its rows
//! - [`connection`]: a pooled connection, which is returned only in a known state; [`freshness`]: which are still good
//! - [`sqlite`]: connections to a SQLite file, and their pool
//! - [`group_commit`]: operations of SQLite's one writer share commits
//! - [`file`](mod@file): checks that SQLite's file is still in place, and that only one server runs on it
//! - [`open`](mod@open): opens the database for a server, which may change tables, or for a command, which may not
//! - [`migrations`]: the changes of the schema that the program contains
//! - [`decode`]: reads a checkout from its row
//! - [`orders`]: the price of an order; [`withdrawal`], [`withdrawal_check`]: orders that the shop took back
//! - [`begin`]: begins a checkout: at most one open one per order, and its row is written before the request is sent
//! - [`links`]: records the provider's answer; [`link_key`]: the key of link tokens; [`link_end`]: extends a link's
//!   life
//! - [`inbox`]: webhooks, from arrival to outcome; [`dead_letters`]: webhooks that were given up
//! - [`apply`]: the only way to change a status; [`checkouts`]: the statement that does it
//! - [`outbox`]: writes notifications for the shop, each about an [`event`]; [`notification`]: their delivery
//! - [`agreement`]: whether a shopper agreed to payments that repeat
//! - [`audit`]: every change and its cause
//! - [`jobs`]: jobs, when they are due, and which instance works on them
//! - [`recovery`]: repairs jobs after a start, a failure, or a wrong clock
//! - [`changes`]: learns what other instances changed; [`nats`]: wakes them
//! - [`probe`]: writes a row to prove that writing works
//! - [`operator`]: lists for an operator; [`alerts`]: conditions that need a person; [`replay`]: replays in batches
//! - [`deployment`]: the servers that use this database
//! - [`retention`]: deletes old rows

mod agreement;
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
mod event;
mod file;
mod freshness;
mod group_commit;
mod inbox;
mod job;
mod jobs;
mod link_end;
mod link_key;
mod links;
mod migrations;
mod nats;
mod notification;
mod notification_body;
mod open;
mod operator;
mod orders;
mod outbox;
mod postgres;
mod probe;
mod recovery;
mod replay;
mod retention;
mod sqlite;
mod statement;
mod withdrawal;
mod withdrawal_check;

use std::sync::Arc;

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
    job::{Claim, Job, JobResult, Queue},
    nats::{NatsError, check as check_nats},
    notification::Notification,
    open::{AccessMode, OpenError},
    operator::Backlog,
    orders::{PriceSource, Registered},
    outbox::Notify,
    probe::scratch,
    replay::{Cursor, Replayed},
    retention::{OrderCursor, Pruned},
    withdrawal::Withdrawn,
    withdrawal_check::Seller,
};
use self::{
    db::{Db, Pools},
    nats::Nats,
};
use crate::{
    config::{Database, NatsConfig},
    domain::checkout::{Checkout, CheckoutId, Terms},
};

/// The store. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Store {
    db: Db,
    /// The name under which this instance claims jobs. Every start makes a new one, so that a new process is never
    /// taken for the dead one before it.
    instance: Arc<str>,
    telling: Notify,
}

impl Store {
    /// Opens the database, and migrates it to this version's schema. `telling` says whether changes are reported to the
    /// shop.
    pub(crate) async fn open(database: &Database, telling: Notify) -> Result<Self, sqlx::Error> {
        Ok(Self::of(Db::open(database).await?, telling))
    }

    /// Opens the database for an operator's command. Creates nothing, and changes no table.
    pub(crate) async fn visit(database: &Database, visit: AccessMode) -> Result<Self, OpenError> {
        Ok(Self::of(Db::visit(database, visit).await?, Notify::None))
    }

    fn of(db: Db, telling: Notify) -> Self {
        Self { db, instance: uuid::Uuid::new_v4().to_string().into(), telling }
    }

    /// Wakes the other instances by NATS from now on, whenever it can be reached.
    ///
    /// # Errors
    /// The address cannot be used.
    pub(crate) async fn with_nats(mut self, config: &NatsConfig) -> Result<Self, NatsError> {
        self.db.nats = Some(Arc::new(Nats::connect(config).await?));
        Ok(self)
    }

    /// Returns whether NATS wakes the other instances at present; `None` if it never does.
    pub(crate) fn is_nats_usable(&self) -> Option<bool> {
        self.db.nats.as_ref().map(|nats| nats.is_usable())
    }

    /// Writes what is still pending, and closes.
    pub(crate) async fn close(&self) {
        self.db.close().await;
    }

    /// Returns whether the database has only this one instance.
    fn is_alone(&self) -> bool {
        match self.db.pools {
            Pools::Sqlite { .. } => true,
            Pools::Postgres(_) => false,
        }
    }
}

#[cfg(test)]
mod tests;

//! What a person can see and do, beside a running server or without one: checkouts with their history, dead
//! letters, notifications. Replays are wishes in the database; a running server does them within seconds.

use serde::Serialize;

use crate::{
    clock,
    config::{Config, ConfigError},
    error::Error,
    store::{self, CheckoutId, NotificationState, Store, Unfit, Visit},
};

/// Why an operator's command failed.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// The configuration has mistakes.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database is not there, has another version's shape, cannot be opened, or failed; with the fix.
    #[error("the database of BANQ_DATABASE_URL: {0}")]
    Database(String),
    /// There is nothing by this name.
    #[error("there is no {what} {name}")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// Its name.
        name: String,
    },
}

impl From<Error> for OperatorError {
    fn from(error: Error) -> Self {
        Self::Database(error.to_string())
    }
}

impl From<Unfit> for OperatorError {
    fn from(unfit: Unfit) -> Self {
        Self::Database(format!("{unfit}: {}", unfit.fix()))
    }
}

/// A checkout. Times are RFC 3339, money is a decimal string.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the words say it, and banq-checkout-wire explains them")]
pub struct CheckoutDetails {
    pub checkout_id: String,
    pub order_id: String,
    pub status: String,
    pub fail_reason: Option<String>,
    pub funds: String,
    pub currency: String,
    pub comment: String,
    /// The provider's payment, with the provider's name in front; none until its answer is recorded.
    pub payment_id: Option<String>,
    pub version: u32,
    pub created_at: String,
    pub updated_at: String,
    pub expires_at: String,
}

/// One line of a checkout's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// RFC 3339.
    pub at: String,
    /// `begun`, `link`, `renewed` (the provider refused) or `status`.
    pub change: String,
    /// The status after it.
    pub status: String,
    /// Why, where the provider gave a reason.
    pub fail_reason: Option<String>,
    /// The checkout's version after it.
    pub version: u32,
    /// `webhook`, `sweep`, `request` or `operator`.
    pub cause: String,
    /// The webhook's or the request's id.
    pub cause_id: Option<String>,
}

/// A webhook that was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// What [`Operator::replay_dead_letter`] takes.
    pub number: i64,
    /// The webhook's own id.
    pub webhook_id: String,
    /// The provider's words for what happened.
    pub kind: String,
    /// The payment it is about, if that is known.
    pub payment_id: Option<String>,
    /// The transaction it is about, if it is about one.
    pub transaction_id: Option<String>,
    /// RFC 3339.
    pub received_at: String,
    /// RFC 3339.
    pub died_at: String,
    /// How often it was tried.
    pub attempts: u32,
    /// What went wrong the last time.
    pub error: String,
    /// RFC 3339; none while it waits for somebody.
    pub replayed_at: Option<String>,
}

/// What the shop was told, or is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// The header `webhook-id`, and what [`Operator::replay_notification`] takes.
    pub id: String,
    /// The order.
    pub order_id: String,
    /// The checkout whose change it tells.
    pub checkout_id: String,
    /// `order.paid`, `order.paid_other_amount`, `order.paid_again` or `order.reversed`.
    pub event: String,
    /// `waiting`, `delivered` or `dead`: a [`NotificationState`].
    pub state: String,
    /// How often it failed.
    pub attempts: u32,
    /// What went wrong the last time.
    pub last_error: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// When it was delivered or given up, RFC 3339.
    pub settled_at: Option<String>,
    /// The bytes that are signed and sent.
    pub body: String,
}

/// How much is waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Backlog {
    /// Webhooks that are on disk and not worked on yet.
    pub webhooks: u64,
    /// Dead letters that nobody has replayed.
    pub dead_letters: u64,
    /// Notifications on their way to the shop.
    pub notifications: u64,
    /// Notifications that were given up.
    pub dead_notifications: u64,
}

/// The database, opened for a person.
pub struct Operator {
    store: Store,
}

impl Operator {
    /// Opens the configured database and nothing else: no socket, no worker. It is taken as it is: only a
    /// server makes it, and changes its tables.
    ///
    /// # Errors
    /// A configuration with mistakes; a database that is not there, has another version's shape, or cannot be
    /// opened.
    pub async fn open(config: &Config) -> Result<Self, OperatorError> {
        Self::visit(config, Visit::Write).await
    }

    /// The same to look only: what would change anything fails.
    ///
    /// # Errors
    /// As for [`Operator::open`].
    pub async fn open_to_read(config: &Config) -> Result<Self, OperatorError> {
        Self::visit(config, Visit::Read).await
    }

    async fn visit(config: &Config, visit: Visit) -> Result<Self, OperatorError> {
        config.check()?;
        Ok(Self { store: Store::visit(&config.database, visit).await? })
    }

    /// The newest checkouts, of one order or of all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn checkouts(
        &self,
        order_id: Option<&str>,
        limit: u32,
    ) -> Result<Vec<CheckoutDetails>, OperatorError> {
        Ok(self.store.checkouts(order_id, limit).await?.iter().map(details).collect())
    }

    /// One checkout and its history, oldest line first.
    ///
    /// # Errors
    /// When there is none, or the database fails.
    pub async fn checkout(&self, id: &str) -> Result<(CheckoutDetails, Vec<AuditEntry>), OperatorError> {
        let checkout = self.find(id).await?;
        let history = self.store.audit(&checkout.id).await?.into_iter().map(entry).collect();
        Ok((details(&checkout), history))
    }

    /// Has the provider asked about a checkout now.
    ///
    /// # Errors
    /// When there is none, or the database fails.
    pub async fn look_again(&self, id: &str) -> Result<(), OperatorError> {
        let checkout = self.find(id).await?;
        Ok(self.store.look_again(&checkout).await?)
    }

    /// The newest dead letters.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dead_letters(&self, limit: u32) -> Result<Vec<DeadLetter>, OperatorError> {
        Ok(self.store.dead_letters(limit).await?.into_iter().map(letter).collect())
    }

    /// Has a dead letter's webhook worked on again.
    ///
    /// # Errors
    /// When there is none by this number that waits, or the database fails.
    pub async fn replay_dead_letter(&self, number: i64) -> Result<(), OperatorError> {
        let found = self.store.replay_dead_letter(number).await?;
        found.then_some(()).ok_or_else(|| missing("waiting dead letter", &number.to_string()))
    }

    /// The newest notifications, in one state or in all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn notifications(
        &self,
        state: Option<NotificationState>,
        limit: u32,
    ) -> Result<Vec<Notification>, OperatorError> {
        Ok(self.store.notifications(state, limit).await?.into_iter().map(notification).collect())
    }

    /// Has the shop told again, under the same id.
    ///
    /// # Errors
    /// When there is no such notification, or the database fails.
    pub async fn replay_notification(&self, id: &str) -> Result<(), OperatorError> {
        let found = self.store.replay_notification(id).await?;
        found.then_some(()).ok_or_else(|| missing("notification", id))
    }

    /// How much is waiting.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn backlog(&self) -> Result<Backlog, OperatorError> {
        let store::Backlog { webhooks, dead_letters, notifications, dead_notifications } =
            self.store.backlog().await?;
        Ok(Backlog { webhooks, dead_letters, notifications, dead_notifications })
    }

    /// Closes the database.
    pub async fn close(self) {
        self.store.close().await;
    }

    async fn find(&self, id: &str) -> Result<store::Checkout, OperatorError> {
        let parsed = CheckoutId::parse(id).map_err(|_| missing("checkout", id))?;
        self.store.checkout(&parsed).await?.ok_or_else(|| missing("checkout", id))
    }
}

fn missing(what: &'static str, name: &str) -> OperatorError {
    OperatorError::NotFound { what, name: name.to_owned() }
}

fn details(checkout: &store::Checkout) -> CheckoutDetails {
    CheckoutDetails {
        checkout_id: checkout.id.to_string(),
        order_id: checkout.order_id.clone(),
        status: checkout.standing.status.as_str().to_owned(),
        fail_reason: checkout.standing.reason.map(|reason| reason.as_str().to_owned()),
        funds: checkout.terms.funds.to_string(),
        currency: checkout.terms.currency.clone(),
        comment: checkout.terms.comment.clone(),
        payment_id: checkout.payment_id.as_ref().map(ToString::to_string),
        version: checkout.version,
        created_at: clock::rfc3339(checkout.created_at),
        updated_at: clock::rfc3339(checkout.updated_at),
        expires_at: clock::rfc3339(checkout.expires_at),
    }
}

fn entry(line: store::AuditLine) -> AuditEntry {
    AuditEntry {
        at: clock::rfc3339(line.at),
        change: line.change,
        status: line.status,
        fail_reason: line.fail_reason,
        version: line.version,
        cause: line.cause,
        cause_id: line.cause_id,
    }
}

fn letter(letter: store::DeadLetter) -> DeadLetter {
    DeadLetter {
        number: letter.seq,
        webhook_id: letter.webhook_id,
        kind: letter.kind,
        payment_id: letter.payment_id,
        transaction_id: letter.transaction_id,
        received_at: clock::rfc3339(letter.received_at),
        died_at: clock::rfc3339(letter.died_at),
        attempts: letter.attempts,
        error: letter.error,
        replayed_at: letter.replayed_at.map(clock::rfc3339),
    }
}

fn notification(notification: store::Notification) -> Notification {
    Notification {
        id: notification.id,
        order_id: notification.order_id,
        checkout_id: notification.checkout_id,
        event: notification.event,
        state: notification.state.as_str().to_owned(),
        attempts: notification.attempts,
        last_error: notification.last_error,
        created_at: clock::rfc3339(notification.created_at),
        settled_at: notification.settled_at.map(clock::rfc3339),
        body: notification.body,
    }
}

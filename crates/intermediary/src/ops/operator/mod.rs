//! An operator's view and actions, with or without a running server: checkouts with their history, dead letters,
//! notifications. A replay only marks the row as due; a running server processes it within seconds.

mod bulk;
mod records;

pub use self::records::{AuditEntry, Backlog, CheckoutDetails, DeadLetter, GivenUpJob, Notification};
use crate::{
    config::{Config, ConfigError, Database, DatabaseSettings},
    domain::checkout::{Checkout, CheckoutId},
    health::deployment,
    store::Error,
    store::{AccessMode, NotificationState, OpenError, Store},
};

/// The failure of an operator's command.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// The configuration is invalid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database is missing, has another version, cannot be opened, or failed; with the fix.
    #[error("the database of BANQ_DATABASE_URL: {0}")]
    Database(String),
    /// A running server would continue to notify the shop.
    #[error(
        "a server with BANQ_FULFILMENT_URL runs: unset it at every server, start them again, and repeat this"
    )]
    StillTold,
    /// Nothing has this name.
    #[error("there is no {what} {name}")]
    NotFound {
        /// The kind of thing.
        what: &'static str,
        /// The name or id.
        name: String,
    },
}

impl From<Error> for OperatorError {
    fn from(error: Error) -> Self {
        Self::Database(error.to_string())
    }
}

impl From<OpenError> for OperatorError {
    fn from(unfit: OpenError) -> Self {
        Self::Database(format!("{unfit}: {}", unfit.fix()))
    }
}

/// The database, opened for an operator.
pub struct Operator {
    store: Store,
}

impl Operator {
    /// Opens the configured database and nothing else: no socket, no worker. Does not create or migrate it; only a
    /// server does.
    ///
    /// # Errors
    /// The configuration is invalid; the database is missing, has another version, or cannot be opened.
    pub async fn open(config: &Config) -> Result<Self, OperatorError> {
        config.check()?;
        Self::visit(&config.database, AccessMode::Write).await
    }

    /// Opens the database for reading: changes fail.
    ///
    /// # Errors
    /// As for [`Operator::open`].
    pub async fn open_to_read(config: &Config) -> Result<Self, OperatorError> {
        config.check()?;
        Self::visit(&config.database, AccessMode::Read).await
    }

    /// Opens the database to read and write, with only the database's settings.
    ///
    /// # Errors
    /// The database is missing, of another version, or cannot be opened.
    pub async fn open_database(settings: &DatabaseSettings) -> Result<Self, OperatorError> {
        Self::visit(&settings.database, AccessMode::Write).await
    }

    /// Opens the database to read, with only the database's settings.
    ///
    /// # Errors
    /// As for [`Operator::open_database`].
    pub async fn open_database_to_read(settings: &DatabaseSettings) -> Result<Self, OperatorError> {
        Self::visit(&settings.database, AccessMode::Read).await
    }

    async fn visit(database: &Database, mode: AccessMode) -> Result<Self, OperatorError> {
        Ok(Self { store: Store::visit(database, mode).await? })
    }

    /// Returns whether a server runs that notifies the shop.
    ///
    /// # Errors
    /// The database fails.
    pub async fn is_shop_notified(&self) -> Result<bool, OperatorError> {
        Ok(deployment::has_notifying_server(&self.store).await?)
    }

    /// Returns the newest checkouts, of one order or of all.
    ///
    /// # Errors
    /// The database fails.
    pub async fn checkouts(
        &self,
        order_id: Option<&str>,
        limit: u32,
    ) -> Result<Vec<CheckoutDetails>, OperatorError> {
        Ok(self.store.checkouts(order_id, limit).await?.iter().map(CheckoutDetails::from).collect())
    }

    /// Returns the newest checkouts whose money a person has to settle, of one order or of all.
    ///
    /// # Errors
    /// The database fails.
    pub async fn checkouts_in_question(
        &self,
        order_id: Option<&str>,
        limit: u32,
    ) -> Result<Vec<CheckoutDetails>, OperatorError> {
        let checkouts = self.store.checkouts_in_question(order_id, limit).await?;
        Ok(checkouts.iter().map(CheckoutDetails::from).collect())
    }

    /// Closes the case of a checkout whose money is in question: the checkout is no longer counted, and its order can
    /// get another link. A later change at the provider reopens the case.
    ///
    /// # Errors
    /// No such checkout is in question, or the database fails.
    pub async fn settle(&self, id: &str) -> Result<(), OperatorError> {
        let checkout = self.find(id).await?;
        let settled = self.store.settle_case(&checkout).await?;
        settled.then_some(()).ok_or_else(|| missing("checkout in question", id))
    }

    /// Returns one checkout and its history, oldest line first.
    ///
    /// # Errors
    /// There is no such checkout, or the database fails.
    pub async fn checkout(&self, id: &str) -> Result<(CheckoutDetails, Vec<AuditEntry>), OperatorError> {
        let checkout = self.find(id).await?;
        let history = self.store.audit(&checkout.id).await?.into_iter().map(AuditEntry::from).collect();
        Ok((CheckoutDetails::from(&checkout), history))
    }

    /// Makes a server ask the provider about a checkout now.
    ///
    /// # Errors
    /// There is no such checkout, or the database fails.
    pub async fn look_again(&self, id: &str) -> Result<(), OperatorError> {
        let checkout = self.find(id).await?;
        Ok(self.store.look_again(&checkout).await?)
    }

    /// Returns the newest dead letters.
    ///
    /// # Errors
    /// The database fails.
    pub async fn dead_letters(&self, limit: u32) -> Result<Vec<DeadLetter>, OperatorError> {
        Ok(self.store.dead_letters(limit).await?.into_iter().map(DeadLetter::from).collect())
    }

    /// Makes a server process a dead letter's webhook again.
    ///
    /// # Errors
    /// No unreplayed dead letter has this number, or the database fails.
    pub async fn replay_dead_letter(&self, number: i64) -> Result<(), OperatorError> {
        let found = self.store.replay_dead_letter(number).await?;
        found.then_some(()).ok_or_else(|| missing("waiting dead letter", &number.to_string()))
    }

    /// Returns the newest notifications, in one state or in all.
    ///
    /// # Errors
    /// The database fails.
    pub async fn notifications(
        &self,
        state: Option<NotificationState>,
        limit: u32,
    ) -> Result<Vec<Notification>, OperatorError> {
        Ok(self.store.notifications(state, limit).await?.into_iter().map(Notification::from).collect())
    }

    /// Makes a server notify the shop again, under the same id.
    ///
    /// # Errors
    /// There is no such notification, or the database fails.
    pub async fn replay_notification(&self, id: &str) -> Result<(), OperatorError> {
        let found = self.store.replay_notification(id).await?;
        found.then_some(()).ok_or_else(|| missing("notification", id))
    }

    /// Stops notifying the shop: waiting notifications are kept and not sent. Returns how many.
    ///
    /// # Errors
    /// A server that notifies the shop is running, or the database fails.
    pub async fn stop_telling(&self) -> Result<u64, OperatorError> {
        if self.is_shop_notified().await? {
            return Err(OperatorError::StillTold);
        }
        Ok(self.store.stop_telling().await?)
    }

    /// Returns how much is waiting.
    ///
    /// # Errors
    /// The database fails.
    pub async fn backlog(&self) -> Result<Backlog, OperatorError> {
        Ok(self.store.backlog().await?.into())
    }

    /// Closes the connections to the database.
    pub async fn close(self) {
        self.store.close().await;
    }

    async fn find(&self, id: &str) -> Result<Checkout, OperatorError> {
        let parsed = CheckoutId::parse(id).ok_or_else(|| missing("checkout", id))?;
        self.store.checkout(&parsed).await?.ok_or_else(|| missing("checkout", id))
    }
}

fn missing(what: &'static str, name: &str) -> OperatorError {
    OperatorError::NotFound { what, name: name.to_owned() }
}

//! What a person can see and do, beside a running server or without one: checkouts with their history, dead
//! letters, notifications. Replays are wishes in the database; a running server does them within seconds.

mod bulk;
mod records;

pub use self::records::{AuditEntry, Backlog, CheckoutDetails, DeadLetter, GivenUpJob, Notification};
use crate::{
    config::{Config, ConfigError},
    domain::checkout::{Checkout, CheckoutId},
    health::deployment,
    store::Error,
    store::{AccessMode, NotificationState, OpenError, Store},
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
    /// A server that runs would go on telling the shop.
    #[error(
        "a server with BANQ_FULFILMENT_URL runs: unset it at every server, start them again, and repeat this"
    )]
    StillTold,
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

impl From<OpenError> for OperatorError {
    fn from(unfit: OpenError) -> Self {
        Self::Database(format!("{unfit}: {}", unfit.fix()))
    }
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
        Self::visit(config, AccessMode::Write).await
    }

    /// The same to look only: what would change anything fails.
    ///
    /// # Errors
    /// As for [`Operator::open`].
    pub async fn open_to_read(config: &Config) -> Result<Self, OperatorError> {
        Self::visit(config, AccessMode::Read).await
    }

    async fn visit(config: &Config, visit: AccessMode) -> Result<Self, OperatorError> {
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
        Ok(self.store.checkouts(order_id, limit).await?.iter().map(CheckoutDetails::from).collect())
    }

    /// The newest checkouts whose money a person has to settle, of one order or of all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn checkouts_in_question(
        &self,
        order_id: Option<&str>,
        limit: u32,
    ) -> Result<Vec<CheckoutDetails>, OperatorError> {
        let checkouts = self.store.checkouts_in_question(order_id, limit).await?;
        Ok(checkouts.iter().map(CheckoutDetails::from).collect())
    }

    /// Closes the case of a checkout whose money is in question: it is no longer counted, and its order can get
    /// another link. Anything that the provider says later opens the case again.
    ///
    /// # Errors
    /// When there is no such checkout in question, or the database fails.
    pub async fn settle(&self, id: &str) -> Result<(), OperatorError> {
        let checkout = self.find(id).await?;
        let settled = self.store.settle_case(&checkout).await?;
        settled.then_some(()).ok_or_else(|| missing("checkout in question", id))
    }

    /// One checkout and its history, oldest line first.
    ///
    /// # Errors
    /// When there is none, or the database fails.
    pub async fn checkout(&self, id: &str) -> Result<(CheckoutDetails, Vec<AuditEntry>), OperatorError> {
        let checkout = self.find(id).await?;
        let history = self.store.audit(&checkout.id).await?.into_iter().map(AuditEntry::from).collect();
        Ok((CheckoutDetails::from(&checkout), history))
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
        Ok(self.store.dead_letters(limit).await?.into_iter().map(DeadLetter::from).collect())
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
        Ok(self.store.notifications(state, limit).await?.into_iter().map(Notification::from).collect())
    }

    /// Has the shop told again, under the same id.
    ///
    /// # Errors
    /// When there is no such notification, or the database fails.
    pub async fn replay_notification(&self, id: &str) -> Result<(), OperatorError> {
        let found = self.store.replay_notification(id).await?;
        found.then_some(()).ok_or_else(|| missing("notification", id))
    }

    /// Ends the telling of a shop that does not want to be told any more: what waits is kept and not sent. Returns how
    /// many notifications that are.
    ///
    /// # Errors
    /// While a server that tells the shop runs, or when the database fails.
    pub async fn stop_telling(&self) -> Result<u64, OperatorError> {
        if deployment::is_told_by_a_server(&self.store).await? {
            return Err(OperatorError::StillTold);
        }
        Ok(self.store.stop_telling().await?)
    }

    /// How much is waiting.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn backlog(&self) -> Result<Backlog, OperatorError> {
        Ok(self.store.backlog().await?.into())
    }

    /// Closes the database.
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

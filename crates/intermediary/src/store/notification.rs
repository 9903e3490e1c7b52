//! Records the delivery of notifications to the shop.

use super::{
    Claim, Job, JobResult, Store,
    jobs::{enqueue_by_operator, finish, truncate},
    statement::{Row, sql},
};
use crate::{
    domain::time::{self, Millis},
    store::Error,
};

/// The delivery state of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotificationState {
    /// The notification is to be sent, for the first time or again.
    Waiting,
    /// The shop answered 2xx.
    Delivered,
    /// Every attempt failed.
    Dead,
    /// The event happened before any server on the database had an address for notifications. It is sent only if it is
    /// replayed.
    Unaddressed,
}

impl NotificationState {
    /// Returns the word in the table.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
            Self::Unaddressed => "unaddressed",
        }
    }

    fn from_word(word: &str) -> Result<Self, Error> {
        [Self::Waiting, Self::Delivered, Self::Dead, Self::Unaddressed]
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or(Error::Row("a notification's state"))
    }
}

/// A notification's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notification {
    /// The value of the header `webhook-id`.
    pub(crate) id: String,
    pub(crate) order_id: String,
    pub(crate) checkout_id: String,
    pub(crate) event: String,
    /// The text that is signed and sent.
    pub(crate) body: String,
    pub(crate) created_at: Millis,
    pub(crate) state: NotificationState,
    /// How many attempts failed.
    pub(crate) attempts: u32,
    pub(crate) last_error: Option<String>,
    /// When the notification was delivered or given up.
    pub(crate) settled_at: Option<Millis>,
}

impl Store {
    /// Returns one notification.
    pub(crate) async fn notification(&self, id: &str) -> Result<Option<Notification>, Error> {
        let text = format!("SELECT {COLUMNS} FROM notifications WHERE notification_id = $1");
        sql(text).bind(id).first(&self.db).await?.as_ref().map(read).transpose()
    }

    /// Returns the newest notifications, in one state or in all.
    pub(crate) async fn notifications(
        &self,
        state: Option<NotificationState>,
        limit: u32,
    ) -> Result<Vec<Notification>, Error> {
        let filter = state.map_or("", |_| "WHERE state = $2");
        let text = format!("SELECT {COLUMNS} FROM notifications {filter} ORDER BY created_at DESC LIMIT $1");
        let query = sql(text).bind(limit);
        let query = match state {
            Some(state) => query.bind(state.as_str()),
            None => query,
        };
        query.all(&self.db).await?.iter().map(read).collect()
    }

    /// Returns all notifications about a checkout.
    #[cfg(test)]
    pub(crate) async fn notifications_of(&self, id: &super::CheckoutId) -> Result<Vec<Notification>, Error> {
        let text = format!("SELECT {COLUMNS} FROM notifications WHERE checkout_id = $1");
        sql(text).bind(id.as_str()).all(&self.db).await?.iter().map(read).collect()
    }

    /// Records that the shop confirmed a notification.
    pub(crate) async fn delivered(&self, claim: &Claim, id: &str) -> Result<(), Error> {
        let mut tx = self.db.write().await?;
        sql("UPDATE notifications SET state = $1, settled_at = $2, last_error = NULL WHERE notification_id = $3")
            .bind(NotificationState::Delivered.as_str())
            .bind(time::now())
            .bind(id)
            .run(&mut tx)
            .await?;
        finish(&mut tx, self, claim, JobResult::Done(None)).await?;
        tx.commit().await
    }

    /// Records a failed attempt; `next` is when to try again, `None` gives the notification up.
    pub(crate) async fn not_delivered(
        &self,
        claim: &Claim,
        id: &str,
        error: &str,
        next: Option<Millis>,
    ) -> Result<(), Error> {
        let state = next.map_or(NotificationState::Dead, |_| NotificationState::Waiting);
        let mut tx = self.db.write().await?;
        sql("UPDATE notifications SET state = $1, attempts = attempts + 1, last_error = $2, settled_at = $3
             WHERE notification_id = $4")
        .bind(state.as_str())
        .bind(truncate(error))
        .bind(next.is_none().then(time::now))
        .bind(id)
        .run(&mut tx)
        .await?;
        finish(
            &mut tx,
            self,
            claim,
            next.map_or(JobResult::Done(None), |next| JobResult::RetryAt(next, error)),
        )
        .await?;
        tx.commit().await
    }

    /// Makes a notification due again, under the same id, whether it was delivered or given up. Returns false if no
    /// notification has this id.
    pub(crate) async fn replay_notification(&self, id: &str) -> Result<bool, Error> {
        let mut tx = self.db.write().await?;
        let revived = sql(
            "UPDATE notifications SET state = $1, attempts = 0, settled_at = NULL WHERE notification_id = $2",
        );
        let revived = revived.bind(NotificationState::Waiting.as_str()).bind(id).run(&mut tx).await?;
        if revived == 1 {
            enqueue_by_operator(&mut tx, &Job::Notification(id.to_owned())).await?;
        }
        tx.commit().await?;
        Ok(revived == 1)
    }
}

const COLUMNS: &str = "notification_id, order_id, checkout_id, event, body, created_at, state, attempts, \
    last_error, settled_at";

fn read(row: &Row) -> Result<Notification, Error> {
    Ok(Notification {
        id: row.text("notification_id")?,
        order_id: row.text("order_id")?,
        checkout_id: row.text("checkout_id")?,
        event: row.text("event")?,
        body: row.text("body")?,
        created_at: row.int("created_at")?,
        state: NotificationState::from_word(&row.text("state")?)?,
        attempts: row.count("attempts")?,
        last_error: row.maybe_text("last_error")?,
        settled_at: row.maybe_int("settled_at")?,
    })
}

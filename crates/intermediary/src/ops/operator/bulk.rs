//! Replays of many at once.

use std::time::SystemTime;

use wire::Status;

use super::{GivenUpJob, Operator, OperatorError, missing};
use crate::{
    domain::time::Millis,
    store::{Cursor, NotificationState, Outcome, Replayed},
};

impl Operator {
    /// Has every notification in this state sent again that was written at `since` or later; how many there are.
    ///
    /// # Errors
    /// When the database fails; the batches before stay replayed.
    pub async fn replay_notifications(
        &self,
        state: NotificationState,
        since: Option<SystemTime>,
    ) -> Result<u64, OperatorError> {
        let mut cursor = cursor(since);
        let mut total = 0;
        loop {
            let Replayed { count, is_done } = self.store.replay_notifications(state, &mut cursor).await?;
            total += count;
            if is_done {
                return Ok(total);
            }
        }
    }

    /// Has the webhook of every dead letter worked on again that died at `since` or later; how many there are.
    ///
    /// # Errors
    /// When the database fails; the batches before stay replayed.
    pub async fn replay_dead_letters(&self, since: Option<SystemTime>) -> Result<u64, OperatorError> {
        let mut cursor = cursor(since);
        let mut total = 0;
        loop {
            let Replayed { count, is_done } = self.store.replay_dead_letters(&mut cursor).await?;
            total += count;
            if is_done {
                return Ok(total);
            }
        }
    }

    /// Has every webhook worked on again for which no checkout was found and that came at `since` or later, for
    /// example after a backup was restored; how many there are.
    ///
    /// # Errors
    /// When the database fails; the batches before stay replayed.
    pub async fn replay_unmatched_webhooks(&self, since: Option<SystemTime>) -> Result<u64, OperatorError> {
        let mut cursor = cursor(since);
        let mut total = 0;
        loop {
            let Replayed { count, is_done } =
                self.store.replay_webhooks(Outcome::Unmatched, &mut cursor).await?;
            total += count;
            if is_done {
                return Ok(total);
            }
        }
    }

    /// Has the provider asked about every checkout with this status that changed at `since` or later; how many there
    /// are. `status` is a word of the wire.
    ///
    /// # Errors
    /// When there is no such status, or the database fails; the batches before stay replayed.
    pub async fn look_again_at_all(
        &self,
        status: &str,
        since: Option<SystemTime>,
    ) -> Result<u64, OperatorError> {
        let status = Status::from_word(status).ok_or_else(|| missing("status", status))?;
        let mut cursor = cursor(since);
        let mut total = 0;
        loop {
            let Replayed { count, is_done } = self.store.replay_checkouts(status, &mut cursor).await?;
            total += count;
            if is_done {
                return Ok(total);
            }
        }
    }

    /// The jobs that were given up and are tried again every hour.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn given_up_jobs(&self, limit: u32) -> Result<Vec<GivenUpJob>, OperatorError> {
        Ok(self.store.given_up_jobs(limit).await?.into_iter().map(GivenUpJob::from).collect())
    }
}

fn cursor(since: Option<SystemTime>) -> Cursor {
    let millis = |time: SystemTime| match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => Millis::try_from(after.as_millis()).unwrap_or(Millis::MAX),
        // Before there were any.
        Err(_) => 0,
    };
    Cursor::since(since.map(millis))
}

//! Replays many rows at once.

use std::time::SystemTime;

use wire::Status;

use super::{GivenUpJob, Operator, OperatorError, missing};
use crate::{
    domain::time::Millis,
    store::{Cursor, NotificationState, Outcome, Replayed},
};

impl Operator {
    /// Makes a server send again every notification in this state that was written at `since` or later; returns how
    /// many.
    ///
    /// # Errors
    /// The database fails; the batches before stay replayed.
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

    /// Makes a server process the webhook of every dead letter again that died at `since` or later; returns how many.
    ///
    /// # Errors
    /// The database fails; the batches before stay replayed.
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

    /// Makes a server process every webhook again that came at `since` or later and whose payment no checkout had, for
    /// example after a backup was restored; returns how many.
    ///
    /// # Errors
    /// The database fails; the batches before stay replayed.
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

    /// Makes a server ask the provider about every checkout with this status that changed at `since` or later; returns
    /// how many. `status` is a status as in JSON.
    ///
    /// # Errors
    /// There is no such status, or the database fails; the batches before stay replayed.
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

    /// Returns the jobs that were given up and are retried every hour.
    ///
    /// # Errors
    /// The database fails.
    pub async fn given_up_jobs(&self, limit: u32) -> Result<Vec<GivenUpJob>, OperatorError> {
        Ok(self.store.given_up_jobs(limit).await?.into_iter().map(GivenUpJob::from).collect())
    }
}

fn cursor(since: Option<SystemTime>) -> Cursor {
    let millis = |time: SystemTime| match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => Millis::try_from(after.as_millis()).unwrap_or(Millis::MAX),
        // The time lies before 1970, and so before any row.
        Err(_) => 0,
    };
    Cursor::since(since.map(millis))
}

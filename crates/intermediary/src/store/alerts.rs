//! Finds what needs a person: jobs, webhooks and notifications that were given up or are late, and money in question.

use std::time::Duration;

use super::{
    Store,
    statement::{Row, sql},
};
use crate::{
    domain::time::{self, Millis},
    store::Error,
};

/// Counts and times of what needs a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Alerts {
    /// Dead letters that were not replayed.
    pub(crate) dead_letters: u64,
    /// Notifications that were given up.
    pub(crate) dead_notifications: u64,
    /// Jobs that were given up, and are retried only every hour.
    pub(crate) given_up_jobs: u64,
    /// Checkouts whose money is in question.
    pub(crate) in_question: u64,
    /// When the oldest webhook without an outcome came.
    pub(crate) oldest_webhook: Option<Millis>,
    /// When the oldest notification was written that the shop has not confirmed yet.
    pub(crate) oldest_notification: Option<Millis>,
}

/// One condition that needs a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alert {
    /// What is wrong.
    pub(crate) what: String,
    /// How to repair it.
    pub(crate) fix: &'static str,
}

/// A job that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GivenUpJob {
    pub(crate) kind: String,
    /// The payment, the checkout or the notification.
    pub(crate) subject: String,
    /// How often in a row it was given up.
    pub(crate) times: u32,
    /// When it is retried.
    pub(crate) due_at: Millis,
    /// The error of the last attempt.
    pub(crate) error: Option<String>,
}

impl Store {
    /// Counts everything that needs a person.
    pub(crate) async fn trouble(&self) -> Result<Alerts, Error> {
        let number = async |text: &'static str| {
            let row = sql(text).first(&self.db).await?;
            Ok::<_, Error>(row.map(|row| row.maybe_int("number")).transpose()?.flatten())
        };
        let count =
            async |text: &'static str| Ok::<_, Error>(number(text).await?.unwrap_or_default().unsigned_abs());
        Ok(Alerts {
            dead_letters: count("SELECT COUNT(*) AS number FROM dead_letters WHERE replayed_at IS NULL")
                .await?,
            dead_notifications: count("SELECT COUNT(*) AS number FROM notifications WHERE state = 'dead'")
                .await?,
            given_up_jobs: count("SELECT COUNT(*) AS number FROM jobs WHERE given_up > 0").await?,
            in_question: self.backlog().await?.in_question,
            oldest_webhook: number("SELECT MIN(received_at) AS number FROM inbox WHERE outcome IS NULL")
                .await?,
            // Found by the jobs, since `state` has no index: every notification that is not sent yet has a job.
            oldest_notification: number(
                "SELECT MIN(created_at) AS number FROM jobs JOIN notifications ON notification_id = subject
                 WHERE kind = 'notification'",
            )
            .await?,
        })
    }

    /// Returns the jobs that were given up, the earliest due first.
    pub(crate) async fn given_up_jobs(&self, limit: u32) -> Result<Vec<GivenUpJob>, Error> {
        let query = sql("SELECT kind, subject, given_up, due_at, last_error FROM jobs WHERE given_up > 0
             ORDER BY due_at LIMIT $1");
        let job = |row: &Row| {
            Ok(GivenUpJob {
                kind: row.text("kind")?,
                subject: row.text("subject")?,
                times: row.count("given_up")?,
                due_at: row.int("due_at")?,
                error: row.maybe_text("last_error")?,
            })
        };
        query.bind(limit).all(&self.db).await?.iter().map(job).collect()
    }
}

impl Alerts {
    /// Returns what needs a person now; `late` is how long a webhook or a notification may wait.
    pub(crate) fn alerts(&self, now: Millis, late: Duration) -> Vec<Alert> {
        let is_late = |at: Millis| time::after(at, late) <= now;
        let counts = [
            (
                self.in_question,
                "payments are not what was asked for, or are doubtful, and their orders get no link",
                "see `checkouts list --in-question`, settle them at the payment provider, then `checkouts settle ID`",
            ),
            (
                self.dead_letters,
                "webhooks were given up (dead letters), so a payment may be unknown to the shop",
                "see `dead-letters list`, mend the cause, then `dead-letters replay --all`",
            ),
            (
                self.dead_notifications,
                "notifications were given up, so the shop does not know of them",
                "see `notifications list --state dead`, mend the shop's address, then `notifications replay --state dead \
                 --all`",
            ),
            (
                self.given_up_jobs,
                "jobs fail again and again, and are only tried once an hour",
                "see `jobs list` for each error; `checkouts replay ID` tries one at once; DELETE /orders/{orderId} gives \
                 up a link that the payment provider does not know",
            ),
        ];
        let waits = [
            (
                self.oldest_webhook,
                "webhooks wait to be worked on since",
                "the payment provider cannot be asked, or no server runs: see the server's log and `doctor`",
            ),
            (
                self.oldest_notification,
                "the shop takes no notifications: the oldest waits since",
                "see `notifications list --state waiting` for the error, and mend the address of BANQ_FULFILMENT_URL",
            ),
        ];
        let counts = counts
            .into_iter()
            .filter(|(count, _, _)| *count > 0)
            .map(|(count, what, fix)| Alert { what: format!("{count} {what}"), fix });
        let waits = waits.into_iter().filter_map(|(since, what, fix)| {
            let since = since.filter(|since| is_late(*since))?;
            Some(Alert { what: format!("{what} {}", time::rfc3339(since)), fix })
        });
        counts.chain(waits).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Alerts = Alerts {
        dead_letters: 0,
        dead_notifications: 0,
        given_up_jobs: 0,
        in_question: 0,
        oldest_webhook: None,
        oldest_notification: None,
    };

    #[test]
    fn only_what_is_given_up_or_late_is_complained_of() {
        let hour = Duration::from_secs(3_600);
        let now = 3_600_000;
        assert_eq!(NOTHING.alerts(now, hour), []);
        let recent_links = Alerts { oldest_webhook: Some(1), oldest_notification: Some(1), ..NOTHING };
        assert_eq!(recent_links.alerts(now, hour), []);
        let late = Alerts { oldest_webhook: Some(0), oldest_notification: Some(0), ..NOTHING };
        assert_eq!(late.alerts(now, hour).len(), 2);
        let dead = Alerts { dead_letters: 2, dead_notifications: 3, given_up_jobs: 4, ..NOTHING };
        let said: Vec<String> = dead.alerts(now, hour).into_iter().map(|complaint| complaint.what).collect();
        assert!(
            said[0].starts_with("2 webhooks")
                && said[1].starts_with("3 not")
                && said[2].starts_with("4 jobs")
        );
    }
}

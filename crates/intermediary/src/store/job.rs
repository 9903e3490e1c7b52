//! A job, its claim by an instance, and how the work on it ends. [`super::jobs`] stores them.

use super::{CheckoutId, Trigger, statement::Row};
use crate::{
    domain::{provider_id::ProviderId, time::Millis},
    store::Error,
};

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Job {
    /// Ask the provider about a payment: webhooks wait, or the next look is due.
    Payment(ProviderId),
    /// Ask the provider which payment a transaction belongs to, for webhooks that wait.
    Transaction(ProviderId),
    /// Repeat the link request of a checkout whose answer was lost, under the same key.
    Attempt(CheckoutId),
    /// Notify the shop.
    Notification(String),
}

/// A group of jobs. The queues are worked on in parallel, and do not wait for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Queue {
    /// Jobs that ask the provider.
    Provider,
    /// Jobs that notify the shop.
    Shop,
}

/// A job that this instance works on.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) job: Job,
    /// How often the job had been requested when it was claimed.
    pub(super) wanted: i64,
    /// When the oldest request came for which nothing has been achieved yet.
    pub(crate) since: Millis,
    /// Attempts since then, without this one.
    pub(crate) attempts: u32,
    /// Attempts without success that no outage explains, without this one. A death of the process counts.
    pub(crate) faults: u32,
    /// When the first of these faults was, or when this attempt began if there was none.
    pub(crate) faults_since: Millis,
    /// How many attempts in a row, without this one, ended without a recorded result.
    pub(crate) deaths: u32,
    /// The operator, if an operator requested the job.
    pub(crate) trigger: Option<Trigger>,
}

/// How the work on a job ended.
#[derive(Debug, Clone)]
pub(crate) enum JobResult<'a> {
    /// The job is done. It is due again at this time, or never.
    Done(Option<Millis>),
    /// Nothing was achieved, for a transient reason: an outage, or it was too early.
    RetryAt(Millis, &'a str),
    /// Nothing was achieved, and the job itself may be the cause.
    Failed(Millis, &'a str),
    /// The job failed too often. It starts again at this time, or never, and a person is alerted.
    GivenUp(Option<Millis>, &'a str),
}

impl Job {
    pub(crate) const KINDS: [&'static str; 4] = ["payment", "transaction", "attempt", "notification"];

    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Payment(_) => "payment",
            Self::Transaction(_) => "transaction",
            Self::Attempt(_) => "attempt",
            Self::Notification(_) => "notification",
        }
    }

    pub(super) fn subject(&self) -> &str {
        match self {
            Self::Payment(id) | Self::Transaction(id) => id.as_str(),
            Self::Attempt(id) => id.as_str(),
            Self::Notification(id) => id,
        }
    }

    fn read(row: &Row) -> Result<Self, Error> {
        let subject = row.text("subject")?;
        match row.text("kind")?.as_str() {
            "payment" => Ok(Self::Payment(ProviderId::from_store(subject))),
            "transaction" => Ok(Self::Transaction(ProviderId::from_store(subject))),
            "attempt" => Ok(Self::Attempt(CheckoutId::parse(&subject).ok_or(Error::Row("job"))?)),
            "notification" => Ok(Self::Notification(subject)),
            _ => Err(Error::Row("a job of an unknown kind")),
        }
    }
}

impl Queue {
    /// Returns the kinds of the queue's jobs.
    pub(super) fn kinds(self) -> &'static [&'static str] {
        match self {
            Self::Provider => &["payment", "transaction", "attempt"],
            Self::Shop => &["notification"],
        }
    }
}

impl Claim {
    pub(super) fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            job: Job::read(row)?,
            wanted: row.int("wanted")?,
            since: row.int("since")?,
            attempts: row.count("attempts")?.saturating_sub(1),
            faults: row.count("faults")?.saturating_sub(1),
            faults_since: row.int("faults_since")?,
            deaths: row.count("deaths")?.saturating_sub(1),
            trigger: row.maybe_text("prompt")?.map(|_| Trigger::Operator),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_waited_for_and_has_its_lane() {
        let id = || ProviderId::from_store("acme:1".to_owned());
        let checkout = CheckoutId::random().unwrap();
        let jobs = [
            Job::Payment(id()),
            Job::Transaction(id()),
            Job::Attempt(checkout),
            Job::Notification("1".into()),
        ];
        assert_eq!(jobs.map(|job| job.kind()), Job::KINDS);
        assert_eq!([Queue::Provider, Queue::Shop].map(Queue::kinds).concat(), Job::KINDS);
    }
}

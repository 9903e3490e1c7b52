//! Writes every change of a checkout with its cause, in the transaction of the change. Triggers of the table refuse to
//! alter or delete a line.

use super::{Checkout, CheckoutId, Store, db::Tx, statement::sql};
use crate::{
    domain::time::{self, Millis},
    store::Error,
};

/// The cause of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trigger {
    /// A webhook, with its id.
    Webhook(String),
    /// The worker asked the provider, although no webhook came.
    Sweep,
    /// A page asked for a link; with the request's id.
    Request(String),
    /// A person, on the command line.
    Operator,
}

/// The kind of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changed {
    /// The checkout was begun.
    Begun,
    /// Its link was recorded.
    Link,
    /// The provider refused; the next attempt has another key.
    Renewed,
    /// Its status or its issue changed.
    Status,
    /// An operator closed the case of its money in question.
    Settled,
}

/// One line of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AuditLine {
    pub(crate) at: Millis,
    /// `begun`, `link`, `renewed`, `status`, `settled`.
    pub(crate) change: String,
    /// The status after the change.
    pub(crate) status: String,
    pub(crate) fail_reason: Option<String>,
    /// The issue after the change.
    pub(crate) issue: Option<String>,
    /// What was expected and what came, if there is an issue.
    pub(crate) detail: Option<String>,
    /// The checkout's version after the change.
    pub(crate) version: u32,
    /// `webhook`, `sweep`, `request`, `operator`.
    pub(crate) cause: String,
    /// The id of the webhook or the request.
    pub(crate) cause_id: Option<String>,
}

impl Trigger {
    fn words(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Webhook(id) => ("webhook", Some(id)),
            Self::Sweep => ("sweep", None),
            Self::Request(id) => ("request", Some(id)),
            Self::Operator => ("operator", None),
        }
    }
}

impl Changed {
    fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Link => "link",
            Self::Renewed => "renewed",
            Self::Status => "status",
            Self::Settled => "settled",
        }
    }
}

/// Writes a line; `checkout` is as it is after the change.
pub(super) async fn note(
    tx: &mut Tx,
    checkout: &Checkout,
    changed: Changed,
    trigger: &Trigger,
) -> Result<(), Error> {
    let (cause, cause_id) = trigger.words();
    let line = sql(
        "INSERT INTO audit (at, checkout_id, order_id, change, status, fail_reason, issue, detail, version, cause,
             cause_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(time::now())
    .bind(checkout.id.as_str())
    .bind(&checkout.order_id)
    .bind(changed.as_str())
    .bind(checkout.state.status.as_str())
    .bind(checkout.state.reason.map(|reason| reason.as_str()))
    .bind(checkout.state.issue.map(|issue| issue.as_str()))
    .bind(checkout.issue_detail.as_deref())
    .bind(checkout.version)
    .bind(cause)
    .bind(cause_id);
    tx.later(line).await
}

impl Store {
    /// Returns the history of a checkout, oldest change first.
    pub(crate) async fn audit(&self, id: &CheckoutId) -> Result<Vec<AuditLine>, Error> {
        let query =
            sql("SELECT at, change, status, fail_reason, issue, detail, version, cause, cause_id FROM audit
             WHERE checkout_id = $1 ORDER BY seq");
        let rows = query.bind(id.as_str()).all(&self.db).await?;
        let line = |row: &super::statement::Row| {
            Ok(AuditLine {
                at: row.int("at")?,
                change: row.text("change")?,
                status: row.text("status")?,
                fail_reason: row.maybe_text("fail_reason")?,
                issue: row.maybe_text("issue")?,
                detail: row.maybe_text("detail")?,
                version: row.count("version")?,
                cause: row.text("cause")?,
                cause_id: row.maybe_text("cause_id")?,
            })
        };
        rows.iter().map(line).collect()
    }
}

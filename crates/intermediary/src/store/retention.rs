//! Deletes old rows, and defines which rows are never deleted.
//!
//! Always kept: every checkout that was paid, even if the money went back, with its audit and its order's price. They
//! prove that an order is paid, so deletion can never make it payable again, nor notify the shop a second time: a
//! webhook that is repeated after its row was deleted only makes the server ask the provider about a known payment, and
//! a notification is written only when a status changes, which happens to `paid` only once.
//!
//! Never deleted: rows that a job refers to, webhooks without an outcome, dead letters that were not replayed (they may
//! be the only trace of a payment) with their webhooks and checkouts, and notifications that are still to be sent.
//!
//! Every function deletes one batch, so that no other writer waits for long. Two instances that delete at the same time
//! take different rows.

use std::{collections::BTreeSet, ops::AddAssign};

use super::{
    Store,
    db::Tx,
    statement::{Query, Row, sql},
};
use crate::{domain::time::Millis, store::Error};

/// Maximum rows that one transaction deletes, without audit lines.
const BATCH: u32 = 100;

/// The final states of a checkout without money, equal to those in the tables' triggers and indexes.
const UNPAID: &str = "status IN ('declined', 'failed', 'canceled', 'expired')";

/// How many rows were deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Pruned {
    pub(crate) webhooks: u64,
    pub(crate) dead_letters: u64,
    pub(crate) notifications: u64,
    pub(crate) checkouts: u64,
    pub(crate) audit_lines: u64,
    pub(crate) orders: u64,
}

/// How far the orders have been checked: age and id of the last one.
///
/// The price of a paid order stays, so a check that always began with the oldest order would take longer every year.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OrderCursor(Millis, String);

impl Pruned {
    /// The name of each table, for people and metrics.
    pub(crate) const TABLES: [&'static str; 6] =
        ["inbox", "dead_letters", "notifications", "checkouts", "audit", "orders"];

    /// Returns the counts in the order of [`Self::TABLES`].
    pub(crate) fn counts(&self) -> [u64; 6] {
        let Self { webhooks, dead_letters, notifications, checkouts, audit_lines, orders } = *self;
        [webhooks, dead_letters, notifications, checkouts, audit_lines, orders]
    }
}

impl AddAssign for Pruned {
    fn add_assign(&mut self, more: Self) {
        self.webhooks += more.webhooks;
        self.dead_letters += more.dead_letters;
        self.notifications += more.notifications;
        self.checkouts += more.checkouts;
        self.audit_lines += more.audit_lines;
        self.orders += more.orders;
    }
}

impl Store {
    /// Deletes webhooks that came, and were settled, before `before`.
    pub(crate) async fn prune_webhooks(&self, before: Millis) -> Result<Pruned, Error> {
        let old = "inbox WHERE received_at < $1 AND processed_at < $1 AND outcome IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM dead_letters
                 WHERE dead_letters.webhook_id = inbox.webhook_id AND replayed_at IS NULL)
             ORDER BY received_at";
        let webhooks = self.delete("inbox", "seq", old, before).run(self.db.writer()).await?;
        Ok(Pruned { webhooks, ..Pruned::default() })
    }

    /// Deletes dead letters that were replayed before `before`.
    pub(crate) async fn prune_dead_letters(&self, before: Millis) -> Result<Pruned, Error> {
        let old = "dead_letters WHERE replayed_at < $1 ORDER BY seq";
        let dead_letters = self.delete("dead_letters", "seq", old, before).run(self.db.writer()).await?;
        Ok(Pruned { dead_letters, ..Pruned::default() })
    }

    /// Deletes notifications that were delivered or given up before `before`. Those that were given up are deleted too,
    /// because their content is in the checkout, which stays.
    pub(crate) async fn prune_notifications(&self, before: Millis) -> Result<Pruned, Error> {
        let old = "notifications WHERE created_at < $1 AND settled_at < $1 AND state IN ('delivered', 'dead', 'unaddressed')
             AND NOT EXISTS (SELECT 1 FROM jobs
                 WHERE kind = 'notification' AND subject = notifications.notification_id)
             ORDER BY created_at";
        let query = self.delete("notifications", "notification_id", old, before);
        Ok(Pruned { notifications: query.run(self.db.writer()).await?, ..Pruned::default() })
    }

    /// Deletes checkouts that ended without money before `before`, their audit, and the prices of orders that have no
    /// other checkout. A checkout stays as long as an older one of its order: without a registered price, the newest
    /// checkout says what the order costs.
    pub(crate) async fn prune_checkouts(&self, before: Millis) -> Result<Pruned, Error> {
        let old = format!(
            "checkouts WHERE {UNPAID} AND issue IS NULL AND updated_at < $1
             AND NOT EXISTS (SELECT 1 FROM jobs WHERE kind = 'payment' AND subject = checkouts.payment_id)
             AND NOT EXISTS (SELECT 1 FROM jobs WHERE kind = 'attempt' AND subject = checkouts.checkout_id)
             AND NOT EXISTS (SELECT 1 FROM inbox
                 WHERE inbox.payment_id = checkouts.payment_id AND outcome IS NULL)
             AND NOT EXISTS (SELECT 1 FROM dead_letters
                 WHERE dead_letters.payment_id = checkouts.payment_id AND replayed_at IS NULL)
             AND NOT EXISTS (SELECT 1 FROM checkouts older WHERE older.order_id = checkouts.order_id
                 AND older.checkout_id <> checkouts.checkout_id AND older.created_at <= checkouts.created_at
                 AND NOT (older.{UNPAID} AND older.issue IS NULL AND older.updated_at < $1))
             ORDER BY updated_at"
        );
        let mut tx = self.db.write().await?;
        let delete =
            self.delete("checkouts", "checkout_id", &old, before).and(" RETURNING checkout_id, order_id");
        let deleted = delete.all(&mut tx).await?;
        if deleted.is_empty() {
            return Ok(Pruned::default());
        }
        // A separate statement, because the trigger must see that the checkouts are deleted.
        let audit_lines = with_list("DELETE FROM audit WHERE checkout_id IN", &deleted, "checkout_id")?;
        let audit_lines = audit_lines.run(&mut tx).await?;
        let orders = delete_unasked(&mut tx, &deleted, before).await?;
        tx.commit().await?;
        let checkouts = u64::try_from(deleted.len()).unwrap_or(u64::MAX);
        Ok(Pruned { checkouts, audit_lines, orders, ..Pruned::default() })
    }

    /// Deletes the prices of orders that were registered before `before` and never got a checkout, beginning after
    /// `mark`. Returns the next mark, `None` at the end.
    pub(crate) async fn prune_orders(
        &self,
        mark: &OrderCursor,
        before: Millis,
    ) -> Result<(Pruned, Option<OrderCursor>), Error> {
        let old = sql("SELECT order_id, updated_at FROM orders
             WHERE updated_at < $1 AND (updated_at, order_id) > ($2, $3)
             ORDER BY updated_at, order_id LIMIT $4");
        let old = old.bind(before).bind(mark.0).bind(&mark.1).bind(BATCH).all(&self.db).await?;
        let Some(last) = old.last() else { return Ok((Pruned::default(), None)) };
        let next = OrderCursor(last.int("updated_at")?, last.text("order_id")?);
        let mut tx = self.db.write().await?;
        let orders = delete_unasked(&mut tx, &old, before).await?;
        tx.commit().await?;
        Ok((Pruned { orders, ..Pruned::default() }, Some(next)))
    }

    /// Returns a statement that deletes a batch of `table`, by its `key`; `old` (`FROM …`, with `$1` for `before`)
    /// selects the rows.
    fn delete(&self, table: &str, key: &str, old: &str, before: Millis) -> Query {
        let text = format!(
            "WITH picked AS MATERIALIZED (SELECT {key} FROM {old} LIMIT $2 {for_update})
             DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM picked)",
            for_update = self.db.for_update_skip_locked(),
        );
        sql(text).bind(before).bind(BATCH)
    }
}

/// Deletes those of these orders that have no checkout and were not registered again meanwhile.
async fn delete_unasked(tx: &mut Tx, rows: &[Row], before: Millis) -> Result<u64, Error> {
    let orders = rows.iter().map(|row| row.text("order_id")).collect::<Result<BTreeSet<_>, _>>()?;
    // All instances lock the orders in the same sequence, so that two of them cannot deadlock.
    for order in &orders {
        // A page that asks for a link at this moment must not lose its price.
        tx.lock_order(order).await?;
    }
    let delete = with_list("DELETE FROM orders WHERE order_id IN", rows, "order_id")?;
    let unasked = format!(
        " AND updated_at < ${} AND NOT EXISTS (SELECT 1 FROM checkouts WHERE checkouts.order_id = orders.order_id)",
        rows.len() + 1
    );
    delete.and(&unasked).bind(before).run(tx).await
}

/// Returns a statement `text ($1, $2, …)`, with this column of all rows as its values.
fn with_list(text: &str, rows: &[Row], column: &'static str) -> Result<Query, Error> {
    let places: Vec<String> = (1..=rows.len()).map(|number| format!("${number}")).collect();
    let query = sql(format!("{text} ({})", places.join(", ")));
    rows.iter().try_fold(query, |query, row| Ok(query.bind(row.text(column)?)))
}

#[cfg(test)]
mod tests {
    use wire::Status;

    use super::*;

    #[test]
    fn only_what_ended_without_money_is_ever_deleted() {
        let ends = Status::ALL.into_iter().filter(|status| match status {
            Status::Declined | Status::Failed | Status::Canceled | Status::Expired => true,
            Status::Paid | Status::Reversed => false,
            Status::Pending | Status::Processing | Status::OnHold => false,
        });
        let words: Vec<String> = ends.map(|status| format!("'{}'", status.as_str())).collect();
        assert_eq!(UNPAID, format!("status IN ({})", words.join(", ")));
        for migration in [
            include_str!("../../migrations/sqlite/0004_retention.sql"),
            include_str!("../../migrations/postgres/0003_retention.sql"),
        ] {
            assert_eq!(migration.matches(&words.join(", ")).count(), 2, "the index and the trigger");
        }
        for migration in [
            include_str!("../../migrations/sqlite/0007_money_in_question.sql"),
            include_str!("../../migrations/postgres/0006_money_in_question.sql"),
        ] {
            let trigger = format!("OLD.status NOT IN ({}) OR OLD.issue IS NOT NULL", words.join(", "));
            assert!(migration.contains(&trigger), "{migration}");
        }
    }
}

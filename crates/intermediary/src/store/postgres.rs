//! A transaction on PostgreSQL, with few round trips: each takes longer than most statements.
//!
//! It begins with its first statement. Statements whose results its operation does not need run together as one, just
//! before the commit; if there are no others, that one is the transaction.

use std::{fmt::Write as _, sync::Arc};

use super::{
    CheckoutId,
    connection::Lent,
    nats::{CHANNEL, Nats},
    statement::{Query, Row, sql},
};
use crate::store::Error;

/// How many statements run together. A statement has at most 65,535 values, and its own time limit.
const TOGETHER: usize = 50;

/// A transaction. Dropping it rolls back.
pub(super) struct PostgresTx {
    lent: Lent,
    /// Notifies the other instances, if it can; otherwise the transaction does.
    nats: Option<Arc<Nats>>,
    is_begun: bool,
    /// The statements that run before the commit.
    later: Vec<Query>,
    /// The checkouts about which the other instances are notified if the transaction is committed.
    changed: Vec<CheckoutId>,
}

impl PostgresTx {
    pub(super) fn new(lent: Lent, nats: Option<Arc<Nats>>) -> Self {
        Self { lent, nats, is_begun: false, later: Vec::new(), changed: Vec::new() }
    }

    pub(super) async fn execute(&mut self, query: Query) -> Result<u64, Error> {
        self.begin().await?;
        self.lent.execute(query).await
    }

    pub(super) async fn fetch(&mut self, query: Query) -> Result<Vec<Row>, Error> {
        self.begin().await?;
        self.lent.fetch(query).await
    }

    /// Runs a statement just before the commit, or earlier if many wait. Nothing else in the transaction may read what it
    /// writes, and no other such statement may write the same row.
    pub(super) async fn later(&mut self, query: Query) -> Result<(), Error> {
        self.later.push(query);
        if self.later.len() < TOGETHER {
            return Ok(());
        }
        match together(std::mem::take(&mut self.later), &[]) {
            Some(many) => self.execute(many).await.map(drop),
            None => Ok(()),
        }
    }

    /// Notifies the other instances that a checkout changed, if and when the transaction is committed.
    pub(super) fn notify(&mut self, id: &CheckoutId) {
        self.changed.push(id.clone());
    }

    /// Takes the lock of this name until the end of the transaction.
    pub(super) async fn lock(&mut self, name: &str) -> Result<(), Error> {
        if self.is_begun {
            let lock = sql("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))");
            return self.lent.execute(lock.bind(name)).await.map(drop);
        }
        // A statement with bound values cannot follow BEGIN in one round trip; the name in hex can be part of a text.
        let hex = name.bytes().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        let lock = format!(
            "SELECT pg_advisory_xact_lock(hashtextextended(convert_from(decode('{hex}', 'hex'), 'UTF8'), 0))"
        );
        self.lent.begin_with(Some(lock)).await?;
        self.is_begun = true;
        Ok(())
    }

    pub(super) async fn commit(mut self) -> Result<(), Error> {
        let nats = self.nats.filter(|nats| nats.is_usable());
        let by_postgres: &[_] = if nats.is_some() { &[] } else { &self.changed };
        if let Some(last) = together(self.later, by_postgres) {
            self.lent.execute(last).await?;
        }
        if self.is_begun {
            self.lent.commit().await?;
        }
        if let Some(nats) = nats {
            self.changed.iter().for_each(|id| nats.send(id.as_str()));
        }
        Ok(())
    }

    pub(super) async fn roll_back(self) {
        if self.is_begun {
            self.lent.roll_back().await;
        }
    }

    async fn begin(&mut self) -> Result<(), Error> {
        if !self.is_begun {
            self.lent.begin_with(None).await?;
            self.is_begun = true;
        }
        Ok(())
    }
}

/// Returns one statement that does what all of these do, and notifies about the changed checkouts.
fn together(mut queries: Vec<Query>, changed: &[CheckoutId]) -> Option<Query> {
    if changed.is_empty() && queries.len() < 2 {
        return queries.pop();
    }
    let parts = queries.into_iter().enumerate().map(|(number, query)| (format!("part_{number}"), query));
    let sends: Vec<_> =
        (1..=changed.len()).map(|number| format!("pg_notify('{CHANNEL}', ${number})")).collect();
    let select = if sends.is_empty() { "1".to_owned() } else { sends.join(", ") };
    let select = changed.iter().fold(sql(format!("SELECT {select}")), |select, id| select.bind(id.as_str()));
    Some(with(parts, select))
}

/// Returns one statement that runs the parts, each under its name, and then selects. A part may read the rows that an
/// earlier one returns, and no two may write the same row.
pub(super) fn with(parts: impl IntoIterator<Item = (String, Query)>, select: Query) -> Query {
    let (mut texts, mut values) = (Vec::new(), Vec::new());
    for (name, query) in parts {
        texts.push(format!("{name} AS ({})", renumbered(query.text(), values.len())));
        values.extend(query.into_values());
    }
    let text = renumbered(select.text(), values.len());
    let text = if texts.is_empty() { text } else { format!("WITH {} {text}", texts.join(", ")) };
    values.into_iter().chain(select.into_values()).fold(sql(text), Query::bind)
}

/// Returns the text with `$1` as `$n`, where `n` follows this many other values.
fn renumbered(text: &str, others: usize) -> String {
    let mut parts = text.split('$');
    let mut renumbered = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(part.len());
        let (number, rest) = part.split_at(digits);
        let number = number.parse::<usize>().map_or_else(|_| number.to_owned(), |n| (n + others).to_string());
        renumbered.push('$');
        renumbered.push_str(&number);
        renumbered.push_str(rest);
    }
    renumbered
}

#[cfg(test)]
mod tests {
    use super::{renumbered, together};
    use crate::store::{
        CheckoutId,
        statement::{Query, sql},
    };

    fn text(query: Option<Query>) -> Option<String> {
        query.map(|query| query.text().to_owned())
    }

    #[test]
    fn values_of_later_statements_follow_those_of_earlier_ones() {
        assert_eq!(renumbered("SET a = $1, b = $2 WHERE c = $10", 3), "SET a = $4, b = $5 WHERE c = $13");
        assert_eq!(renumbered("no values", 3), "no values");
    }

    #[test]
    fn statements_and_notifications_become_one_statement() {
        let first = || sql("UPDATE a SET b = $1").bind("x");
        let second = || sql("INSERT INTO c VALUES ($1, $2)").bind(1_i64).bind(2_i64);
        assert_eq!(text(together(Vec::new(), &[])), None);
        assert_eq!(text(together(vec![first()], &[])).as_deref(), Some("UPDATE a SET b = $1"));
        let both = "WITH part_0 AS (UPDATE a SET b = $1), part_1 AS (INSERT INTO c VALUES ($2, $3)) SELECT 1";
        assert_eq!(text(together(vec![first(), second()], &[])).as_deref(), Some(both));
        let changed = [CheckoutId::from_store("id".to_owned())];
        let one = together(vec![first()], &changed).unwrap();
        let notify = "SELECT pg_notify('banq_checkouts', $2)";
        assert_eq!(one.text(), format!("WITH part_0 AS (UPDATE a SET b = $1) {notify}"));
        assert_eq!(one.values().len(), 2);
        let alone = "SELECT pg_notify('banq_checkouts', $1)";
        assert_eq!(text(together(Vec::new(), &changed)).as_deref(), Some(alone));
    }
}

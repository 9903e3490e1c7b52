//! PostgreSQL: statements that wait for the commit run together, at most fifty at a time.

use super::fixtures::*;
use crate::store::{db::Tx, statement::sql};

/// How many of the statements have run.
async fn written(tx: &mut Tx) -> i64 {
    sql("SELECT COUNT(*) AS written FROM jobs").first(tx).await.unwrap().unwrap().int("written").unwrap()
}

#[tokio::test]
async fn at_most_fifty_statements_wait() {
    let place = Place::postgres().await;
    let store = place.instance().await;
    let mut tx = store.db.write().await.unwrap();
    let mut seen = Vec::new();
    for number in 1..=120 {
        let insert = sql("INSERT INTO jobs (kind, subject, due_at, wanted, since, attempts, faults)
             VALUES ('notification', $1, 1, 1, 1, 0, 0)");
        tx.later(insert.bind(number.to_string())).await.unwrap();
        if [49, 50, 99, 120].contains(&number) {
            seen.push(written(&mut tx).await);
        }
    }
    assert_eq!(seen, [0, 50, 50, 100]);
    tx.commit().await.unwrap();
    let mut tx = store.db.write().await.unwrap();
    assert_eq!(written(&mut tx).await, 120);
    tx.roll_back().await;
}

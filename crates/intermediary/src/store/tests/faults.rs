//! Errors and canceled requests leave nothing behind.

use std::{future::Future, task::Poll};

use super::fixtures::*;
use crate::store::{Received, Store, db::Pools, statement::sql};

async fn receives(store: &Store, name: &str) {
    assert_eq!(store.receive(&webhook(name, about(name))).await.unwrap(), Received::New);
}

/// SQLite then ends the transaction by itself, and the driver continues to count it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_without_room_does_not_wedge_the_writer() {
    let place = Place::sqlite();
    let store = place.instance().await;
    receives(&store, "1").await;
    let pages = sql("PRAGMA page_count").first(store.db.writer()).await.unwrap().unwrap();
    let pages = pages.int("page_count").unwrap();
    // The limit holds for this connection only: the next one has room again.
    sql(format!("PRAGMA max_page_count = {pages}")).all(store.db.writer()).await.unwrap();
    let mut tx = store.db.write().await.unwrap();
    let fill = sql("INSERT INTO jobs (kind, subject, due_at, wanted, since, attempts, faults)
        VALUES ('payment', hex(zeroblob(1000000)), 1, 1, 1, 0, 0)");
    let full = fill.run(&mut tx).await.unwrap_err();
    assert!(full.is_away(), "{full}");
    drop(tx);
    receives(&store, "2").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_of_its_own_without_room_harms_nothing() {
    let place = Place::sqlite();
    let store = place.instance().await;
    sql("PRAGMA max_page_count = 1").all(store.db.writer()).await.unwrap();
    let fill = sql("UPDATE jobs SET subject = hex(zeroblob(1000000))");
    receives(&store, "1").await;
    drop(fill.run(store.db.writer()).await);
    receives(&store, "2").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_cancelled_anywhere_leaves_no_transaction() {
    for place in [Place::sqlite(), Place::postgres().await] {
        let store = place.instance().await;
        for steps in 0..40 {
            let name = format!("cancelled-{steps}");
            let event = webhook(&name, about(&name));
            let mut receive = Box::pin(store.receive(&event));
            let mut polls = 0;
            let cut = std::future::poll_fn(|context| {
                polls += 1;
                match receive.as_mut().poll(context) {
                    Poll::Pending if polls <= steps => Poll::Pending,
                    Poll::Pending => Poll::Ready(false),
                    Poll::Ready(done) => Poll::Ready(done.is_ok()),
                }
            });
            let was_done = cut.await;
            drop(receive);
            receives(&store, &format!("after-{steps}")).await;
            if was_done {
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_session_condemns_all_that_are_older() {
    let place = Place::postgres().await;
    let store = place.instance().await;
    let Pools::Postgres(pool) = &store.db.pools else { unreachable!("it is PostgreSQL") };
    let mut all = Vec::new();
    for _ in 0..5 {
        let mut session = pool.acquire().await.unwrap();
        sqlx::query("SET default_transaction_read_only = on").execute(&mut *session).await.unwrap();
        all.push(session);
    }
    drop(all);
    while pool.num_idle() < 5 {
        tokio::task::yield_now().await;
    }
    let refused = store.receive(&webhook("1", about("1"))).await.unwrap_err();
    assert!(refused.is_away(), "{refused}");
    for name in ["2", "3", "4", "5", "6"] {
        receives(&store, name).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_with_a_failed_statement_is_not_committed() {
    for place in [Place::sqlite(), Place::postgres().await] {
        let store = place.instance().await;
        let mut tx = store.db.write().await.unwrap();
        let job = "INSERT INTO jobs (kind, subject, due_at, wanted, since, attempts, faults)
            VALUES ('notification', 'x', 1, 1, 1, 0, 0)";
        sql(job).run(&mut tx).await.unwrap();
        assert!(!sql(job).run(&mut tx).await.unwrap_err().is_away(), "twice the same");
        tx.commit().await.unwrap_err();
        assert!(sql("SELECT 1 FROM jobs").first(&store.db).await.unwrap().is_none());
        receives(&store, "1").await;
    }
}

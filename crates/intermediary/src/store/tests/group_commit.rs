//! Operations of SQLite's one writer share commits, and fail alone unless the transaction itself has ended.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
};

use super::fixtures::*;
use crate::store::{
    Error, Received, Store,
    db::Tx,
    statement::{Query, sql},
};

type Committed<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + 'a>>;

fn job(subject: &str) -> Query {
    sql("INSERT INTO jobs (kind, subject, due_at, wanted, since, attempts, faults)
         VALUES ('notification', $1, 1, 1, 1, 0, 0)")
    .bind(subject)
}

/// The jobs that are committed.
async fn committed(store: &Store) -> Vec<String> {
    let rows = sql("SELECT subject FROM jobs ORDER BY subject").all(&store.db).await.unwrap();
    rows.iter().map(|row| row.text("subject").unwrap()).collect()
}

/// Writes the job `first`, and begins another operation before that is committed.
async fn two_in_a_group(store: &Store) -> (Committed<'_>, Tx) {
    let mut first = store.db.write().await.unwrap();
    job("first").run(&mut first).await.unwrap();
    let mut second = Box::pin(store.db.write());
    assert!(poll_fn(|context| Poll::Ready(second.as_mut().poll(context))).await.is_pending(), "it waits");
    let mut first: Committed<'_> = Box::pin(first.commit());
    let second = poll_fn(|context| {
        assert!(first.as_mut().poll(context).is_pending(), "the commit waits for those that wait");
        second.as_mut().poll(context)
    });
    let second = second.await.unwrap();
    assert_eq!(committed(store).await, Vec::<String>::new());
    (first, second)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operations_that_wait_share_one_commit() {
    let place = Place::sqlite();
    let store = place.instance().await;
    let (first, mut second) = two_in_a_group(&store).await;
    job("second").run(&mut second).await.unwrap();
    second.commit().await.unwrap();
    first.await.unwrap();
    assert_eq!(committed(&store).await, ["first", "second"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_that_fails_is_rolled_back_alone() {
    let place = Place::sqlite();
    let store = place.instance().await;
    let (first, mut second) = two_in_a_group(&store).await;
    job("second").run(&mut second).await.unwrap();
    job("first").run(&mut second).await.unwrap_err();
    second.commit().await.unwrap_err();
    first.await.unwrap();
    assert_eq!(committed(&store).await, ["first"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_operation_that_fails_leaves_nothing_to_the_next() {
    let place = Place::sqlite();
    let store = place.instance().await;
    for ends in ["fails", "is rolled back", "is canceled"] {
        let mut first = store.db.write().await.unwrap();
        job("first").run(&mut first).await.unwrap();
        let mut second = Box::pin(store.db.write());
        assert!(poll_fn(|context| Poll::Ready(second.as_mut().poll(context))).await.is_pending(), "it waits");
        match ends {
            "fails" => {
                job("first").run(&mut first).await.unwrap_err();
                first.commit().await.unwrap_err();
            }
            "is rolled back" => first.roll_back().await,
            _ => drop(first),
        }
        let mut second = second.await.unwrap();
        let subject = format!("after one that {ends}");
        job(&subject).run(&mut second).await.unwrap();
        second.commit().await.unwrap();
    }
    assert_eq!(
        committed(&store).await,
        ["after one that fails", "after one that is canceled", "after one that is rolled back"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_single_statement_that_fails_harms_no_other() {
    let place = Place::sqlite();
    let store = place.instance().await;
    let (first, second) = two_in_a_group(&store).await;
    let mut third = Box::pin(job("first").run(store.db.writer()));
    assert!(poll_fn(|context| Poll::Ready(third.as_mut().poll(context))).await.is_pending());
    second.roll_back().await;
    third.await.unwrap_err();
    first.await.unwrap();
    assert_eq!(committed(&store).await, ["first"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_statement_that_fails_harms_no_other() {
    let place = Place::sqlite();
    let store = place.instance().await;
    job("first").run(store.db.writer()).await.unwrap();
    let open = store.db.write().await.unwrap();
    let mut statement = Box::pin(job("first").run(store.db.writer()));
    assert!(poll_fn(|context| Poll::Ready(statement.as_mut().poll(context))).await.is_pending());
    let mut last = Box::pin(store.db.write());
    assert!(poll_fn(|context| Poll::Ready(last.as_mut().poll(context))).await.is_pending());
    // The statement is now the first of its group, and the last one joins it.
    open.roll_back().await;
    statement.await.unwrap_err();
    let mut last = last.await.unwrap();
    job("last").run(&mut last).await.unwrap();
    last.commit().await.unwrap();
    assert_eq!(committed(&store).await, ["first", "last"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_canceled_operation_is_rolled_back_alone() {
    let place = Place::sqlite();
    let store = place.instance().await;
    let (first, mut second) = two_in_a_group(&store).await;
    job("second").run(&mut second).await.unwrap();
    drop(second);
    first.await.unwrap();
    assert_eq!(committed(&store).await, ["first"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_that_ends_the_transaction_fails_the_group() {
    let place = Place::sqlite();
    let store = place.instance().await;
    let pages = sql("PRAGMA page_count").first(store.db.writer()).await.unwrap().unwrap();
    let pages = pages.int("page_count").unwrap();
    sql(format!("PRAGMA max_page_count = {pages}")).all(store.db.writer()).await.unwrap();
    let (first, mut second) = two_in_a_group(&store).await;
    let fill = sql("UPDATE jobs SET subject = hex(zeroblob(1000000))");
    assert!(fill.run(&mut second).await.unwrap_err().is_away());
    drop(second);
    let told = first.await.unwrap_err();
    assert!(told.is_away(), "{told}");
    assert_eq!(committed(&store).await, Vec::<String>::new());
    // The limit was that connection's.
    assert_eq!(store.receive(&webhook("1", about("1"))).await.unwrap(), Received::New);
}

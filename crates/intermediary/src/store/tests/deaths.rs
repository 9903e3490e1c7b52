//! Processes that die while they work.

use super::fixtures::*;
use crate::{
    domain::time::{self, Millis},
    store::{Claim, JobResult, Queue, Store, Trigger},
};

/// Claims the jobs that are due at `now`, for an instance that then dies.
async fn dies(store: &Store, now: Millis) -> Vec<Claim> {
    store.claim(Queue::Provider, 100, LEASE, now).await.unwrap()
}

pub(super) async fn deaths_are_counted_until_the_work_comes_to_an_end(place: Place) {
    let store = place.instance().await;
    store.receive(&webhook("w1", about("p1"))).await.unwrap();
    let start = time::now();
    for deaths in 0..5 {
        let now = time::after(start, LEASE * deaths);
        let claims = dies(&store, now).await;
        let claim = &claims[0];
        assert_eq!((claim.deaths, claim.faults, claim.faults_since), (deaths, deaths, start));
    }
    let now = time::after(start, LEASE * 5);
    let claim = dies(&store, now).await.remove(0);
    // The job was innocent: this attempt ends, although nothing was achieved.
    store.finish(&claim, JobResult::RetryAt(now, "503")).await.unwrap();
    let claim = dies(&store, now).await.remove(0);
    assert_eq!((claim.deaths, claim.faults, claim.attempts), (0, 0, 6));
    done(&store, &claim).await;
}

pub(super) async fn job_that_died_waits_longer_each_time_even_after_a_start(place: Place) {
    let store = place.instance().await;
    store.receive(&webhook("w1", about("p1"))).await.unwrap();
    let start = time::now();
    let first = dies(&store, start).await.remove(0);
    let in_time = time::after(start, LEASE);
    let later = time::after(start, LEASE * 10);
    store.put_off(&first, later).await.unwrap();
    // Neither a start nor another webhook shortens the pause.
    let next = place.instance().await;
    next.resume(HOUR * 2).await.unwrap();
    next.receive(&webhook("w2", about("p1"))).await.unwrap();
    assert!(dies(&next, in_time).await.is_empty());
    assert_eq!(dies(&next, later).await.len(), 1);
    // An operator does.
    let again = time::after(later, LEASE);
    next.put_off(&first, time::after(again, HOUR)).await.unwrap();
    next.assign(&id("t1"), &id("p1"), Some(&Trigger::Operator)).await.unwrap();
    let claim = dies(&next, again).await.remove(0);
    assert_eq!((claim.deaths, claim.faults), (0, 0));
}

pub(super) async fn faults_are_counted_from_the_first_one_on(place: Place) {
    let store = place.instance().await;
    store.receive(&webhook("w1", about("p1"))).await.unwrap();
    let start = time::now();
    // A long outage is no fault, so the first fault is not as old as the outage.
    let claim = dies(&store, start).await.remove(0);
    store.finish(&claim, JobResult::RetryAt(start, "503")).await.unwrap();
    let later = time::after(start, HOUR);
    let claim = dies(&store, later).await.remove(0);
    assert_eq!((claim.faults, claim.faults_since), (0, later));
    store.finish(&claim, JobResult::Failed(later, "404")).await.unwrap();
    let claim = dies(&store, time::after(later, HOUR)).await.remove(0);
    assert_eq!((claim.faults, claim.faults_since), (1, later));
    done(&store, &claim).await;
}

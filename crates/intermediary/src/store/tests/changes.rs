//! LISTEN and NOTIFY: a change by one instance wakes the others.

use std::time::Duration;

use tokio::time::timeout;
use wire::Status;

use super::fixtures::*;
use crate::store::{ChangeNotification, statement::sql};

#[tokio::test]
async fn sqlite_has_no_other_instances_to_hear_from() {
    assert!(Place::sqlite().instance().await.wakeups(HOUR).await.unwrap().is_none());
}

#[tokio::test]
async fn committed_change_wakes_others_and_a_break_is_noticed() {
    let place = Place::postgres().await;
    let (here, there) = (place.instance().await, place.instance().await);
    let mut wakeups = there.wakeups(HOUR).await.unwrap().unwrap();
    let next = async |wakeups: &mut crate::store::ChangeListener| {
        timeout(Duration::from_secs(10), wakeups.next()).await.unwrap().unwrap()
    };
    let checkout = open(&here, "1", "p1").await;
    let checkout = observed(&here, &checkout, Status::Processing).await;
    assert_eq!(next(&mut wakeups).await, ChangeNotification::Changed(checkout.id.clone()));
    assert_eq!(there.checkout(&checkout.id).await.unwrap().unwrap().version, checkout.version);
    sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
        .run(here.db.writer())
        .await
        .unwrap();
    let checkout = observed(&here, &checkout, Status::Paid).await;
    // The listener reports a possible loss, whether something was lost or not.
    assert_eq!(next(&mut wakeups).await, ChangeNotification::Missed);
    let checkout = observed(&here, &checkout, Status::Reversed).await;
    assert_eq!(next(&mut wakeups).await, ChangeNotification::Changed(checkout.id), "it listens again");
}

#[tokio::test]
async fn all_is_read_again_from_time_to_time() {
    let there = Place::postgres().await.instance().await;
    let mut wakeups = there.wakeups(Duration::from_millis(10)).await.unwrap().unwrap();
    for _ in 0..2 {
        let next = timeout(Duration::from_secs(10), wakeups.next()).await.unwrap().unwrap();
        assert_eq!(next, ChangeNotification::Missed);
    }
}

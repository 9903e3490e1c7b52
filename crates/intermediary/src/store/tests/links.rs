//! Orders and their links.

use wire::Status;

use super::fixtures::*;
use crate::{
    domain::time,
    store::{Begin, Job, JobResult, Queue, Registered, Trigger},
    store::{Error, OrderRefusal},
};

pub(super) async fn an_order_has_the_terms_that_came_last_until_it_is_paid(place: Place) {
    let store = place.instance().await;
    assert_eq!(store.order("1").await.unwrap(), None);
    assert_eq!(store.register("1", &terms("2")).await.unwrap(), Registered::New);
    assert_eq!(store.register("1", &terms("2.50")).await.unwrap(), Registered::Replaced);
    assert_eq!(store.order("1").await.unwrap(), Some(terms("2.50")));
    let checkout = open(&store, "1", "p1").await;
    observed(&store, &checkout, Status::Paid).await;
    assert!(matches!(store.register("1", &terms("3")).await, Err(Error::Order(OrderRefusal::AlreadyPaid))));
    assert_eq!(store.order("1").await.unwrap(), Some(terms("2.50")));
    assert!(matches!(begin(&store, "1", "2.50").await, Begin::Paid));
}

pub(super) async fn ten_requests_at_two_instances_ask_once(place: Place) {
    let (one, two) = (place.instance().await, place.instance().await);
    let mut requests = tokio::task::JoinSet::new();
    for number in 0..10 {
        let store = if number % 2 == 0 { one.clone() } else { two.clone() };
        requests.spawn(async move { begin(&store, "1", "2.50").await });
    }
    let begun = requests.join_all().await;
    assert_eq!(begun.iter().filter(|begin| matches!(begin, Begin::Create(..))).count(), 1, "{begun:?}");
    assert_eq!(begun.iter().filter(|begin| matches!(begin, Begin::InProgress)).count(), 9, "{begun:?}");
}

pub(super) async fn attempt_of_a_dead_instance_continues_with_the_same_key(place: Place) {
    let (dead, alive) = (place.instance().await, place.instance().await);
    let (first, lost) = asked(&dead, "1", "2.50").await;
    assert!(claim(&alive).await.is_empty(), "it is being asked for");
    let once_it_ends = time::after(time::now(), LEASE);
    let claims = alive.claim(Queue::Provider, 100, LEASE, once_it_ends).await.unwrap();
    assert_eq!(claims.iter().map(|claim| &claim.job).collect::<Vec<_>>(), [&Job::Attempt(first.id.clone())]);
    assert!(matches!(begin(&dead, "1", "2.50").await, Begin::InProgress));
    let taken = alive.checkout(&first.id).await.unwrap().unwrap();
    assert_eq!(taken.attempt_key, first.attempt_key);
    let recorded = record(&alive, &taken, &claims[0], "p1").await.unwrap();
    // The dead instance was only slow: the same key got the same answer, and its late answer changes nothing.
    let late = record(&dead, &first, &lost, "p1").await.unwrap();
    assert_eq!((late.url, late.version), (recorded.url, recorded.version));
    assert!(matches!(begin(&dead, "1", "2.50").await, Begin::Reusable(_)));
}

pub(super) async fn refused_attempt_gets_a_new_key_and_an_expired_one_is_closed(place: Place) {
    let store = place.instance().await;
    let (first, attempt) = asked(&store, "1", "2.50").await;
    store.renew_attempt(&first, &attempt, "422", &Trigger::Sweep).await.unwrap();
    assert!(claim(&store).await.is_empty(), "a refused request is not repeated by itself");
    let (second, _) = asked(&store, "1", "2.50").await;
    assert_eq!(second.id, first.id);
    assert_ne!(second.attempt_key, first.attempt_key);
    assert_eq!(
        record(&store, &first, &attempt, "p1").await,
        None,
        "the answer to the old key belongs to no checkout"
    );
    store.expire_unanswered(&second).await.unwrap();
    assert_eq!(store.checkout(&second.id).await.unwrap().unwrap().state.status, Status::Expired);
    assert_ne!(asked(&store, "1", "2.50").await.0.id, first.id);
}

pub(super) async fn a_link_is_recorded_once_and_then_alive(place: Place) {
    let store = place.instance().await;
    let (checkout, attempt) = asked(&store, "1", "2.50").await;
    store.receive(&webhook("early", about("p1"))).await.unwrap();
    let early = claim(&store).await;
    assert_eq!(early.len(), 1);
    let later = time::after(time::now(), HOUR);
    store.finish(&early[0], JobResult::RetryAt(later, "no checkout yet")).await.unwrap();
    let recorded = record(&store, &checkout, &attempt, "p1").await.unwrap();
    assert_eq!(recorded.url.as_deref(), Some("https://link.example/p1"));
    let due = claim(&store).await;
    assert_eq!(due.len(), 1, "what was here before the answer is due at once");
    assert_eq!(due[0].job, Job::Payment(id("p1")));
    let Begin::Reusable(alive) = begin(&store, "1", "2.50").await else { panic!("it is alive") };
    assert_eq!(alive, recorded);
    assert_eq!(store.checkout_of(&id("p1")).await.unwrap(), Some(alive));
    assert!(matches!(begin(&store, "1", "3.00").await, Begin::NeedsConfirmation(_)), "other terms");
}

pub(super) async fn other_terms_close_a_checkout_that_never_had_a_link(place: Place) {
    let store = place.instance().await;
    let (first, attempt) = asked(&store, "1", "2.50").await;
    store.finish(&attempt, JobResult::RetryAt(in_an_hour(), "timeout")).await.unwrap();
    let (second, _) = asked(&store, "1", "3.00").await;
    assert_ne!((&first.id, first.attempt_key), (&second.id, second.attempt_key));
    assert_eq!(store.checkout(&first.id).await.unwrap().unwrap().state.status, Status::Canceled);
    assert_eq!(record(&store, &first, &attempt, "p1").await, None, "a late answer opens nothing");
}

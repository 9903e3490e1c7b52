//! The promises of the store.

use std::collections::HashSet;

use wire::Status;

use super::fixtures::*;
use crate::{
    domain::time,
    provider::Subject,
    store::{Applied, Begin, Job, JobResult, Outcome, Queue, Received, Registered, Trigger, query::sql},
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
    assert!(claim(&store).await.is_empty(), "nobody asks again by itself for what was refused");
    let (second, _) = asked(&store, "1", "2.50").await;
    assert_eq!(second.id, first.id);
    assert_ne!(second.attempt_key, first.attempt_key);
    assert_eq!(record(&store, &first, &attempt, "p1").await, None, "the answer to the old key is nobody's");
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

pub(super) async fn a_webhook_that_comes_twice_is_stored_once(place: Place) {
    let (one, two) = (place.instance().await, place.instance().await);
    let event = webhook("w1", about("p1"));
    let (first, second) = tokio::join!(one.receive(&event), two.receive(&event));
    let mut received = [first.unwrap(), second.unwrap()];
    received.sort_by_key(|received| *received == Received::Duplicate);
    assert_eq!(received, [Received::New, Received::Duplicate]);
    assert_eq!(one.waiting(&id("p1")).await.unwrap().len(), 1);
    let claims = claim(&two).await;
    assert_eq!(claims.len(), 1);
    let waiting = one.waiting(&id("p1")).await.unwrap();
    one.settle(&waiting, Outcome::Unmatched).await.unwrap();
    done(&two, &claims[0]).await;
    assert_eq!(one.receive(&event).await.unwrap(), Received::Duplicate, "also after its work is done");
    assert!(claim(&one).await.is_empty());
}

pub(super) async fn an_unknown_webhook_is_kept_and_makes_no_work(place: Place) {
    let store = place.instance().await;
    let event = webhook("w1", Subject::Unknown(id("unknown")));
    assert_eq!(store.receive(&event).await.unwrap(), Received::Ignored);
    assert_eq!(store.receive(&event).await.unwrap(), Received::Duplicate);
    assert!(claim(&store).await.is_empty());
    assert_eq!(store.backlog().await.unwrap().webhooks, 0);
}

pub(super) async fn a_hundred_jobs_and_eight_claimers_each_is_done_once(place: Place) {
    let instances = [place.instance().await, place.instance().await];
    for number in 0..100 {
        let event = webhook(&format!("w{number}"), about(&format!("p{number}")));
        instances[number % 2].receive(&event).await.unwrap();
    }
    let mut claimers = tokio::task::JoinSet::new();
    for number in 0..8 {
        let store = instances[number % 2].clone();
        claimers.spawn(async move {
            let mut mine = Vec::new();
            loop {
                let claims = store.claim(Queue::Provider, 3, LEASE, time::now()).await.unwrap();
                if claims.is_empty() {
                    return mine;
                }
                for claim in claims {
                    done(&store, &claim).await;
                    mine.push(claim.job);
                }
            }
        });
    }
    let all: Vec<Job> = claimers.join_all().await.into_iter().flatten().collect();
    assert_eq!(all.len(), 100);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 100);
    assert_eq!(instances[0].next_due(time::now()).await.unwrap(), None);
}

pub(super) async fn job_requested_again_during_its_work_is_not_lost(place: Place) {
    let store = place.instance().await;
    store.receive(&webhook("w1", about("p1"))).await.unwrap();
    let first = claim(&store).await.remove(0);
    store.receive(&webhook("w2", about("p1"))).await.unwrap();
    assert!(claim(&store).await.is_empty(), "nobody else works on it meanwhile");
    done(&store, &first).await;
    let second = claim(&store).await.remove(0);
    store.receive(&webhook("w3", about("p1"))).await.unwrap();
    store.finish(&second, JobResult::Done(Some(in_an_hour()))).await.unwrap();
    let third = claim(&store).await.remove(0);
    done(&store, &third).await;
    assert!(claim(&store).await.is_empty());
}

pub(super) async fn ended_lease_passes_on_and_its_first_holder_ends_nothing(place: Place) {
    let (slow, quick) = (place.instance().await, place.instance().await);
    slow.receive(&webhook("w1", about("p1"))).await.unwrap();
    let now = time::now();
    let claim_at =
        async |store: &crate::store::Store, now| store.claim(Queue::Provider, 100, LEASE, now).await.unwrap();
    let late = claim_at(&slow, now).await.remove(0);
    assert!(claim_at(&quick, now).await.is_empty());
    let end = time::after(now, LEASE);
    assert_eq!(quick.next_due(now).await.unwrap(), Some(end), "it wakes for the lease's end");
    let taken = claim_at(&quick, end).await.remove(0);
    assert_eq!((taken.attempts, taken.faults), (1, 1), "the death of the first one counts");
    done(&slow, &late).await;
    slow.finish(&late, JobResult::RetryAt(in_an_hour(), "late")).await.unwrap();
    assert!(claim_at(&slow, end).await.is_empty(), "it is still the second one's");
    done(&quick, &taken).await;
    assert_eq!(quick.next_due(time::now()).await.unwrap(), None);
}

pub(super) async fn failures_are_counted_and_outages_are_no_faults(place: Place) {
    let store = place.instance().await;
    store.receive(&webhook("w1", about("p1"))).await.unwrap();
    let now = time::now();
    let claimed = claim(&store).await.remove(0);
    assert_eq!((claimed.attempts, claimed.faults), (0, 0));
    store.finish(&claimed, JobResult::RetryAt(now, "503")).await.unwrap();
    let claimed = claim(&store).await.remove(0);
    assert_eq!((claimed.attempts, claimed.faults), (1, 0));
    store.finish(&claimed, JobResult::Failed(now, "404")).await.unwrap();
    let claimed = claim(&store).await.remove(0);
    assert_eq!((claimed.attempts, claimed.faults), (2, 1));
    assert!(claimed.since <= now);
    store.finish(&claimed, JobResult::Done(Some(now))).await.unwrap();
    let claimed = claim(&store).await.remove(0);
    assert_eq!((claimed.attempts, claimed.faults), (0, 0));
    store.finish(&claimed, JobResult::Failed(in_an_hour(), "404")).await.unwrap();
    assert!(claim(&store).await.is_empty());
    assert_eq!(store.resume().await.unwrap(), 1, "a start tries again what waited");
}

pub(super) async fn of_two_answers_the_second_is_overtaken_and_writes_nothing(place: Place) {
    let store = place.instance().await;
    let checkout = open(&store, "1", "p1").await;
    store.receive(&webhook("w1", about("p1"))).await.unwrap();
    let waiting = store.waiting(&id("p1")).await.unwrap();
    let paid = observed(&store, &checkout, Status::Paid).await;
    assert_eq!(paid.version, checkout.version + 1);
    let overtaken = observe(&store, &checkout, Status::Processing, &waiting).await;
    assert_eq!(overtaken, Applied::Overtaken);
    assert_eq!(store.checkout(&checkout.id).await.unwrap(), Some(paid));
    assert_eq!(store.waiting(&id("p1")).await.unwrap(), waiting, "nothing was settled by it");
}

pub(super) async fn checkout_paid_by_two_instances_is_notified_once(place: Place) {
    let (one, two) = (place.instance().await, place.instance().await);
    for round in 0..10 {
        let checkout = open(&one, &round.to_string(), &format!("p{round}")).await;
        let (first, second) = tokio::join!(
            observe(&one, &checkout, Status::Paid, &[]),
            observe(&two, &checkout, Status::Paid, &[])
        );
        assert!((first == Applied::Overtaken) != (second == Applied::Overtaken), "{first:?} {second:?}");
    }
    assert_eq!(one.notifications(None, 100).await.unwrap().len(), 10);
}

pub(super) async fn every_change_is_in_the_audit_with_its_cause_and_stays_there(place: Place) {
    let store = place.instance().await;
    let checkout = open(&store, "1", "p1").await;
    observed(&store, &checkout, Status::Paid).await;
    let lines = store.audit(&checkout.id).await.unwrap();
    let said: Vec<_> = lines
        .iter()
        .map(|line| (line.change.as_str(), line.status.as_str(), line.version, line.cause.as_str()))
        .collect();
    let expected = [
        ("begun", "pending", 1, "request"),
        ("link", "pending", 1, "request"),
        ("status", "paid", 2, "webhook"),
    ];
    assert_eq!(said, expected);
    assert_eq!(lines[0].cause_id.as_deref(), Some("r1"));
    assert_eq!(lines[2].cause_id.as_deref(), Some("acme:w1"));
    for text in ["UPDATE audit SET status = 'failed'", "DELETE FROM audit"] {
        let refused = sql(text).run(store.db.writer()).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
    assert_eq!(store.audit(&checkout.id).await.unwrap(), lines);
}

pub(super) async fn a_dead_letter_is_listed_and_replayed_once(place: Place) {
    let store = place.instance().await;
    store.receive(&webhook("w1", about("p1"))).await.unwrap();
    let claimed = claim(&store).await.remove(0);
    let waiting = store.waiting(&id("p1")).await.unwrap();
    store.dead_letter(&waiting, 10, &"ü".repeat(1000)).await.unwrap();
    store.dead_letter(&waiting, 10, "twice").await.unwrap();
    done(&store, &claimed).await;
    let letters = store.dead_letters(100).await.unwrap();
    assert_eq!(letters.len(), 1, "what is dead does not die again");
    assert_eq!((letters[0].webhook_id.as_str(), letters[0].attempts), ("acme:w1", 10));
    assert_eq!((letters[0].payment_id.as_deref(), letters[0].replayed_at), (Some("acme:p1"), None));
    assert_eq!(letters[0].error.chars().count(), 300);
    assert_eq!(store.backlog().await.unwrap().dead_letters, 1);
    assert_eq!(store.receive(&webhook("w1", about("p1"))).await.unwrap(), Received::Duplicate);
    assert!(claim(&store).await.is_empty());
    assert!(store.replay_dead_letter(letters[0].seq).await.unwrap());
    assert!(!store.replay_dead_letter(letters[0].seq).await.unwrap());
    assert!(!store.replay_dead_letter(letters[0].seq + 1).await.unwrap());
    let claimed = claim(&store).await.remove(0);
    assert_eq!(claimed.trigger, Some(Trigger::Operator));
    assert_eq!(store.waiting(&id("p1")).await.unwrap(), waiting);
    assert_eq!(store.backlog().await.unwrap().dead_letters, 0);
}

pub(super) async fn a_transactions_webhooks_become_their_payments(place: Place) {
    let store = place.instance().await;
    for name in ["w1", "w2"] {
        store.receive(&webhook(name, Subject::Transaction(id("t1")))).await.unwrap();
    }
    let claims = claim(&store).await;
    assert_eq!(
        claims.iter().map(|claim| claim.job.clone()).collect::<Vec<_>>(),
        [Job::Transaction(id("t1"))]
    );
    assert_eq!(store.unassigned(&id("t1")).await.unwrap().len(), 2);
    store.assign(&id("t1"), &id("p1"), Some(&Trigger::Operator)).await.unwrap();
    done(&store, &claims[0]).await;
    assert_eq!(store.unassigned(&id("t1")).await.unwrap(), []);
    assert_eq!(store.waiting(&id("p1")).await.unwrap().len(), 2);
    let claims = claim(&store).await;
    assert_eq!(claims.iter().map(|claim| claim.job.clone()).collect::<Vec<_>>(), [Job::Payment(id("p1"))]);
    assert_eq!(claims[0].trigger, Some(Trigger::Operator), "the operator asked for both jobs");
}

pub(super) async fn a_person_sees_checkouts_and_what_is_waiting(place: Place) {
    let store = place.instance().await;
    let checkout = open(&store, "1", "p1").await;
    open(&store, "2", "p2").await;
    store.receive(&webhook("w1", about("p1"))).await.unwrap();
    assert_eq!(store.checkouts(None, 10).await.unwrap().len(), 2);
    assert_eq!(store.checkouts(None, 1).await.unwrap().len(), 1);
    assert_eq!(store.checkouts(Some("1"), 10).await.unwrap(), std::slice::from_ref(&checkout));
    assert_eq!(store.checkouts(Some("3"), 10).await.unwrap(), []);
    let backlog = store.backlog().await.unwrap();
    assert_eq!((backlog.webhooks, backlog.notifications, backlog.dead_letters), (1, 0, 0));
    let claimed = claim(&store).await.remove(0);
    let waiting = store.waiting(&id("p1")).await.unwrap();
    store.settle(&waiting, Outcome::Unchanged).await.unwrap();
    store.finish(&claimed, JobResult::Done(Some(in_an_hour()))).await.unwrap();
    store.look_again(&checkout).await.unwrap();
    let claimed = claim(&store).await.remove(0);
    assert_eq!((claimed.job, claimed.trigger), (Job::Payment(id("p1")), Some(Trigger::Operator)));
    let unknown = crate::domain::checkout::CheckoutId::random().unwrap();
    let read = store.read(&[unknown, checkout.id.clone()]).await.unwrap();
    assert_eq!(read, [checkout]);
}

//! Webhooks that are stored, and jobs that are claimed.

use std::collections::HashSet;

use wire::Status;

use super::fixtures::*;
use crate::{
    domain::time,
    provider::Subject,
    store::{Job, JobResult, Outcome, Queue, Received},
};

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
    assert!(claim(&store).await.is_empty(), "no other instance works on it meanwhile");
    done(&store, &first).await;
    let second = claim(&store).await.remove(0);
    store.receive(&webhook("w3", about("p1"))).await.unwrap();
    store.finish(&second, JobResult::Done(Some(in_an_hour()))).await.unwrap();
    let third = claim(&store).await.remove(0);
    done(&store, &third).await;
    assert!(claim(&store).await.is_empty());
}

pub(super) async fn webhook_that_is_read_by_the_work_makes_no_more_of_it(place: Place) {
    let store = place.instance().await;
    store.receive(&webhook("w1", about("p1"))).await.unwrap();
    let claimed = claim(&store).await.remove(0);
    store.receive(&webhook("w2", about("p1"))).await.unwrap();
    let (read, covering) = store.waiting_for(&id("p1"), &claimed).await.unwrap();
    assert_eq!(read.len(), 2);
    done(&store, &covering).await;
    assert!(claim(&store).await.is_empty(), "both were read");
    store.receive(&webhook("w3", about("p1"))).await.unwrap();
    let claimed = claim(&store).await.remove(0);
    let (_, covering) = store.waiting_for(&id("p1"), &claimed).await.unwrap();
    store.receive(&webhook("w4", about("p1"))).await.unwrap();
    done(&store, &covering).await;
    assert_eq!(claim(&store).await.len(), 1, "the last one came after the reading");
}

pub(super) async fn any_number_of_webhooks_is_settled_at_once(place: Place) {
    let store = place.instance().await;
    for number in 0..120 {
        store.receive(&webhook(&format!("w{number}"), about("p1"))).await.unwrap();
    }
    let waiting = store.waiting(&id("p1")).await.unwrap();
    assert_eq!(waiting.len(), 120);
    store.settle(&waiting, Outcome::Unchanged).await.unwrap();
    assert!(store.waiting(&id("p1")).await.unwrap().is_empty());
}

pub(super) async fn the_job_of_a_fresh_webhook_is_claimed_with_it(place: Place) {
    let (one, two) = (place.instance().await, place.instance().await);
    let receive = async |store: &crate::store::Store, name: &str| {
        store.receive_and_claim(&webhook(name, about("p1")), Some(LEASE)).await.unwrap()
    };
    let (received, claimed) = receive(&one, "w1").await;
    assert_eq!(received, Received::New);
    let claimed = claimed.unwrap();
    assert_eq!((&claimed.job, claimed.attempts, claimed.deaths), (&Job::Payment(id("p1")), 0, 0));
    assert!(claim(&two).await.is_empty(), "it has a lease");
    let (received, other) = receive(&two, "w2").await;
    assert_eq!((received, other.map(|claim| claim.job)), (Received::New, None), "another has it");
    assert_eq!(receive(&two, "w2").await.0, Received::Duplicate);
    done(&one, &claimed).await;
    // The second webhook wants the job again.
    let again = claim(&two).await.remove(0);
    two.finish(&again, JobResult::Done(Some(in_an_hour()))).await.unwrap();
    let (_, early) = receive(&two, "w3").await;
    assert_eq!(early.unwrap().attempts, 0, "also a job that was due later");
    // The process dies: the job is due when the lease ends, and waits longer than a webhook asks for.
    let end = time::after(time::now(), LEASE * 2);
    let taken = one.claim(Queue::Provider, 100, LEASE, end).await.unwrap().remove(0);
    assert_eq!(taken.deaths, 1);
    one.put_off(&taken, in_an_hour()).await.unwrap();
    one.release().await.unwrap();
    assert!(receive(&one, "w4").await.1.is_none());
    assert!(claim(&one).await.is_empty());
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

pub(super) async fn lease_by_a_wrong_clock_is_taken_over(place: Place) {
    let (wrong, right) = (place.instance().await, place.instance().await);
    wrong.receive(&webhook("w1", about("p1"))).await.unwrap();
    assert_eq!(wrong.claim(Queue::Provider, 100, LEASE, in_an_hour()).await.unwrap().len(), 1);
    assert_eq!(claim(&right).await.len(), 1);
}

pub(super) async fn look_for_jobs_waits_for_no_write(place: Place) {
    let store = place.instance().await;
    let _open = store.db.write().await.unwrap();
    assert!(claim(&store).await.is_empty());
}

pub(super) async fn a_start_tries_again_what_failed_and_asks_for_nothing_else_early(place: Place) {
    let store = place.instance().await;
    let far = time::after(time::now(), HOUR * 4);
    let polled = async |name: &str, payment: &str, end: JobResult<'_>| {
        store.receive(&webhook(name, about(payment))).await.unwrap();
        let claimed = claim(&store).await.remove(0);
        store.settle(&store.waiting(&id(payment)).await.unwrap(), Outcome::Unchanged).await.unwrap();
        store.finish(&claimed, end).await.unwrap();
    };
    polled("w1", "p1", JobResult::RetryAt(in_an_hour(), "503")).await;
    polled("w2", "p2", JobResult::Done(Some(in_an_hour()))).await;
    polled("w3", "p3", JobResult::RetryAt(far, "503")).await;
    assert_eq!(
        store.resume(HOUR * 2).await.unwrap(),
        1,
        "a retry, but no usual look, and none after the longest pause"
    );
    assert_eq!(claim(&store).await.remove(0).job, Job::Payment(id("p1")));
    // A webhook that waits is not left for later, whatever a wrong clock has written.
    store.receive(&webhook("w4", about("p3"))).await.unwrap();
    let claimed = claim(&store).await.remove(0);
    store.finish(&claimed, JobResult::RetryAt(far, "503")).await.unwrap();
    assert_eq!(store.resume(HOUR * 2).await.unwrap(), 1 + 1);
}

pub(super) async fn times_by_a_clock_that_was_ahead_are_repaired(place: Place) {
    let store = place.instance().await;
    let checkout = open(&store, "1", "p1").await;
    observed(&store, &checkout, Status::Paid).await;
    let told = store.notifications(None, 1).await.unwrap().remove(0).id;
    let refused = claim_shop(&store).await.remove(0);
    store.receive(&webhook("w1", about("p1"))).await.unwrap();
    let failed = claim(&store).await.remove(0);
    // Both end by the old clock after it was set back.
    store.not_delivered(&refused, &told, "answered 401", Some(in_an_hour())).await.unwrap();
    store.finish(&failed, JobResult::RetryAt(in_an_hour(), "503")).await.unwrap();
    assert!(claim_shop(&store).await.is_empty() && claim(&store).await.is_empty());
    store.repair_stragglers(HOUR / 2).await.unwrap();
    assert_eq!((claim_shop(&store).await.len(), claim(&store).await.len()), (1, 1));
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
    assert_eq!(store.resume(HOUR * 2).await.unwrap(), 1, "a start tries again what waited");
}

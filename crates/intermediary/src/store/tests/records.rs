//! Changes of a checkout, their audit, dead letters, and what a person sees.

use wire::Status;

use super::fixtures::*;
use crate::{
    provider::Subject,
    store::{Applied, Job, JobResult, Outcome, Received, Trigger, statement::sql},
};

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

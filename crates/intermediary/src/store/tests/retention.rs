//! Which old rows are deleted, and which never are.

use std::time::Duration;

use wire::Status;

use super::fixtures::*;
use crate::{
    domain::{
        checkout::Checkout,
        time::{self, Millis},
    },
    provider::Subject,
    store::{
        Applied, Begin, Change, JobResult, OrderCursor, Outcome, PriceSource, Pruned, Received, Store,
        Trigger, statement::sql,
    },
    store::{Error, OrderRefusal},
};

/// A time by which all rows are old.
fn all() -> Millis {
    in_an_hour()
}

/// A time by which no row is old.
fn none() -> Millis {
    time::before(time::now(), HOUR)
}

/// Deletes all older rows, from the start, as the server does.
async fn prune(store: &Store, before: Millis) -> Pruned {
    let mut pruned = store.prune_dead_letters(before).await.unwrap();
    pruned += store.prune_webhooks(before).await.unwrap();
    pruned += store.prune_notifications(before).await.unwrap();
    pruned += store.prune_checkouts(before).await.unwrap();
    let mut mark = OrderCursor::default();
    while let (orders, Some(next)) = store.prune_orders(&mark, before).await.unwrap() {
        (pruned, mark) = (sum(pruned, orders), next);
    }
    pruned
}

fn sum(mut pruned: Pruned, more: Pruned) -> Pruned {
    pruned += more;
    pruned
}

/// Returns a checkout of its own order that ended with this status.
async fn ended(store: &Store, order: &str, status: Status) -> Checkout {
    let checkout = open(store, order, &format!("p{order}")).await;
    claim_and_finish(store, &checkout).await;
    observed(store, &checkout, status).await
}

/// Ends the job that watches its payment.
async fn claim_and_finish(store: &Store, checkout: &Checkout) {
    let payment = checkout.payment_id.as_ref().unwrap().as_str();
    sql("DELETE FROM jobs WHERE subject = $1").bind(payment).run(store.db.writer()).await.unwrap();
}

async fn settled_webhook(store: &Store, name: &str, payment: &str) {
    assert_eq!(store.receive(&webhook(name, about(payment))).await.unwrap(), Received::New);
    let waiting = store.waiting(&id(payment)).await.unwrap();
    store.settle(&waiting, Outcome::Unchanged).await.unwrap();
    for claim in claim(store).await {
        done(store, &claim).await;
    }
}

pub(super) async fn old_finished_rows_are_deleted_and_young_ones_are_kept(place: Place) {
    let store = place.instance().await;
    for (order, status) in
        [("1", Status::Declined), ("2", Status::Failed), ("3", Status::Canceled), ("4", Status::Expired)]
    {
        store.register(order, &terms("2.50")).await.unwrap();
        ended(&store, order, status).await;
    }
    store.register("5", &terms("2.50")).await.unwrap();
    settled_webhook(&store, "w1", "p1").await;
    store.receive(&webhook("w2", Subject::Unknown(id("unknown")))).await.unwrap();
    assert_eq!(prune(&store, none()).await, Pruned::default());
    // Each has three lines: begun, link, status.
    let expected = Pruned { webhooks: 2, checkouts: 4, audit_lines: 12, orders: 5, ..Pruned::default() };
    assert_eq!(prune(&store, all()).await, expected);
    assert_eq!(prune(&store, all()).await, Pruned::default());
    for table in Pruned::TABLES {
        let text = format!("SELECT COUNT(*) AS number FROM {table}");
        let row = sql(text).first(&store.db).await.unwrap().unwrap();
        assert_eq!(row.int("number").unwrap(), 0, "{table}");
    }
}

pub(super) async fn paid_checkout_is_kept_and_notified_only_once(place: Place) {
    let store = place.instance().await;
    store.register("1", &terms("2.50")).await.unwrap();
    let paid = ended(&store, "1", Status::Paid).await;
    let reversed = ended(&store, "2", Status::Paid).await;
    let reversed = observed(&store, &reversed, Status::Reversed).await;
    settled_webhook(&store, "w1", "p1").await;
    for claim in claim_shop(&store).await {
        store.delivered(&claim, claim.job.subject()).await.unwrap();
    }
    let history = store.audit(&paid.id).await.unwrap();
    let pruned = prune(&store, all()).await;
    assert_eq!(pruned, Pruned { webhooks: 1, notifications: 3, ..Pruned::default() });
    for checkout in [&paid, &reversed] {
        assert_eq!(store.checkout(&checkout.id).await.unwrap().as_ref(), Some(checkout));
    }
    assert_eq!(store.audit(&paid.id).await.unwrap(), history);
    assert_eq!(store.order("1").await.unwrap(), Some(terms("2.50")));
    assert!(matches!(begin(&store, "1", "2.50").await, Begin::Paid));
    assert!(matches!(store.register("1", &terms("3")).await, Err(Error::Order(OrderRefusal::AlreadyPaid))));

    // The same webhook is repeated: it counts as new, and leads to a question whose answer is known.
    assert_eq!(store.receive(&webhook("w1", about("p1"))).await.unwrap(), Received::New);
    let claimed = claim(&store).await.remove(0);
    let waiting = store.waiting(&id("p1")).await.unwrap();
    let change = Change {
        checkout: &paid,
        state: None,
        job: Some((&claimed, None)),
        settles: &waiting,
        outcome: Outcome::Unchanged,
        trigger: &Trigger::Webhook("acme:w1".into()),
        price: PriceSource::Registered,
        evidence: None,
        watch: None,
    };
    assert!(matches!(store.apply(change).await.unwrap(), Applied::Done(_)));
    // An answer from before the payment is overtaken, as always.
    let before = Checkout { version: paid.version - 1, ..paid.clone() };
    assert_eq!(observe(&store, &before, Status::Paid, &[]).await, Applied::Overtaken);
    assert_eq!(store.notifications(None, 10).await.unwrap(), []);
    assert!(claim_shop(&store).await.is_empty());
}

pub(super) async fn the_database_itself_keeps_money_and_its_audit(place: Place) {
    let store = place.instance().await;
    for (order, status) in [("1", Some(Status::Paid)), ("2", Some(Status::Processing)), ("3", None)] {
        let checkout = open(&store, order, order).await;
        if let Some(status) = status {
            observed(&store, &checkout, status).await;
        }
        let delete = sql("DELETE FROM checkouts WHERE checkout_id = $1").bind(checkout.id.as_str());
        let refused = delete.run(store.db.writer()).await.unwrap_err().to_string();
        assert!(refused.contains("never deleted"), "{refused}");
        let delete = sql("DELETE FROM audit WHERE checkout_id = $1").bind(checkout.id.as_str());
        let refused = delete.run(store.db.writer()).await.unwrap_err().to_string();
        assert!(refused.contains("append-only while its checkout is kept"), "{refused}");
    }
}

pub(super) async fn row_with_a_job_or_for_a_person_is_never_deleted(place: Place) {
    let store = place.instance().await;
    // Its payment is still watched, in case it is paid nevertheless.
    let watched = open(&store, "1", "p1").await;
    observed(&store, &watched, Status::Expired).await;
    // Its link request is to be repeated.
    let (asked, _) = asked(&store, "2", "2.50").await;
    observed(&store, &asked, Status::Canceled).await;
    // Its webhook was given up, and no person has inspected it.
    let lost = ended(&store, "3", Status::Expired).await;
    store.receive(&webhook("w3", about("p3"))).await.unwrap();
    let waiting = store.waiting(&id("p3")).await.unwrap();
    store.dead_letter(&waiting, 10, "404").await.unwrap();
    claim_and_finish(&store, &lost).await;
    // A webhook without an outcome, and a notification that is still to be sent.
    let paid = open(&store, "4", "p4").await;
    observed(&store, &paid, Status::Paid).await;
    store.receive(&webhook("w4", about("p4"))).await.unwrap();
    assert_eq!(prune(&store, all()).await, Pruned::default());
    assert_eq!(store.waiting(&id("p4")).await.unwrap().len(), 1);

    // A replay of a kept row works. When its work is done, all of it is deleted.
    let letter = store.dead_letters(10).await.unwrap().remove(0);
    assert!(store.replay_dead_letter(letter.seq).await.unwrap());
    let pruned = prune(&store, none()).await;
    assert_eq!(pruned, Pruned::default(), "it was replayed just now");
    let pruned = prune(&store, all()).await;
    assert_eq!(pruned, Pruned { dead_letters: 1, ..Pruned::default() }, "its webhook waits again");
    for payment in ["p3", "p4"] {
        let waiting = store.waiting(&id(payment)).await.unwrap();
        store.settle(&waiting, Outcome::Unchanged).await.unwrap();
    }
    let later = time::after(time::now(), HOUR * 2);
    for claim in store.claim(crate::store::Queue::Provider, 100, LEASE, later).await.unwrap() {
        store.finish(&claim, JobResult::Done(None)).await.unwrap();
    }
    for claim in claim_shop(&store).await {
        store.not_delivered(&claim, claim.job.subject(), "answered 404", None).await.unwrap();
    }
    // Each of the three has a beginning and an end; two of them had a link.
    let expected =
        Pruned { webhooks: 2, notifications: 1, checkouts: 3, audit_lines: 8, ..Pruned::default() };
    assert_eq!(prune(&store, all()).await, expected);
}

pub(super) async fn a_checkout_stays_as_long_as_an_older_one_of_its_order(place: Place) {
    let store = place.instance().await;
    let first = ended(&store, "1", Status::Expired).await;
    tokio::time::sleep(Duration::from_millis(2)).await;
    let second = open(&store, "1", "p1b").await;
    claim_and_finish(&store, &second).await;
    let second = observed(&store, &second, Status::Canceled).await;
    // The older one is paid late. The newer one says what the order costs, now and at the reversal.
    let first = observed(&store, &first, Status::Paid).await;
    assert_eq!(store.prune_checkouts(all()).await.unwrap(), Pruned::default());
    assert_eq!(store.checkout(&second.id).await.unwrap(), Some(second));
    // Attempts before the payment have no effect on the price.
    let early = ended(&store, "2", Status::Declined).await;
    tokio::time::sleep(Duration::from_millis(2)).await;
    let paid = open(&store, "2", "p5").await;
    observed(&store, &paid, Status::Paid).await;
    assert_eq!(store.prune_checkouts(all()).await.unwrap().checkouts, 1);
    assert_eq!(store.checkout(&early.id).await.unwrap(), None);
    assert_eq!(store.audit(&early.id).await.unwrap(), []);
    assert_eq!(store.checkout(&first.id).await.unwrap(), Some(first));
}

pub(super) async fn two_instances_that_delete_at_once_delete_each_row_once(place: Place) {
    let (one, two) = (place.instance().await, place.instance().await);
    let count = 250;
    for number in 0..count {
        one.register(&number.to_string(), &terms("2.50")).await.unwrap();
        one.receive(&webhook(&format!("w{number}"), Subject::Unknown(id("unknown")))).await.unwrap();
    }
    for number in 0..20 {
        ended(&one, &number.to_string(), Status::Expired).await;
    }
    let drain = async |store: &Store| {
        let mut pruned = Pruned::default();
        for _ in 0..4 {
            pruned += prune(store, all()).await;
        }
        pruned
    };
    let (here, there) = tokio::join!(drain(&one), drain(&two));
    let expected =
        Pruned { webhooks: count, checkouts: 20, audit_lines: 60, orders: count, ..Pruned::default() };
    assert_eq!(sum(here, there), expected);
}

pub(super) async fn order_registered_again_or_requested_keeps_its_price(place: Place) {
    let store = place.instance().await;
    for order in ["1", "2", "3"] {
        store.register(order, &terms("2.50")).await.unwrap();
    }
    sql("UPDATE orders SET updated_at = $1 WHERE order_id <> '3'")
        .bind(none())
        .run(store.db.writer())
        .await
        .unwrap();
    open(&store, "1", "p1").await;
    let before = time::before(time::now(), HOUR / 2);
    let (pruned, mark) = store.prune_orders(&OrderCursor::default(), before).await.unwrap();
    assert_eq!(pruned, Pruned { orders: 1, ..Pruned::default() });
    let (pruned, end) = store.prune_orders(&mark.unwrap(), before).await.unwrap();
    assert_eq!((pruned, end), (Pruned::default(), None));
    let mut left = Vec::new();
    for order in ["1", "2", "3"] {
        left.push(store.order(order).await.unwrap().is_some());
    }
    assert_eq!(left, [true, false, true]);
}

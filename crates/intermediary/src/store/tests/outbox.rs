//! The notifications for the shop, and the price that decides which.

use std::collections::HashSet;

use wire::Status;

use super::fixtures::*;
use crate::{
    domain::{
        checkout::{Checkout, Terms},
        time,
    },
    store::{Applied, Begin, Change, NotificationState, Outcome, PriceSource, Store, Trigger},
};

pub(super) async fn the_shop_is_told_of_paid_paid_again_and_reversed_once_each(place: Place) {
    let store = place.instance().await;
    let first = open(&store, "1", "p1").await;
    let given_up = observed(&store, &first, Status::Expired).await;
    let second = open(&store, "1", "p2").await;
    let second = observed(&store, &second, Status::Paid).await;
    // The link that was given up is paid nevertheless.
    let first = observed(&store, &given_up, Status::Paid).await;
    observed(&store, &first, Status::Reversed).await;
    let events = async || {
        let mut told = store.notifications(None, 100).await.unwrap();
        told.sort_by(|a, b| (a.created_at, &a.event).cmp(&(b.created_at, &b.event)));
        told.into_iter().map(|told| (told.event, told.checkout_id)).collect::<HashSet<_>>()
    };
    let (one, two) = (first.id.to_string(), second.id.to_string());
    let paid = ("order.paid".to_owned(), two.clone());
    let again = ("order.paid_again".to_owned(), one.clone());
    let back = ("order.payment_reversed".to_owned(), one);
    let expected = HashSet::from([paid.clone(), again.clone(), back.clone()]);
    assert_eq!(events().await, expected, "the order is still paid");
    observed(&store, &second, Status::Reversed).await;
    let reversed = ("order.reversed".to_owned(), two);
    assert_eq!(events().await, HashSet::from([paid, again, back, reversed]));
    let jobs = claim_shop(&store).await;
    let ids: HashSet<_> = jobs.iter().map(|claim| claim.job.subject().to_owned()).collect();
    assert_eq!(ids, store.notifications(None, 100).await.unwrap().into_iter().map(|told| told.id).collect());
    let told = store.notifications(None, 100).await.unwrap();
    let told = told.iter().find(|told| told.event == "order.paid").unwrap();
    let body: serde_json::Value = serde_json::from_str(&told.body).unwrap();
    let expected = serde_json::json!({
        "type": "order.paid", "timestamp": time::rfc3339(told.created_at), "data": {
            "orderId": "1", "checkoutId": second.id.to_string(), "paymentId": "acme:p2", "status": "paid",
            "funds": "2.50", "currency": "USD", "comment": "Two coffees", "version": 2,
        }
    });
    assert_eq!(body, expected);
}

/// Returns the shop's notifications: the event's name and the checkout.
pub(super) async fn told(store: &Store) -> HashSet<(String, String)> {
    let told = store.notifications(None, 100).await.unwrap();
    told.into_iter().map(|told| (told.event, told.checkout_id)).collect()
}

pub(super) fn event(name: &str, checkout: &Checkout) -> (String, String) {
    (name.to_owned(), checkout.id.to_string())
}

pub(super) async fn link_at_an_outdated_price_does_not_pay_the_order(place: Place) {
    let store = place.instance().await;
    store.register("1", &terms("2.50")).await.unwrap();
    let old = open(&store, "1", "p1").await;
    // The page has not asked again yet, so the old link is open.
    store.register("1", &terms("200")).await.unwrap();
    let old = observed(&store, &old, Status::Paid).await;
    assert_eq!(old.state.status, Status::Paid, "its own amount came");
    let other = event("order.paid_other_amount", &old);
    assert_eq!(told(&store).await, HashSet::from([other.clone()]));
    assert!(matches!(begin(&store, "1", "200").await, Begin::PaidOtherAmount), "it is settled by hand");
    observed(&store, &old, Status::Reversed).await;
    assert_eq!(told(&store).await, HashSet::from([other, event("order.reversed", &old)]));

    // Only the price matters.
    store.register("2", &terms("2.50")).await.unwrap();
    let renamed = open(&store, "2", "p2").await;
    store.register("2", &Terms { comment: "Tea".into(), ..terms("2.5") }).await.unwrap();
    observed(&store, &renamed, Status::Paid).await;
    assert!(told(&store).await.contains(&event("order.paid", &renamed)));
}

pub(super) async fn schedule_is_a_part_of_the_price(place: Place) {
    let store = place.instance().await;
    let monthly = monthly("2.50");
    store.register("1", &monthly).await.unwrap();
    assert_eq!(store.order("1").await.unwrap().as_ref(), Some(&monthly));
    let once = open(&store, "1", "p1").await;
    assert!(!once.terms.is_same_price(&monthly));
    let once = observed(&store, &once, Status::Paid).await;
    assert_eq!(told(&store).await, HashSet::from([event("order.paid_other_amount", &once)]));

    store.register("2", &monthly).await.unwrap();
    let recurring = open_on(&store, "2", "p2", &monthly).await;
    assert_eq!(recurring.terms, monthly, "read back");
    let recurring = observed(&store, &recurring, Status::Paid).await;
    assert!(told(&store).await.contains(&event("order.paid", &recurring)));
}

pub(super) async fn a_price_that_is_said_counts_more_than_any_that_is_kept(place: Place) {
    let store = place.instance().await;
    let (other, same) = (terms("200"), terms("2.50"));
    let said = [PriceSource::Stated(Some(other)), PriceSource::Stated(None), PriceSource::Stated(Some(same))];
    for (order, price) in ["1", "2", "3"].into_iter().zip(said) {
        let checkout = open(&store, order, order).await;
        paid_at(&store, &checkout, price).await;
    }
    let mut told = store.notifications(None, 100).await.unwrap();
    told.sort_by(|one, other| one.order_id.cmp(&other.order_id));
    let told: Vec<&str> = told.iter().map(|told| &*told.event).collect();
    assert_eq!(told, ["order.paid_other_amount", "order.paid_other_amount", "order.paid"]);
}

/// Pays a checkout while the shop's own code states this price.
pub(super) async fn paid_at(store: &Store, checkout: &Checkout, price: PriceSource) -> Checkout {
    let change = Change {
        checkout,
        state: Some(Status::Paid.into()),
        job: None,
        settles: &[],
        outcome: Outcome::Changed,
        trigger: &Trigger::Sweep,
        price,
        evidence: None,
        watch: None,
    };
    match store.apply(change).await.unwrap() {
        Applied::Done(changed) => changed.checkout,
        Applied::Overtaken => panic!("overtaken"),
    }
}

pub(super) async fn paid_order_stays_paid_when_its_price_changes(place: Place) {
    let store = place.instance().await;
    let (two, three) = (terms("2.50"), terms("3"));
    // The order is paid twice at its price, and one payment goes back when the shop has another price for it, or none.
    let late = observed(&store, &open(&store, "1", "p1").await, Status::Canceled).await;
    let (second, claim) = asked(&store, "1", "2.50").await;
    let second = record(&store, &second, &claim, "p2").await.unwrap();
    let second = paid_at(&store, &second, PriceSource::Stated(Some(two.clone()))).await;
    let late = paid_at(&store, &late, PriceSource::Stated(Some(two.clone()))).await;
    let paid = [event("order.paid", &second), event("order.paid_again", &late)];
    assert_eq!(told(&store).await, HashSet::from(paid.clone()));
    let late = observed(&store, &late, Status::Reversed).await;
    let [first, again] = paid.clone();
    let back = event("order.payment_reversed", &late);
    assert_eq!(told(&store).await, HashSet::from([first, again, back]), "the other one still pays it");
    observed(&store, &second, Status::Reversed).await;
    assert!(told(&store).await.contains(&event("order.reversed", &second)));
    assert_eq!(late.state.status, Status::Reversed);

    // An old link is paid after the new one, when the order has the old price again.
    let old = observed(&store, &open(&store, "2", "p3").await, Status::Canceled).await;
    let (new, claim) = asked(&store, "2", "3").await;
    let new = record(&store, &new, &claim, "p4").await.unwrap();
    let new = paid_at(&store, &new, PriceSource::Stated(Some(three))).await;
    let old = paid_at(&store, &old, PriceSource::Stated(Some(two.clone()))).await;
    let told = told(&store).await;
    assert!(told.contains(&event("order.paid", &new)) && told.contains(&event("order.paid_again", &old)));
}

pub(super) async fn order_without_registered_price_costs_its_newest_checkout(place: Place) {
    let store = place.instance().await;
    let old = open(&store, "1", "p1").await;
    let replaced = observed(&store, &old, Status::Canceled).await;
    let (new, claim) = asked(&store, "1", "200").await;
    let new = record(&store, &new, &claim, "p2").await.unwrap();
    let old = observed(&store, &replaced, Status::Paid).await;
    let other = event("order.paid_other_amount", &old);
    assert_eq!(told(&store).await, HashSet::from([other.clone()]));
    // An earlier payment at another price does not make the right one a second payment.
    let new = store.checkout(&new.id).await.unwrap().unwrap();
    let new = observed(&store, &new, Status::Paid).await;
    assert_eq!(told(&store).await, HashSet::from([other, event("order.paid", &new)]));
}

pub(super) async fn late_payment_closes_the_other_link_unless_acted_on(place: Place) {
    let store = place.instance().await;
    for (order, acted, expected) in
        [("1", None, Status::Canceled), ("2", Some(Status::Processing), Status::Processing)]
    {
        let first = open(&store, order, &format!("{order}a")).await;
        let given_up = observed(&store, &first, Status::Expired).await;
        let mut second = open(&store, order, &format!("{order}b")).await;
        if let Some(status) = acted {
            second = observed(&store, &second, status).await;
        }
        let Applied::Done(changed) = observe(&store, &given_up, Status::Paid, &[]).await else {
            panic!("overtaken")
        };
        let now = store.checkout(&second.id).await.unwrap().unwrap();
        assert_eq!(now.state.status, expected);
        assert_eq!(changed.closed, acted.is_none().then_some(now), "what is to be published");
        let last = store.audit(&second.id).await.unwrap().pop().unwrap();
        assert_eq!((last.status.as_str(), last.cause.as_str()), (expected.as_str(), "webhook"));
    }
    // A link that is still being requested is closed too, and its late answer opens nothing.
    let first = open(&store, "3", "3a").await;
    let given_up = observed(&store, &first, Status::Expired).await;
    let (second, claim) = asked(&store, "3", "2.50").await;
    observed(&store, &given_up, Status::Paid).await;
    assert_eq!(record(&store, &second, &claim, "3b").await, None);
    assert!(matches!(begin(&store, "3", "2.50").await, Begin::Paid));
}

pub(super) async fn news_before_any_shop_is_told_is_kept_unaddressed(place: Place) {
    let store = place.instance_without_a_shop().await;
    let checkout = open(&store, "1", "p1").await;
    observed(&store, &checkout, Status::Paid).await;
    let noted = store.notifications(None, 100).await.unwrap();
    assert_eq!(noted.iter().map(|noted| noted.state).collect::<Vec<_>>(), [NotificationState::Unaddressed]);
    assert!(claim_shop(&store).await.is_empty());
    // Once any instance notifies the shop, all instances write notifications for it.
    store.begin_telling().await.unwrap();
    assert!(claim_shop(&store).await.is_empty(), "a shop is not flooded with its past");
    let checkout = open(&store, "2", "p2").await;
    observed(&store, &checkout, Status::Paid).await;
    assert_eq!(claim_shop(&store).await.len(), 1);
    // An operator can have past notifications sent.
    assert!(store.replay_notification(&noted[0].id).await.unwrap());
    assert_eq!(claim_shop(&store).await.len(), 1);
}

pub(super) async fn a_notification_is_retried_given_up_and_replayed_under_its_id(place: Place) {
    let store = place.instance().await;
    let checkout = open(&store, "1", "p1").await;
    observed(&store, &checkout, Status::Paid).await;
    let id = store.notifications(None, 1).await.unwrap().remove(0).id;
    let state = async || {
        let told = store.notification(&id).await.unwrap().unwrap();
        (told.state, told.attempts, told.last_error)
    };
    let claimed = claim_shop(&store).await.remove(0);
    store.not_delivered(&claimed, &id, "answered 500", Some(time::now())).await.unwrap();
    assert_eq!(state().await, (NotificationState::Waiting, 1, Some("answered 500".into())));
    let claimed = claim_shop(&store).await.remove(0);
    store.not_delivered(&claimed, &id, "answered 404", None).await.unwrap();
    assert_eq!(state().await, (NotificationState::Dead, 2, Some("answered 404".into())));
    assert!(claim_shop(&store).await.is_empty());
    assert_eq!(store.backlog().await.unwrap().dead_notifications, 1);
    assert!(store.replay_notification(&id).await.unwrap());
    assert!(!store.replay_notification("msg_0").await.unwrap());
    let claimed = claim_shop(&store).await.remove(0);
    store.delivered(&claimed, &id).await.unwrap();
    assert_eq!(state().await, (NotificationState::Delivered, 0, None));
    assert!(claim_shop(&store).await.is_empty());
    assert!(store.replay_notification(&id).await.unwrap(), "the shop may have lost what it took");
    assert_eq!(claim_shop(&store).await.len(), 1);
}

//! What the shop is told of a payment that repeats: the shopper's agreement, and its end.

use std::collections::HashSet;

use sha2::{Digest, Sha256};
use wire::{FailReason, Issue, Status};

use super::{
    fixtures::*,
    outbox::{event, told},
};
use crate::{
    domain::{
        checkout::{Checkout, Terms},
        time,
        transition::PaymentState,
    },
    store::{Applied, Change, Outcome, PriceSource, Store, Trigger},
};

/// Applies a state while the shop's own code, if any, states a price.
async fn becomes(
    store: &Store,
    checkout: &Checkout,
    state: impl Into<PaymentState>,
    price: PriceSource,
) -> Checkout {
    let change = Change {
        checkout,
        state: Some(state.into()),
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

async fn agreed(store: &Store, order: &str, payment: &str) -> Checkout {
    let open = open_on(store, order, payment, &monthly("2.50")).await;
    observed(store, &open, Status::Processing).await
}

/// Returns the number of the notifications.
async fn count(store: &Store) -> usize {
    store.notifications(None, 100).await.unwrap().len()
}

pub(super) async fn agreement_is_told_once_and_its_end_once(place: Place) {
    let store = place.instance().await;
    let mut checkout = agreed(&store, "1", "p1").await;
    let begun = event("order.agreed", &checkout);
    assert_eq!(told(&store).await, HashSet::from([begun.clone()]));
    let body = store.notifications(None, 1).await.unwrap().remove(0).body;
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    let expected = serde_json::json!({
        "orderId": "1", "checkoutId": checkout.id.to_string(), "paymentId": "acme:p1", "status": "processing",
        "funds": "2.50", "currency": "USD", "comment": "Two coffees", "frequency": "monthly",
        "startDate": "2027-01-31", "endDate": "2027-06-30", "version": 2,
    });
    assert_eq!(body["data"], expected);
    for status in [Status::OnHold, Status::Processing, Status::OnHold, Status::Pending, Status::Processing] {
        checkout = observed(&store, &checkout, status).await;
    }
    assert_eq!(count(&store).await, 1, "a hold and its end are not told");
    let reason = Some(FailReason::InsufficientFunds);
    let failed = PaymentState { reason, ..Status::Failed.into() };
    let checkout = becomes(&store, &checkout, failed, PriceSource::Registered).await;
    let ended = event("order.agreement_ended", &checkout);
    assert_eq!(told(&store).await, HashSet::from([begun, ended]));
    let bodies = store.notifications_of(&checkout.id).await.unwrap();
    let end = bodies.into_iter().find(|told| told.event == "order.agreement_ended").unwrap().body;
    let end: serde_json::Value = serde_json::from_str(&end).unwrap();
    assert_eq!(
        (&end["data"]["status"], &end["data"]["failReason"]),
        (&"failed".into(), &"insufficient_funds".into())
    );
    assert_eq!(claim_shop(&store).await.len(), 2, "both are sent");
}

pub(super) async fn payment_that_is_made_once_has_no_agreement(place: Place) {
    let store = place.instance().await;
    for (order, end) in [("1", Status::Declined), ("2", Status::Canceled), ("3", Status::Failed)] {
        let mut checkout = open(&store, order, order).await;
        for status in [Status::Processing, Status::OnHold, Status::Processing, end] {
            checkout = observed(&store, &checkout, status).await;
        }
    }
    // Nor has one that repeats and to which the shopper has not agreed.
    let open = open_on(&store, "4", "4", &monthly("2.50")).await;
    let held = observed(&store, &open, Status::OnHold).await;
    observed(&store, &held, Status::Declined).await;
    assert_eq!(count(&store).await, 0);
}

pub(super) async fn agreement_after_an_issue_is_told_again(place: Place) {
    let store = place.instance().await;
    let mut checkout = agreed(&store, "1", "p1").await;
    let differs = PaymentState { issue: Some(Issue::PaymentMismatch), ..Status::OnHold.into() };
    for _ in 0..2 {
        checkout = becomes(&store, &checkout, differs, PriceSource::Registered).await;
        checkout = observed(&store, &checkout, Status::Processing).await;
    }
    let told = store.notifications(None, 100).await.unwrap();
    let kinds = |kind: &str| told.iter().filter(|told| told.event == kind).count();
    assert_eq!((kinds("order.agreed"), kinds("order.payment_mismatch"), told.len()), (3, 2, 5));
}

pub(super) async fn agreement_that_the_order_does_not_ask_for_is_told_as_such(place: Place) {
    let store = place.instance().await;
    let at = async |order: &str, price: PriceSource| {
        let open = store.open_checkout(order).await.unwrap().unwrap();
        event("", &becomes(&store, &open, Status::Processing, price).await).1
    };
    let registered = async |order: &str| {
        store.register(order, &monthly("2.50")).await.unwrap();
        open_on(&store, order, order, &monthly("2.50")).await
    };
    // The order has another price, is paid once, or was withdrawn.
    registered("1").await;
    store.register("1", &monthly("200")).await.unwrap();
    registered("2").await;
    store.register("2", &terms("2.50")).await.unwrap();
    let held = observed(&store, &registered("3").await, Status::OnHold).await;
    store.withdraw("3", &Trigger::Sweep).await.unwrap();
    let mut late = vec![at("1", PriceSource::Registered).await, at("2", PriceSource::Registered).await];
    late.push(event("", &observed(&store, &held, Status::Processing).await).1);
    // The shop's own code states another price, or none.
    for (order, price) in [("4", Some(monthly("200"))), ("5", None)] {
        open_on(&store, order, order, &monthly("2.50")).await;
        late.push(at(order, PriceSource::Stated(price)).await);
    }
    // Another payment has paid the order.
    let first = observed(&store, &open_on(&store, "6", "6a", &monthly("2.50")).await, Status::Expired).await;
    let second = open_on(&store, "6", "6b", &monthly("2.50")).await;
    let second = observed(&store, &second, Status::OnHold).await;
    let first = observed(&store, &first, Status::Paid).await;
    late.push(event("", &observed(&store, &second, Status::Processing).await).1);
    let mut expected: HashSet<_> =
        late.into_iter().map(|checkout| ("order.agreed_too_late".to_owned(), checkout)).collect();
    expected.insert(event("order.paid", &first));
    assert_eq!(expected.len(), 7);
    assert_eq!(told(&store).await, expected);
    // Its end is told too, and only the price matters.
    let ended = observed(&store, &store.open_checkout("1").await.unwrap().unwrap(), Status::Canceled).await;
    assert!(told(&store).await.contains(&event("order.agreement_ended", &ended)));
    registered("7").await;
    store.register("7", &Terms { comment: "Tea".into(), ..monthly("2.5") }).await.unwrap();
    let checkout = at("7", PriceSource::Registered).await;
    assert!(told(&store).await.contains(&("order.agreed".to_owned(), checkout)));
}

pub(super) async fn agreement_changes_no_id_of_a_notification_about_money(place: Place) {
    let store = place.instance().await;
    let paid = observed(&store, &agreed(&store, "1", "p1").await, Status::Paid).await;
    observed(&store, &paid, Status::Reversed).await;
    let ids: HashSet<_> =
        store.notifications_of(&paid.id).await.unwrap().into_iter().map(|told| told.id).collect();
    let expected = ["order.agreed", "order.paid", "order.reversed"].map(|event| {
        let digest = Sha256::digest(format!("{event} {}", paid.id));
        format!("msg_{}", digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>())
    });
    assert_eq!(ids, HashSet::from(expected));
}

pub(super) async fn agreement_is_not_told_again_after_its_row_was_deleted(place: Place) {
    let store = place.instance().await;
    let checkout = agreed(&store, "1", "p1").await;
    let claimed = claim_shop(&store).await.remove(0);
    store.delivered(&claimed, claimed.job.subject()).await.unwrap();
    let later = time::after(time::now(), HOUR);
    assert_eq!(store.prune_notifications(later).await.unwrap().notifications, 1);
    let held = observed(&store, &checkout, Status::OnHold).await;
    let resumed = observed(&store, &held, Status::Processing).await;
    assert_eq!(count(&store).await, 0);
    let ended = observed(&store, &resumed, Status::Canceled).await;
    assert_eq!(told(&store).await, HashSet::from([event("order.agreement_ended", &ended)]));
}

pub(super) async fn agreed_link_that_another_payment_or_the_shop_ends_is_told(place: Place) {
    let store = place.instance().await;
    // The provider takes the agreement back, as if the link were still open.
    let untouched_again = async |order: &str, payment: &str| {
        let held = observed(&store, &agreed(&store, order, payment).await, Status::OnHold).await;
        observed(&store, &held, Status::Pending).await
    };
    store.register("1", &monthly("2.50")).await.unwrap();
    let withdrawn = untouched_again("1", "p1").await;
    store.withdraw("1", &Trigger::Sweep).await.unwrap();
    let first = open_on(&store, "2", "p2", &monthly("2.50")).await;
    let first = observed(&store, &first, Status::Expired).await;
    let second = untouched_again("2", "p3").await;
    observed(&store, &first, Status::Paid).await;
    let told = told(&store).await;
    for ended in [withdrawn, second] {
        assert!(told.contains(&event("order.agreement_ended", &ended)), "{told:?}");
    }
}

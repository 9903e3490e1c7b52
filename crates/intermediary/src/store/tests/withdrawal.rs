//! Orders that the shop takes back.

use std::collections::HashSet;

use wire::Status;

use super::{fixtures::*, outbox::paid_at};
use crate::{
    domain::checkout::Checkout,
    store::{Begin, LinkTimeouts, PriceSource, Seller, Store, Trigger, Withdrawn},
    store::{Error, OrderRefusal},
};

async fn withdraw(store: &Store, order: &str) -> Result<Withdrawn, Error> {
    store.withdraw(order, &Trigger::Request("r2".into())).await
}

async fn told(store: &Store) -> HashSet<(String, String)> {
    let told = store.notifications(None, 100).await.unwrap();
    told.into_iter().map(|told| (told.event, told.checkout_id)).collect()
}

fn event(name: &str, checkout: &Checkout) -> (String, String) {
    (name.to_owned(), checkout.id.to_string())
}

pub(super) async fn a_withdrawn_order_gets_no_link_until_it_is_registered_again(place: Place) {
    let store = place.instance().await;
    assert!(matches!(withdraw(&store, "1").await, Err(Error::Order(OrderRefusal::NotFound))));
    store.register("1", &terms("2.50")).await.unwrap();
    let link = open(&store, "1", "p1").await;
    let first = withdraw(&store, "1").await.unwrap();
    let closed = first.closed.clone().unwrap();
    assert_eq!((&closed.id, closed.state.status), (&link.id, Status::Canceled));
    assert_eq!(store.checkout(&link.id).await.unwrap(), Some(closed.clone()));
    assert_eq!(store.audit(&link.id).await.unwrap().last().unwrap().cause_id.as_deref(), Some("r2"));
    let second = withdraw(&store, "1").await.unwrap();
    assert_eq!(second, Withdrawn { at: first.at, newest: Some(closed), closed: None });
    assert!(matches!(begin(&store, "1", "2.50").await, Begin::Withdrawn));
    assert_eq!(store.next_due(0).await.unwrap(), Some(link.expires_at), "the old link is still watched");

    store.register("1", &terms("2.50")).await.unwrap();
    let again = open(&store, "1", "p2").await;
    observed(&store, &again, Status::Paid).await;
    assert_eq!(told(&store).await, HashSet::from([event("order.paid", &again)]));
    assert!(matches!(withdraw(&store, "1").await, Err(Error::Order(OrderRefusal::AlreadyPaid))));
}

pub(super) async fn a_withdrawal_during_the_request_for_a_link_leaves_no_link(place: Place) {
    let store = place.instance().await;
    store.register("1", &terms("2.50")).await.unwrap();
    let (checkout, attempt) = asked(&store, "1", "2.50").await;
    let withdrawn = withdraw(&store, "1").await.unwrap();
    assert_eq!(withdrawn.closed.unwrap().state.status, Status::Canceled);
    assert_eq!(record(&store, &checkout, &attempt, "p1").await, None, "a late answer opens nothing");
    assert!(matches!(begin(&store, "1", "2.50").await, Begin::Withdrawn));
}

pub(super) async fn a_withdrawal_and_ten_requests_at_once_leave_no_link(place: Place) {
    let stores = [place.instance().await, place.instance().await];
    stores[0].register("1", &terms("2.50")).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..10 {
        let store = stores[number % 2].clone();
        tasks.spawn(async move {
            if number == 4 {
                withdraw(&store, "1").await.unwrap();
            } else if let Begin::Create(checkout, claim) = begin(&store, "1", "2.50").await {
                record(&store, &checkout, &claim, "p1").await;
            }
        });
    }
    tasks.join_all().await;
    let left = stores[0].open_checkout("1").await.unwrap();
    assert_eq!(left, None);
    assert!(matches!(begin(&stores[1], "1", "2.50").await, Begin::Withdrawn));
}

pub(super) async fn a_payment_under_way_survives_a_withdrawal_and_is_told(place: Place) {
    let store = place.instance().await;
    for (number, status) in [Status::Processing, Status::OnHold].into_iter().enumerate() {
        let order = number.to_string();
        store.register(&order, &terms("2.50")).await.unwrap();
        let link = open(&store, &order, &format!("p{number}")).await;
        let under_way = observed(&store, &link, status).await;
        let withdrawn = withdraw(&store, &order).await.unwrap();
        assert_eq!((withdrawn.newest, withdrawn.closed), (Some(under_way.clone()), None));
        assert!(matches!(begin(&store, &order, "2.50").await, Begin::Reusable(_)), "its page still sees it");
        observed(&store, &under_way, Status::Paid).await;
        assert!(told(&store).await.contains(&event("order.paid_after_withdrawal", &link)));
    }
}

pub(super) async fn money_after_a_withdrawal_is_told_as_such_and_pays_nothing(place: Place) {
    let store = place.instance().await;
    store.register("1", &terms("2.50")).await.unwrap();
    let link = open(&store, "1", "p1").await;
    let closed = withdraw(&store, "1").await.unwrap().closed.unwrap();
    let paid = observed(&store, &closed, Status::Paid).await;
    assert_eq!(told(&store).await, HashSet::from([event("order.paid_after_withdrawal", &link)]));
    withdraw(&store, "1").await.unwrap();
    // The shop gave the money back.
    observed(&store, &paid, Status::Reversed).await;
    assert!(told(&store).await.contains(&event("order.reversed", &link)));
    store.register("1", &terms("2.50")).await.unwrap();
    let again = open(&store, "1", "p2").await;
    observed(&store, &again, Status::Paid).await;
    assert!(told(&store).await.contains(&event("order.paid", &again)));
}

pub(super) async fn a_withdrawal_counts_only_where_orders_are_registered(place: Place) {
    let store = place.instance().await;
    store.register("1", &terms("2.50")).await.unwrap();
    withdraw(&store, "1").await.unwrap();
    // The same database, now used by a program that decides itself which orders are for sale.
    let spans = LinkTimeouts { link: HOUR, lease: LEASE };
    let begun = store
        .begin("1", &terms("2.50"), spans, Seller::Embedding, &HashSet::new(), &Trigger::Sweep)
        .await
        .unwrap();
    let Begin::Create(checkout, claim) = begun else { panic!("{begun:?}") };
    let link = record(&store, &checkout, &claim, "p1").await.unwrap();
    let price = PriceSource::Stated(Some(terms("2.50")));
    paid_at(&store, &link, price).await;
    assert_eq!(told(&store).await, HashSet::from([event("order.paid", &link)]));
}

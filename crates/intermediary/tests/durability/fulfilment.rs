//! Notify the shop.

use axum::http::StatusCode;
use banq_simulator::FailReason;

use banq_testkit::PATIENCE;

use crate::app::{On, TestApp};

#[tokio::test]
async fn shop_is_notified_of_payment_and_later_of_reversal() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server().await;
    let (checkout, payment) = app.open(&server.url(), "1").await;
    app.banq.accept(payment).await.unwrap();
    let told = app.shop.told_times(1).await;
    assert_eq!((told[0].kind.as_str(), told[0].answered), ("order.paid", StatusCode::NO_CONTENT));
    assert_eq!(told[0].data["checkoutId"], checkout);
    assert_eq!((&told[0].data["funds"], &told[0].data["currency"]), (&"2.50".into(), &"USD".into()));
    let documented = include_str!("../../../../docs/snippets/notification.json");
    let documented: serde_json::Value = serde_json::from_str(documented).unwrap();
    let names = |data: &serde_json::Value| data.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        (names(&told[0].data), "order.paid"),
        (names(&documented["data"]), documented["type"].as_str().unwrap())
    );
    app.banq.reverse(payment, FailReason::Reversed).await.unwrap();
    let told = app.shop.told_until(|told| told.iter().any(|told| told.kind == "order.reversed")).await;
    assert_eq!(told.len(), 2);
    assert_ne!(told[0].id, told[1].id);
    assert_eq!(told[1].data["failReason"], "reversed");
}

#[tokio::test]
async fn refused_notification_keeps_its_id_and_follows_no_redirect() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server().await;
    app.shop.answer([500, 302]);
    let (_, payment) = app.open(&server.url(), "1").await;
    app.banq.accept(payment).await.unwrap();
    let told = app.shop.told_times(3).await;
    assert!(told.iter().all(|again| again.id == told[0].id && again.data == told[0].data), "{told:?}");
    assert_eq!(told[2].answered, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn after_the_last_pause_it_is_dead_until_an_operator_replays_it() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server().await;
    app.shop.answer([500; 4]);
    let (_, payment) = app.open(&server.url(), "1").await;
    app.banq.accept(payment).await.unwrap();
    app.shop.told_times(4).await;
    let operator = app.operator().await;
    let dead = loop {
        let mut notifications = operator.notifications(None, 10).await.unwrap();
        assert_eq!(notifications.len(), 1);
        if notifications[0].state == "dead" {
            break notifications.remove(0);
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert_eq!((dead.attempts, dead.last_error.as_deref()), (4, Some("answered 500")));
    operator.replay_notification(&dead.id).await.unwrap();
    let told = app.shop.told_times(5).await;
    assert_eq!((&told[4].id, told[4].answered), (&dead.id, StatusCode::NO_CONTENT));
    assert!(operator.replay_notification("msg_0").await.is_err());
}

#[tokio::test]
async fn a_slow_shop_does_not_hold_up_the_next_shopper() {
    let app = TestApp::new(On::Sqlite).await;
    // It takes a connection and never answers, and nobody loses patience with it while this test runs.
    let deaf = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = app.config();
    let url = format!("http://{}/", deaf.local_addr().unwrap());
    config.fulfilment.as_mut().unwrap().url = url.parse().unwrap();
    config.tuning.fulfilment_timeout = 10 * PATIENCE;
    config.tuning.lease = 10 * PATIENCE;
    let server = banq_intermediary::Server::start(config).await.unwrap();
    app.send_webhooks_to(&server.url());
    let (checkout, payment) = app.open(&server.url(), "0").await;
    app.banq.accept(payment).await.unwrap();
    app.becomes(&server.url(), &checkout, "paid").await;
    let (held, _) = tokio::time::timeout(PATIENCE, deaf.accept()).await.unwrap().unwrap();
    for order in 1..20 {
        let (checkout, payment) = app.open(&server.url(), &order.to_string()).await;
        app.banq.accept(payment).await.unwrap();
        app.becomes(&server.url(), &checkout, "paid").await;
    }
    let notifications = app.operator().await.notifications(None, 100).await.unwrap();
    assert_eq!(notifications.len(), 20);
    let waits = notifications.iter().all(|told| (&*told.state, told.attempts) == ("waiting", 0));
    assert!(waits, "all still wait for the deaf shop: {notifications:?}");
    drop(held);
}

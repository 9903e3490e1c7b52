//! `POST /generate-payment-link` and `PUT /orders/{orderId}`.

use std::time::Duration;

use banq_simulator::{Action, FailReason, Status};
use serde_json::{Value, json};

use crate::helpers::{SHOP, TestApp, provider_link, simulator_config, within_deadline};

#[tokio::test]
async fn a_link_has_everything_that_the_page_needs() {
    let app = TestApp::start().await;
    let order = app.order();
    let registered =
        app.put_order(&order, &json!({"funds": 12.5, "currency": "USD", "comment": "Tea"})).await;
    assert_eq!(registered.status, 201);
    assert_eq!(
        *registered.data(),
        json!({
            "orderId": order, "funds": "12.50", "currency": "USD", "comment": "Tea", "frequency": "once",
            "linkToken": registered.data()["linkToken"],
        })
    );
    assert_eq!(registered.data()["linkToken"].as_str().map(str::len), Some(22));
    let answer = app.ask(&json!({"orderId": order})).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let data = answer.data();
    let payment = &app.control.payments()[0];
    let checkout = data["checkoutId"].as_str().unwrap();
    assert!(checkout.len() == 32 && checkout.bytes().all(|byte| b"0123456789abcdef".contains(&byte)));
    let events = format!("{}/checkouts/{checkout}/events", app.url);
    let encoded = events.replace(':', "%3A").replace('/', "%2F");
    assert_eq!(
        *data,
        json!({
            "url": format!("{}#banq-checkout={encoded}", payment.url), "checkoutId": checkout,
            "orderId": order, "eventsUrl": events, "funds": "12.50", "currency": "USD", "comment": "Tea",
            "status": "pending", "expiresAt": data["expiresAt"],
        })
    );
    assert!(data["expiresAt"].as_str().unwrap().ends_with('Z'));
    assert_eq!(app.snapshot(checkout).await.get("schedule"), None, "it is paid once");
}

#[tokio::test]
async fn where_a_checkout_is_watched_stands_in_the_answer_alone() {
    let (app, wire) = TestApp::on_a_wire().await;
    let forged = "https://link.banq.com/pay/a#top&banq-checkout=https%3A%2F%2Fevil.example%2Fevents";
    wire.forge_links("url", json!(forged));
    app.register("1", "2").await;
    let answer = app.ask(&json!({"orderId": "1"})).await;
    let data = answer.data();
    assert_eq!(provider_link(&data["url"]), "https://link.banq.com/pay/a#top");
    assert!(!answer.text.contains("evil.example"), "{answer:?}");
    let checkout = data["checkoutId"].as_str().unwrap();
    let own = data["url"].as_str().unwrap().rsplit_once('=').unwrap().1;
    assert!(own.ends_with(&format!("checkouts%2F{checkout}%2Fevents")), "{own}");
    assert!(!app.snapshot(checkout).await.to_string().contains("banq-checkout"));
    // What Banq said is what is kept, to the byte.
    let stored = app.database().await.everything().await;
    assert!(stored.contains(forged) && !stored.contains(own), "{stored}");
    wire.be_honest();
    app.assert_healthy().await;
}

#[tokio::test]
async fn an_order_without_a_comment_can_be_paid_too() {
    let app = TestApp::start().await;
    for (order, terms) in [("1", json!({"funds": "2"})), ("2", json!({"funds": "2", "comment": " "}))] {
        assert_eq!(app.put_order(order, &terms).await.status, 201);
        let link = app.link(order).await;
        assert_eq!(link.status, 201);
        assert_eq!(app.control.payment(link.payment).unwrap().comment, order, "the shopper reads its id");
        app.control.accept(link.payment).await.unwrap();
        app.until(&link.checkout, "paid").await;
    }
}

#[tokio::test]
async fn a_recurring_order_is_paid_when_its_last_day_is() {
    let app = TestApp::start().await;
    let terms = json!({
        "funds": "9.90", "comment": "Tea, every month", "frequency": "monthly", "startDate": "2027-01-31",
        "endDate": "2027-03-15"
    });
    let registered = app.put_order("1", &terms).await;
    assert_eq!(registered.status, 201);
    for field in ["frequency", "startDate", "endDate"] {
        assert_eq!(registered.data()[field], terms[field]);
    }
    let link = app.link("1").await;
    let schedule = json!({"frequency": "monthly", "startDate": "2027-01-31", "endDate": "2027-03-15"});
    assert_eq!(app.ask(&json!({"orderId": "1"})).await.data()["schedule"], schedule);
    assert_eq!(app.snapshot(&link.checkout).await["schedule"], schedule);
    let payment = app.control.payment(link.payment).unwrap();
    assert_eq!(payment.frequency, banq_simulator::Frequency::Monthly);
    let days = payment.occurrences.iter().map(|day| day.date.to_string()).collect::<Vec<_>>();
    assert_eq!(days, ["2027-01-31", "2027-02-28"]);
    // The shopper agrees, and the first day is paid; that is not all of it.
    app.control.accept(link.payment).await.unwrap();
    app.until(&link.checkout, "processing").await;
    app.control.act(link.payment, Action::Occur).await.unwrap();
    app.until(&link.checkout, "paid").await;
}

#[tokio::test]
async fn a_schedule_that_cannot_be_is_refused_by_its_field() {
    let app = TestApp::start().await;
    for (schedule, named) in [
        (json!({"frequency": "hourly"}), "frequency must be"),
        (json!({"frequency": 12}), "frequency must be"),
        (json!({"frequency": "monthly"}), "startDate is needed"),
        (json!({"frequency": "monthly", "startDate": "31.01.2027"}), "startDate must be"),
        (json!({"frequency": "monthly", "startDate": "2027-02-29"}), "startDate must be"),
        (
            json!({"frequency": "monthly", "startDate": "2027-01-31", "endDate": "2027-01-31"}),
            "endDate must be",
        ),
        (json!({"startDate": "2027-01-31"}), "once has no dates"),
    ] {
        let mut terms = schedule.clone();
        terms["funds"] = json!("9.90");
        let answer = app.put_order("1", &terms).await;
        answer.assert_problem(422, "invalid_field");
        assert!(answer.text.contains(named), "{schedule}: {}", answer.text);
    }
    app.ask(&json!({"orderId": "1"})).await.assert_problem(404, "order_not_found");
}

#[tokio::test]
async fn ten_at_once_are_one_request_upstream_and_one_link() {
    let (app, wire) = TestApp::on_a_wire().await;
    let order = app.order();
    app.register(&order, "2").await;
    wire.hold_links();
    let asking = futures_util::future::join_all((0..10).map(|_| app.link(&order)));
    let releasing = async {
        within_deadline(app.control.wait_until(|control| !control.payments().is_empty())).await;
        wire.release();
    };
    let (links, ()) = tokio::join!(asking, releasing);
    assert_eq!(links.iter().filter(|link| link.status == 201).count(), 1);
    assert_eq!(links.iter().filter(|link| link.status == 200).count(), 9);
    assert!(links.iter().all(|link| (&link.url, &link.checkout) == (&links[0].url, &links[0].checkout)));
    assert_eq!((app.attempts().len(), app.control.payments().len()), (1, 1));
}

#[tokio::test]
async fn the_same_order_again_is_200_and_the_same_link() {
    let app = TestApp::start().await;
    let order = app.order();
    app.register(&order, "2").await;
    let first = app.link(&order).await;
    let second = app.link(&order).await;
    assert_eq!((first.status, second.status), (201, 200));
    assert_eq!((first.url, first.checkout), (second.url, second.checkout));
    assert_eq!(app.attempts().len(), 1);
}

#[tokio::test]
async fn two_orders_are_two_payments() {
    let app = TestApp::start().await;
    let (first, second) = (app.checkout().await, app.checkout().await);
    assert_ne!(first.checkout, second.checkout);
    assert_eq!(app.control.payments().len(), 2);
}

#[tokio::test]
async fn after_an_end_without_success_there_is_a_new_link() {
    let app = TestApp::start().await;
    for (action, status) in [
        (Action::Decline, "declined"),
        (Action::Cancel, "canceled"),
        (Action::Expire, "expired"),
        (Action::Fail(FailReason::LimitsExceeded), "failed"),
    ] {
        let order = app.order();
        app.register(&order, "2").await;
        let first = app.link(&order).await;
        app.control.act(first.payment, action).await.unwrap();
        app.until(&first.checkout, status).await;
        let second = app.link(&order).await;
        assert_eq!(second.status, 201, "{status}");
        assert_ne!((&first.url, &first.checkout), (&second.url, &second.checkout));
        app.control.accept(second.payment).await.unwrap();
        app.until(&second.checkout, "paid").await;
    }
}

#[tokio::test]
async fn after_its_time_a_link_gives_way_although_no_webhook_came() {
    let link_lifetime = Duration::from_millis(50);
    let app = TestApp::beside(banq_simulator::Config { link_lifetime, ..simulator_config() }).await;
    app.lose_webhooks();
    let order = app.order();
    app.register(&order, "2").await;
    let first = app.link(&order).await;
    within_deadline(app.control.wait_until(|control| control.payments()[0].status == Status::Expired)).await;
    app.until(&first.checkout, "expired").await;
    let second = app.link(&order).await;
    assert_eq!(second.status, 201);
    assert_ne!(first.url, second.url);
}

#[tokio::test]
async fn unregistered_order_is_404() {
    let app = TestApp::start().await;
    app.ask(&json!({"orderId": "unheard-of"})).await.assert_problem(404, "order_not_found");
    assert_eq!(app.database().await.checkouts().await, 0);
}

#[tokio::test]
async fn the_servers_own_page_may_ask_as_well_as_the_shops() {
    let app = TestApp::start().await;
    app.register("1", "2").await;
    for origin in [SHOP, &app.url, &app.url.replace("127.0.0.1", "localhost")] {
        let headers = [("origin", origin), ("content-type", "application/json")];
        let answer = app.ask_with(&headers, json!({"orderId": "1"}).to_string()).await;
        assert!(answer.status < 300, "{answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
    }
    // A server sends no origin.
    let answer = app.ask_with(&[("content-type", "application/json")], r#"{"orderId":"1"}"#).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn each_mistake_in_a_link_request_is_named() {
    let app = TestApp::start().await;
    for (request, field) in [
        (json!({}), "orderId"),
        (json!({"orderId": ""}), "orderId"),
        (json!({"orderId": Value::Null}), "orderId"),
        (json!({"orderId": ["1"]}), "orderId"),
        (json!({"orderId": "1", "comment": 7}), "comment"),
        (json!({"orderId": "1", "comment": "a\nb"}), "comment"),
        (json!({"orderId": "1", "funds": {}}), "funds"),
    ] {
        let answer = app.ask(&request).await;
        answer.assert_problem(422, "invalid_field");
        assert!(answer.json["detail"].as_str().unwrap().starts_with(field), "{request}: {answer:?}");
    }
}

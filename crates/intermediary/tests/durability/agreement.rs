//! Orders that repeat: the shop is told of the shopper's agreement, and of its end before the last payment.

use banq_simulator::{Action, FailReason};
use serde_json::{Value, json};

use crate::{
    app::{API_KEY, On, TestApp},
    shop::Told,
};

async fn register(app: &TestApp, url: &str, order: &str, terms: &Value) {
    let request = app.http.put(format!("{url}/orders/{order}")).bearer_auth(API_KEY);
    let status = request.json(terms).send().await.unwrap().status().as_u16();
    assert!([200, 201].contains(&status), "{status}");
}

/// Three days, from the last one of January on.
fn monthly(funds: &str) -> Value {
    let (start, end) = ("2027-01-31", "2027-03-31");
    json!({ "funds": funds, "frequency": "monthly", "startDate": start, "endDate": end })
}

/// Pays a new order that is paid once, waits until the shop was told so, and returns what the shop was told of other
/// orders until then, sorted by order.
async fn told_so_far(app: &TestApp, url: &str, order: &str) -> Vec<Told> {
    register(app, url, order, &json!({ "funds": "2.50" })).await;
    let (checkout, payment) = app.open(url, order).await;
    app.banq.accept_only(payment).await.unwrap();
    app.becomes(url, &checkout, "processing").await;
    app.banq.complete(payment).await.unwrap();
    let told = app.shop.told_until(|told| told.iter().any(|told| told.order_id == order)).await;
    let (own, mut others): (Vec<_>, Vec<_>) = told.into_iter().partition(|told| told.order_id == order);
    assert_eq!(own.iter().map(|told| &*told.kind).collect::<Vec<_>>(), ["order.paid"], "no consent is told");
    others.sort_by(|one, other| one.order_id.cmp(&other.order_id));
    others
}

fn kinds(told: &[Told]) -> Vec<(&str, &str)> {
    told.iter().map(|told| (&*told.order_id, &*told.kind)).collect()
}

#[tokio::test]
async fn agreement_and_its_end_are_each_told_once() {
    for on in [On::Sqlite, On::Postgres] {
        let app = TestApp::new(on).await;
        let server = app.server().await;
        let url = server.url();
        register(&app, &url, "1", &monthly("9.90")).await;
        let (checkout, payment) = app.open(&url, "1").await;
        app.banq.accept(payment).await.unwrap();
        let agreed = app.shop.told_times(1).await.remove(0);
        assert_eq!(agreed.kind, "order.agreed");
        for (field, value) in [
            ("checkoutId", &*checkout),
            ("status", "processing"),
            ("funds", "9.90"),
            ("frequency", "monthly"),
            ("startDate", "2027-01-31"),
            ("endDate", "2027-03-31"),
        ] {
            assert_eq!(agreed.data[field], value, "{field}");
        }
        // A day is paid, the payment is held and resumed, and Banq says each once more.
        app.banq.act(payment, Action::Occur).await.unwrap();
        app.banq.hold(payment).await.unwrap();
        app.becomes(&url, &checkout, "on_hold").await;
        app.banq.resume(payment).await.unwrap();
        app.becomes(&url, &checkout, "processing").await;
        for delivery in app.banq.deliveries() {
            app.banq.redeliver(delivery.webhook_id).await.unwrap();
        }
        assert_eq!(kinds(&told_so_far(&app, &url, "once-1").await), [("1", "order.agreed")]);
        app.banq.cancel(payment).await.unwrap();
        app.becomes(&url, &checkout, "canceled").await;
        let told = told_so_far(&app, &url, "once-2").await;
        let told: Vec<_> = told.into_iter().filter(|told| told.order_id == "1").collect();
        assert_eq!(kinds(&told), [("1", "order.agreed"), ("1", "order.agreement_ended")]);
        assert_eq!(
            (&told[1].data["status"], &told[1].data["failReason"]),
            (&json!("canceled"), &Value::Null)
        );
        assert!(told[0].data["version"].as_u64() < told[1].data["version"].as_u64());
        server.stop().await;
    }
}

#[tokio::test]
async fn agreed_payments_that_fail_are_told_with_the_reason() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server().await;
    let url = server.url();
    register(&app, &url, "1", &monthly("9.90")).await;
    let (_, payment) = app.open(&url, "1").await;
    app.banq.accept(payment).await.unwrap();
    assert_eq!(app.shop.told_times(1).await[0].kind, "order.agreed");
    app.banq.fail(payment, FailReason::InsufficientBalance).await.unwrap();
    let told = app.shop.told_times(2).await.remove(1);
    assert_eq!((&*told.kind, &told.data["status"]), ("order.agreement_ended", &json!("failed")));
    assert_eq!(told.data["failReason"], "insufficient_funds");
    // The last payment is no end that is told as one.
    register(&app, &url, "2", &monthly("9.90")).await;
    let (_, payment) = app.open(&url, "2").await;
    app.banq.accept(payment).await.unwrap();
    assert_eq!(app.shop.told_times(3).await[2].kind, "order.agreed");
    for _ in 0..2 {
        app.banq.act(payment, Action::Occur).await.unwrap();
    }
    assert_eq!(app.shop.told_times(4).await[3].kind, "order.paid");
    server.stop().await;
}

#[tokio::test]
async fn agreement_at_an_outdated_price_is_not_called_agreed() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server().await;
    let url = server.url();
    register(&app, &url, "1", &monthly("0.99")).await;
    let (checkout, payment) = app.open(&url, "1").await;
    // No page asks again before the shopper agrees by the cheap link.
    register(&app, &url, "1", &monthly("99")).await;
    app.banq.accept(payment).await.unwrap();
    app.becomes(&url, &checkout, "processing").await;
    let told = app.shop.told_times(1).await;
    assert_eq!((&*told[0].kind, &told[0].data["funds"]), ("order.agreed_too_late", &json!("0.99")));
    server.stop().await;
}

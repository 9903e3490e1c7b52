//! An order that the shop takes back, and money that still comes for it.

use banq_testkit::until;
use serde_json::{Value, json};

use crate::{
    app::{API_KEY, On, TestApp},
    bulk::change,
    command_line::run,
};

async fn register(app: &TestApp, url: &str, order: &str) -> u16 {
    let request = app.http.put(format!("{url}/orders/{order}")).bearer_auth(API_KEY);
    request.json(&json!({ "funds": "2.50" })).send().await.unwrap().status().as_u16()
}

async fn withdraw(app: &TestApp, url: &str, order: &str) -> Value {
    let request = app.http.delete(format!("{url}/orders/{order}")).bearer_auth(API_KEY);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json::<Value>().await.unwrap()["data"].clone()
}

#[tokio::test]
async fn money_for_a_withdrawn_order_is_told_and_its_return() {
    for on in [On::Sqlite, On::Postgres] {
        let app = TestApp::new(on).await;
        let server = app.server().await;
        let url = server.url();
        assert_eq!(register(&app, &url, "1").await, 201);
        let (checkout, payment) = app.open(&url, "1").await;
        assert_eq!(withdraw(&app, &url, "1").await["checkout"]["status"], "canceled");
        // The link was open in the phone's app.
        app.banq.accept(payment).await.unwrap();
        app.becomes(&url, &checkout, "paid").await;
        let told = app.shop.told_times(1).await;
        assert_eq!(
            (told[0].kind.as_str(), &told[0].data["status"]),
            ("order.paid_after_withdrawal", &json!("paid"))
        );
        assert_eq!((&told[0].data["orderId"], &told[0].data["funds"]), (&json!("1"), &json!("2.50")));
        // Withdrawn it stays, also after that.
        assert_eq!(withdraw(&app, &url, "1").await["checkout"]["status"], "paid");
        app.banq.reverse(payment, banq_simulator::FailReason::Reversed).await.unwrap();
        let told = app.shop.told_times(2).await;
        assert_eq!(told[1].kind, "order.reversed");

        // On sale again, and sold.
        assert_eq!(register(&app, &url, "1").await, 200);
        let (_, payment) = app.open(&url, "1").await;
        app.banq.accept(payment).await.unwrap();
        assert_eq!(app.shop.told_times(3).await[2].kind, "order.paid");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_payment_under_way_is_told_after_the_withdrawal() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server().await;
    let url = server.url();
    assert_eq!(register(&app, &url, "1").await, 201);
    let (_, payment) = app.open(&url, "1").await;
    app.banq.accept_only(payment).await.unwrap();
    assert_eq!(withdraw(&app, &url, "1").await["checkout"]["status"], "processing");
    app.banq.complete(payment).await.unwrap();
    assert_eq!(app.shop.told_times(1).await[0].kind, "order.paid_after_withdrawal");
}

#[tokio::test]
async fn a_link_that_banq_does_not_know_is_heard_of_and_given_up() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server_with(|tuning| tuning.dead_after_faults = 2).await;
    let url = server.url();
    assert_eq!(register(&app, &url, "1").await, 201);
    app.open(&url, "1").await;
    // Banq has forgotten the payment.
    change(&app, "UPDATE checkouts SET payment_id = 'banq:00000000-0000-4000-8000-000000000000'").await;
    change(
        &app,
        "INSERT INTO jobs (kind, subject, due_at, wanted, since, attempts, faults)
         VALUES ('payment', 'banq:00000000-0000-4000-8000-000000000000', 0, 1, 0, 0, 0)",
    )
    .await;
    until(async || run(&app, &["jobs", "list"]).await.out.contains("404, not found").then_some(())).await;
    // Nothing is sold by it: whether it was paid is not known.
    let request = app.http.put(format!("{url}/orders/1")).bearer_auth(API_KEY);
    assert_eq!(request.json(&json!({ "funds": "3.00" })).send().await.unwrap().status(), 200);
    assert_eq!(app.ask(&url, "1").await.unwrap().0, 502);
    assert_eq!(withdraw(&app, &url, "1").await["checkout"]["status"], "canceled");
    assert_eq!(register(&app, &url, "1").await, 200);
    assert_eq!(app.ask(&url, "1").await.unwrap().0, 201);
}

//! Money that turns: what Banq says of a payment after it was paid, or of money that is not what was asked for, reaches
//! the shop, the page and the operator, and no order gets a second link meanwhile.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    app::{On, TestApp},
    shop::Told,
};

/// A paid order: its checkout and Banq's payment.
async fn paid(app: &TestApp, url: &str, order: &str) -> (String, Uuid) {
    let (checkout, payment) = app.open(url, order).await;
    app.banq.accept(payment).await.unwrap();
    told(app, order, 1).await;
    (checkout, payment)
}

/// Waits until the shop was told so many events of an order.
async fn told(app: &TestApp, order: &str, count: usize) -> Vec<Told> {
    let of_order =
        |told: &[Told]| -> Vec<Told> { told.iter().filter(|told| told.order_id == order).cloned().collect() };
    of_order(&app.shop.told_until(|told| of_order(told).len() >= count).await)
}

fn kinds(told: &[Told]) -> Vec<&str> {
    told.iter().map(|told| &*told.kind).collect()
}

async fn snapshot(app: &TestApp, url: &str, checkout: &str) -> Value {
    let answer = app.http.get(format!("{url}/checkouts/{checkout}")).send().await.unwrap();
    answer.json::<Value>().await.unwrap()["data"].clone()
}

async fn refused_as(app: &TestApp, url: &str, order: &str, code: &str) {
    let (status, problem) = app.ask(url, order).await.unwrap();
    assert_eq!((status, &problem["code"]), (409, &json!(code)), "{order}: {problem}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_paid_every_contradiction_is_told() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server().await;
    let url = server.url();
    let cases = [
        ("completed-with-reason", json!({"failReason": "InsufficientBalance"}), "order.payment_in_doubt"),
        ("failed", json!({"status": "Failed", "failReason": "InsufficientBalance"}), "order.reversed"),
        ("canceled", json!({"status": "Canceled"}), "order.reversed"),
        ("cancelled", json!({"status": "Cancelled"}), "order.reversed"),
        ("reversed-other-funds", json!({"status": "Reversed", "funds": 1}), "order.reversed"),
        ("reversed-no-code", json!({"status": "Reversed", "externalOrderCode": null}), "order.reversed"),
        ("unknown-word", json!({"status": "ChargedBack"}), "order.payment_in_doubt"),
        ("on-hold", json!({"status": "OnHold"}), "order.payment_in_doubt"),
        ("resumed", json!({"status": "Resumed"}), "order.payment_in_doubt"),
        ("other-funds", json!({"funds": 2.49}), "order.payment_in_doubt"),
    ];
    for (order, answer, kind) in cases {
        let (checkout, payment) = paid(&app, &url, order).await;
        app.banq.answer_with(payment, answer).await.unwrap();
        let events = told(&app, order, 2).await;
        assert_eq!(kinds(&events), ["order.paid", kind], "{order}");
        let seen = snapshot(&app, &url, &checkout).await;
        if kind == "order.reversed" {
            assert_eq!((&seen["status"], &seen["issue"]), (&json!("reversed"), &Value::Null), "{order}");
        } else {
            let expected = (&json!("paid"), &json!("payment_in_doubt"));
            assert_eq!((&seen["status"], &seen["issue"]), expected, "{order}");
            assert!(events[1].data["received"]["status"].is_string(), "{:?}", events[1]);
            refused_as(&app, &url, order, "order_payment_in_question").await;
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_partial_refunds_are_told_twice() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server().await;
    let (checkout, payment) = paid(&app, &server.url(), "1").await;
    for funds in [2.0, 1.5] {
        app.banq.answer_with(payment, json!({ "funds": funds })).await.unwrap();
        let count = if funds > 1.7 { 2 } else { 3 };
        let last = told(&app, "1", count).await.pop().unwrap();
        let received: f64 = last.data["received"]["funds"].as_str().unwrap().parse().unwrap();
        assert!((received - funds).abs() < 0.001, "{last:?}");
    }
    app.banq.answer_with(payment, json!({})).await.unwrap();
    let events = told(&app, "1", 4).await;
    let doubt = "order.payment_in_doubt";
    assert_eq!(kinds(&events), ["order.paid", doubt, doubt, "order.payment_restored"]);
    let ids: std::collections::HashSet<_> = events.iter().map(|told| &told.id).collect();
    assert_eq!(ids.len(), 4, "each has an id of its own");
    assert_eq!(snapshot(&app, &server.url(), &checkout).await["issue"], Value::Null);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_differs_is_told_and_blocks_the_order() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server().await;
    let url = server.url();
    let cases = [
        (
            "accepted",
            json!({"status": "Accepted", "funds": 2.49}),
            "funds: expected 2.50, received 2.49; the provider says Accepted",
        ),
        (
            "completed",
            json!({"status": "Completed", "funds": 2.49}),
            "funds: expected 2.50, received 2.49; the provider says Completed",
        ),
        (
            "trimmed",
            json!({"status": "Completed", "externalOrderCode": "trimmed "}),
            "order: expected trimmed, received trimmed ; the provider says Completed",
        ),
        (
            "no-code",
            json!({"status": "Completed", "externalOrderCode": null}),
            "order: expected no-code, received nothing; the provider says Completed",
        ),
    ];
    for (order, answer, detail) in cases {
        let (checkout, payment) = app.open(&url, order).await;
        app.banq.answer_with(payment, answer).await.unwrap();
        let events = told(&app, order, 1).await;
        assert_eq!(kinds(&events), ["order.payment_mismatch"], "{order}");
        assert_eq!(events[0].data["detail"], detail, "{order}");
        let seen = snapshot(&app, &url, &checkout).await;
        let expected = (&json!("on_hold"), &json!("payment_mismatch"));
        assert_eq!((&seen["status"], &seen["issue"]), expected, "{order}");
        refused_as(&app, &url, order, "order_payment_in_question").await;
        assert_eq!(app.payments_of(order), 1, "no second payment");
    }
    let operator = app.operator().await;
    let listed = operator.checkouts_in_question(None, 10).await.unwrap();
    assert_eq!((listed.len(), operator.backlog().await.unwrap().in_question), (4, 4));
    let metrics = app.http.get(format!("{url}/metrics")).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("banq_payment_issues_total{issue=\"payment_mismatch\"} 4"), "{metrics}");

    // A person settles one; Banq says of another that the money is gone: both get a new link.
    operator.settle(&listed[0].checkout_id).await.unwrap();
    assert!(operator.settle(&listed[0].checkout_id).await.is_err(), "there is no case any more");
    let (returned, payment) = (&listed[1].order_id, listed[1].payment_id.as_ref().unwrap());
    let payment: Uuid = payment.trim_start_matches("banq:").parse().unwrap();
    app.banq.answer_with(payment, json!({"status": "Reversed"})).await.unwrap();
    assert_eq!(kinds(&told(&app, returned, 2).await)[1], "order.reversed");
    assert_eq!(operator.backlog().await.unwrap().in_question, 2);
    for order in [&listed[0].order_id, returned] {
        assert_eq!(app.ask(&url, order).await.unwrap().0, 201, "{order}");
    }
    operator.close().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_that_may_come_back_changed_is_sent_as_a_token() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server().await;
    for order in ["Café 7", "two words", "ﬁne"] {
        let (_, payment) = paid(&app, &server.url(), order).await;
        let code = app.banq.payment(payment).unwrap().external_order_code.unwrap();
        assert!(code.is_ascii() && !code.contains(' '), "{code}");
        assert_eq!(kinds(&told(&app, order, 1).await), ["order.paid"]);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reversal_that_is_undone_is_told_and_pays_the_order() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server().await;
    let url = server.url();
    let (_, payment) = paid(&app, &url, "1").await;
    app.banq.reverse(payment, banq_simulator::FailReason::Reversed).await.unwrap();
    assert_eq!(kinds(&told(&app, "1", 2).await)[1], "order.reversed");
    // The webhook of its return is lost: the request for a new link finds out.
    app.banq.update_scenarios(|scenarios| scenarios.webhooks.drop = true);
    app.banq.answer_with(payment, json!({"status": "Completed", "failReason": null})).await.unwrap();
    refused_as(&app, &url, "1", "order_already_paid").await;
    assert_eq!(kinds(&told(&app, "1", 3).await)[2], "order.payment_restored");
    assert_eq!(app.payments_of("1"), 1, "no second payment");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_of_an_unknown_kind_asks_about_our_payment() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server().await;
    for (order, kind, action) in [("1", "Payment", "ChargedBack"), ("2", "Dispute", "Opened")] {
        let (_, payment) = paid(&app, &server.url(), order).await;
        app.banq.update_scenarios(|scenarios| scenarios.webhooks.drop = true);
        app.banq.answer_with(payment, json!({"status": "Failed"})).await.unwrap();
        app.banq.update_scenarios(|scenarios| scenarios.webhooks.drop = false);
        let body =
            json!({"id": Uuid::new_v4(), "action": action, "resourceType": kind, "resourceId": payment});
        assert_eq!(app.send_signed(&server.url(), &body).await.0, 200);
        assert_eq!(kinds(&told(&app, order, 2).await)[1], "order.reversed", "{kind} {action}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_price_that_was_paid_is_not_called_paid() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server_with_key("a-key-of-the-shop").await;
    let url = server.url();
    let put = async |funds: &str| {
        let request = app.http.put(format!("{url}/orders/1")).bearer_auth("a-key-of-the-shop");
        let answer = request.json(&json!({ "funds": funds })).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    assert_eq!(put("1.00").await.0, 201);
    let (checkout, payment) = app.open(&url, "1").await;
    assert_eq!(put("100.00").await.0, 200);
    app.banq.accept(payment).await.unwrap();
    assert_eq!(kinds(&told(&app, "1", 1).await), ["order.paid_other_amount"]);
    let (status, problem) = put("100.00").await;
    assert_eq!((status, &problem["code"]), (409, &json!("order_paid_other_amount")));
    refused_as(&app, &url, "1", "order_paid_other_amount").await;
    let seen = snapshot(&app, &url, &checkout).await;
    assert_eq!((&seen["status"], &seen["issue"]), (&json!("paid"), &json!("paid_other_amount")));
    server.stop().await;
}

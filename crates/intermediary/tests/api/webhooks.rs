//! `POST /your-web-hooks/payment-status`, and what comes of it.

use serde_json::{Value, json};

use crate::helpers::{Log, TestApp, eventually, webhook, within_deadline};

/// A signed webhook about a payment that is not there is good enough where only the signature matters.
pub(crate) const SOMEBODY: &str = "9bf48226-79c3-43d2-9be5-264bfef4660d";

#[tokio::test]
async fn signed_but_not_a_webhook_is_400_and_nothing_is_stored() {
    let app = TestApp::start().await;
    let good: Value = serde_json::from_str(&webhook("Payment", "Completed", SOMEBODY)).unwrap();
    let without = |field: &str| {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(field);
        body.to_string()
    };
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body.to_string()
    };
    let bodies = [
        String::new(),
        "null".into(),
        "[]".into(),
        "{}".into(),
        "paid".into(),
        "<html>".into(),
        good.to_string()[..40].to_owned(),
        format!("{good}{good}"),
        without("id"),
        without("action"),
        without("resourceType"),
        without("resourceId"),
        with("id", json!(7)),
        with("id", json!("")),
        with("action", Value::Null),
        with("resourceId", json!(["a"])),
        with("resourceId", json!("../users/me")),
    ];
    for body in bodies {
        let answer = app.send_signed(&body).await;
        assert_eq!(answer.status, 400, "{body}");
        answer.assert_problem(400, "not_a_webhook");
    }
    assert_eq!(app.database().await.webhooks().await, 0);
}

#[tokio::test]
async fn a_good_run_becomes_paid_once_and_its_version_grows_once() {
    let app = TestApp::start().await;
    let link = app.checkout().await;
    let mut events = app.events(&link.checkout).await;
    assert_eq!(events.next_status().await, ("pending".into(), 1));
    app.control.accept(link.payment).await.unwrap();
    assert_eq!(events.rest().await, [("paid".into(), 2)]);
    app.settled().await;
    assert_eq!(app.snapshot(&link.checkout).await["version"], 2);
    let outcomes = app.database().await.outcomes().await;
    assert_eq!(outcomes.len(), 4, "Created, Accepted, Transaction Created, Completed: {outcomes:?}");
}

#[tokio::test]
async fn delivered_five_times_and_last_first_is_one_transition() {
    let app = TestApp::start().await;
    app.control.update_scenarios(|scenarios| {
        scenarios.webhooks.duplicate = 4;
        scenarios.webhooks.reorder = true;
    });
    let link = app.checkout().await;
    let mut events = app.events(&link.checkout).await;
    app.control.accept(link.payment).await.unwrap();
    assert_eq!(events.rest().await, [("pending".into(), 1), ("paid".into(), 2)]);
    app.delivered(5).await;
    app.settled().await;
    assert_eq!(app.snapshot(&link.checkout).await["version"], 2);
    assert_eq!(app.database().await.webhooks().await, 4, "each webhook is stored once");
}

#[tokio::test]
async fn an_old_webhook_after_the_end_changes_nothing() {
    let app = TestApp::start().await;
    let link = app.checkout().await;
    app.control.accept(link.payment).await.unwrap();
    app.until(&link.checkout, "paid").await;
    for action in ["Created", "Accepted", "Declined", "OnHold", "Canceled", "Expired", "Resumed"] {
        let body = webhook("Payment", action, &link.payment.to_string());
        assert_eq!(app.send_signed(&body).await.status, 200);
    }
    app.settled().await;
    let snapshot = app.snapshot(&link.checkout).await;
    assert_eq!((&snapshot["status"], &snapshot["version"]), (&json!("paid"), &json!(2)));
}

#[tokio::test]
async fn webhooks_before_the_links_answer_make_one_success() {
    let (app, wire) = TestApp::on_a_wire().await;
    let order = app.order();
    app.register(&order, "2").await;
    wire.hold_links();
    let answering = async {
        within_deadline(app.control.wait_until(|control| !control.payments().is_empty())).await;
        app.control.accept(app.control.payments()[0].id).await.unwrap();
        // The whole run was told, and taken, while the server does not know the payment's id.
        within_deadline(app.control.wait_until(|control| control.deliveries().len() == 4)).await;
        app.delivered(1).await;
        wire.release();
    };
    let (link, ()) = tokio::join!(app.link(&order), answering);
    assert_eq!(link.status, 201);
    app.until(&link.checkout, "paid").await;
    app.settled().await;
    assert_eq!(app.snapshot(&link.checkout).await["version"], 2);
    assert_eq!(app.control.payments().len(), 1);
}

#[tokio::test]
async fn an_unknown_webhook_about_nothing_of_ours_changes_nothing() {
    let log = Log::start();
    let app = TestApp::start().await;
    app.lose_webhooks();
    let link = app.checkout().await;
    app.control.accept(link.payment).await.unwrap();
    let before = app.snapshot(&link.checkout).await;
    for (kind, action) in [("Refund", "Completed"), ("", "Completed")] {
        let answer = app.send_signed(&webhook(kind, action, SOMEBODY)).await;
        assert_eq!(answer.status, 200, "{kind} {action}");
    }
    assert!(app.database().await.outcomes().await.iter().all(|it| it.as_deref() == Some("ignored")));
    assert_eq!(app.questions(), 0, "nothing was asked of Banq either");
    let after = app.snapshot(&link.checkout).await;
    assert_eq!((&after["status"], &after["version"]), (&json!("pending"), &before["version"]));
    assert!(log.line(&["unknown webhook", "Refund Completed"]).is_some());
}

#[tokio::test]
async fn an_unknown_action_or_resource_asks_about_our_payment() {
    let app = TestApp::start().await;
    app.lose_webhooks();
    for (kind, action) in [
        ("Payment", "Exploded"),
        ("Payment", "Paid"),
        ("Payment", "completed!"),
        ("Payment", ""),
        ("Refund", "Completed"),
        ("", "Completed"),
    ] {
        let link = app.checkout().await;
        app.control.accept(link.payment).await.unwrap();
        let answer = app.send_signed(&webhook(kind, action, &link.payment.to_string())).await;
        assert_eq!(answer.status, 200, "{kind} {action}");
        app.until(&link.checkout, "paid").await;
    }
}

#[tokio::test]
async fn a_webhook_is_only_a_hint_and_banq_is_asked() {
    let app = TestApp::start().await;
    app.lose_webhooks();
    let link = app.checkout().await;
    // Banq's own signature says "Completed", and Banq's own answer says that the shopper has not paid.
    let body = webhook("Payment", "Completed", &link.payment.to_string());
    assert_eq!(app.send_signed(&body).await.status, 200);
    app.settled().await;
    assert_eq!(app.questions(), 1);
    assert_eq!(app.snapshot(&link.checkout).await["status"], "pending");
}

#[tokio::test]
async fn another_amount_is_never_paid_and_the_log_says_why() {
    let log = Log::start();
    let (app, wire) = TestApp::on_a_wire().await;
    let link = app.checkout().await;
    app.settled().await;
    for funds in [json!(1.99), json!(2.01), json!(200), json!("0.02"), json!(-2), json!("x"), Value::Null] {
        wire.forge_payments("funds", funds);
        assert_never_paid(&app, link.payment, &link.checkout).await;
    }
    let line = log.line(&["never paid", &link.checkout]).expect("a line says why");
    for word in ["what=\"funds\"", "expected=\"2.00\"", "seen="] {
        assert!(line.contains(word), "{word}: {line}");
    }
    // The next look at the truth, and it counts.
    wire.be_honest();
    let body = webhook("Payment", "Completed", &link.payment.to_string());
    app.send_signed(&body).await;
    app.until(&link.checkout, "paid").await;
}

#[tokio::test]
async fn another_order_is_never_paid_and_the_log_says_why() {
    let log = Log::start();
    let (app, wire) = TestApp::on_a_wire().await;
    let link = app.checkout().await;
    app.settled().await;
    for order in [json!("order-2"), json!("ORDER-1"), json!("order-1 "), json!(""), Value::Null] {
        wire.forge_payments("externalOrderCode", order);
        assert_never_paid(&app, link.payment, &link.checkout).await;
    }
    let line = log.line(&["never paid", &link.checkout]).expect("a line says why");
    for word in ["what=\"order\"", "expected=\"order-1\"", "seen=\"order-2\""] {
        assert!(line.contains(word), "{word}: {line}");
    }
}

/// Accepts the payment if it is not yet, tells the server, and waits until the webhook was worked on.
async fn assert_never_paid(app: &TestApp, payment: uuid::Uuid, checkout: &str) {
    app.control.accept(payment).await.ok();
    assert_eq!(app.send_signed(&webhook("Payment", "Completed", &payment.to_string())).await.status, 200);
    app.settled().await;
    let outcomes = app.database().await.outcomes().await;
    assert_eq!(outcomes.last().unwrap().as_deref(), Some("mismatch"));
    let snapshot = app.snapshot(checkout).await;
    assert_eq!((&snapshot["status"], &snapshot["issue"]), (&json!("on_hold"), &json!("payment_mismatch")));
}

#[tokio::test]
async fn every_end_is_told_with_its_status() {
    use banq_simulator::{Action, FailReason};
    let app = TestApp::start().await;
    for (actions, status, reason) in [
        (&[Action::Decline][..], "declined", Value::Null),
        (&[Action::Cancel], "canceled", Value::Null),
        (&[Action::Expire], "expired", Value::Null),
        (&[Action::Fail(FailReason::InsufficientBalance)], "failed", json!("insufficient_funds")),
        (&[Action::Hold, Action::Resume, Action::Accept], "paid", Value::Null),
    ] {
        let link = app.checkout().await;
        for action in actions {
            app.control.act(link.payment, *action).await.unwrap();
        }
        app.until(&link.checkout, status).await;
        assert_eq!(app.snapshot(&link.checkout).await["failReason"], reason, "{status}");
    }
}

#[tokio::test]
async fn a_payment_that_is_taken_back_is_reversed() {
    let app = TestApp::start().await;
    let link = app.checkout().await;
    app.control.accept(link.payment).await.unwrap();
    app.until(&link.checkout, "paid").await;
    app.control.reverse(link.payment, banq_simulator::FailReason::Reversed).await.unwrap();
    app.delivered(1).await;
    eventually("it is reversed", async || app.snapshot(&link.checkout).await["status"] == "reversed").await;
}

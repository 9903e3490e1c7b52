//! Banq in trouble: the page gets a problem with a stable code and no inner cause, nothing is lost, and the
//! retry makes no second payment.

use std::time::Duration;

use serde_json::json;

use crate::helpers::{Log, PASSWORD, TestApp, banq, secret, within_deadline};

/// Registers an order, and asks for its link while Banq is in trouble.
async fn asked_in_trouble(app: &TestApp, status: u16, code: &str) -> String {
    let order = app.order();
    app.register(&order, "2").await;
    let answer = app.ask(&json!({"orderId": order})).await;
    answer.assert_problem(status, code);
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://shop.example"));
    order
}

/// Ends the trouble and asks again: one payment, whatever was tried under one key.
async fn mended(app: &TestApp, order: &str) {
    app.control.update_scenarios(|scenarios| *scenarios = banq_simulator::Scenarios::default());
    let link = app.link(order).await;
    // The worker repeats a lost attempt by itself, and may have been faster.
    assert!([200, 201].contains(&link.status), "{}", link.status);
    let attempts = app.attempts();
    assert!(attempts.iter().all(|id| *id == attempts[0]), "{attempts:?}");
    assert_eq!(app.control.payments().len(), 1);
    app.control.accept(link.payment).await.unwrap();
    app.until(&link.checkout, "paid").await;
}

#[tokio::test]
async fn banq_down_is_provider_unavailable_and_the_retry_works() {
    let app = TestApp::start().await;
    app.control.update_scenarios(|scenarios| scenarios.api.down = true);
    let order = asked_in_trouble(&app, 502, "provider_unavailable").await;
    mended(&app, &order).await;
}

#[tokio::test]
async fn nothing_at_banqs_address_is_provider_unavailable() {
    let app = TestApp::with(|config| {
        banq(config).api_url = "http://127.0.0.1:1/api/".parse().unwrap();
    })
    .await;
    asked_in_trouble(&app, 502, "provider_unavailable").await;
}

#[tokio::test]
async fn a_slow_banq_is_provider_timeout_and_the_retry_works() {
    let app = TestApp::with(|config| {
        config.tuning.request_timeout = Duration::from_millis(100);
    })
    .await;
    app.control.update_scenarios(|scenarios| scenarios.api.delay_ms = 60_000);
    let order = asked_in_trouble(&app, 504, "provider_timeout").await;
    mended(&app, &order).await;
}

#[tokio::test]
async fn a_payment_whose_answer_was_lost_is_found_again_by_the_retry() {
    let (app, wire) = TestApp::on_a_wire_with(|config| {
        config.tuning.request_timeout = Duration::from_millis(200);
    })
    .await;
    wire.hold_links();
    let order = asked_in_trouble(&app, 504, "provider_timeout").await;
    assert_eq!(app.control.payments().len(), 1, "Banq made it, and this server does not know");
    wire.release();
    mended(&app, &order).await;
}

#[tokio::test]
async fn a_fault_or_two_are_healed_without_the_page_knowing() {
    let app = TestApp::start().await;
    app.control.update_scenarios(|scenarios| scenarios.api.fail_next = 2);
    let link = app.checkout().await;
    assert_eq!(link.status, 201);
    let attempts = app.attempts();
    assert_eq!(attempts.len(), 3);
    assert!(attempts.iter().all(|id| *id == attempts[0]), "{attempts:?}");
    assert_eq!(app.control.payments().len(), 1);
}

#[tokio::test]
async fn a_401_leads_to_one_new_token_and_the_page_does_not_notice() {
    let app = TestApp::start().await;
    app.control.update_scenarios(|scenarios| scenarios.api.unauthorized_next = 1);
    let link = app.checkout().await;
    assert_eq!(link.status, 201);
    assert_eq!(app.control.tokens_issued(), 2);
    let attempts = app.attempts();
    assert_eq!((attempts.len(), &attempts[0]), (2, &attempts[1]));
}

#[tokio::test]
async fn constant_401_is_provider_unavailable_after_one_refresh() {
    let app = TestApp::start().await;
    app.control.update_scenarios(|scenarios| scenarios.api.unauthorized_next = 1000);
    let order = asked_in_trouble(&app, 502, "provider_unavailable").await;
    assert_eq!(app.control.tokens_issued(), 2);
    mended(&app, &order).await;
}

#[tokio::test]
async fn wrong_credentials_are_provider_unavailable_and_stand_nowhere() {
    let log = Log::start();
    let app = TestApp::with(|config| banq(config).password = secret("a-wrong-password")).await;
    asked_in_trouble(&app, 502, "provider_unavailable").await;
    assert!(log.line(&["credentials were refused", "invalid_grant"]).is_some(), "the log says what is wrong");
    for secret in ["a-wrong-password", PASSWORD] {
        assert!(!log.text().contains(secret));
    }
}

#[tokio::test]
async fn refusal_is_provider_rejected_and_the_retry_a_new_attempt() {
    for status in [400, 403, 404, 422] {
        let app = TestApp::start().await;
        app.control.update_scenarios(|scenarios| {
            (scenarios.api.fail_next, scenarios.api.status) = (1, status);
        });
        let order = asked_in_trouble(&app, 502, "provider_rejected").await;
        let link = app.link(&order).await;
        assert_eq!(link.status, 201);
        let attempts = app.attempts();
        assert_eq!(attempts.len(), 2, "a refusal is not repeated unasked");
        assert_ne!(attempts[0], attempts[1], "Banq would repeat its refusal for the same id");
        assert_eq!(app.control.payments().len(), 1);
    }
}

#[tokio::test]
async fn a_retry_after_that_is_short_is_obeyed() {
    let app = TestApp::with(|config| config.tuning.provider_deadline = Duration::from_secs(30)).await;
    app.control.update_scenarios(|scenarios| {
        (scenarios.api.fail_next, scenarios.api.status, scenarios.api.retry_after) = (1, 429, 1);
    });
    let link = app.checkout().await;
    assert_eq!((link.status, app.attempts().len()), (201, 2));
    assert_eq!(app.control.payments().len(), 1);
}

#[tokio::test]
async fn long_retry_after_ends_the_request() {
    let app = TestApp::start().await;
    app.control.update_scenarios(|scenarios| {
        (scenarios.api.fail_next, scenarios.api.status, scenarios.api.retry_after) = (1000, 429, 3600);
    });
    let order = asked_in_trouble(&app, 502, "provider_unavailable").await;
    assert_eq!(app.attempts().len(), 1);
    mended(&app, &order).await;
}

#[tokio::test]
async fn html_answer_is_provider_unavailable_and_the_retry_works() {
    let app = TestApp::start().await;
    app.control.update_scenarios(|scenarios| scenarios.api.html = true);
    let order = asked_in_trouble(&app, 502, "provider_unavailable").await;
    mended(&app, &order).await;
}

#[tokio::test]
async fn token_failure_is_provider_unavailable_and_the_retry_works() {
    let app = TestApp::start().await;
    app.control.update_scenarios(|scenarios| scenarios.auth.down = true);
    let order = asked_in_trouble(&app, 502, "provider_unavailable").await;
    app.control.update_scenarios(|scenarios| {
        (scenarios.auth.down, scenarios.auth.html) = (false, true);
    });
    app.ask(&json!({"orderId": order})).await.assert_problem(502, "provider_unavailable");
    assert!(app.attempts().is_empty());
    mended(&app, &order).await;
}

#[tokio::test]
async fn webhooks_that_come_while_banq_cannot_be_asked_are_only_late() {
    let app = TestApp::start().await;
    let link = app.checkout().await;
    let mut events = app.events(&link.checkout).await;
    assert_eq!(events.next_status().await, ("pending".into(), 1));
    app.settled().await;
    app.control.update_scenarios(|scenarios| scenarios.api.down = true);
    let before = app.questions();
    app.control.accept(link.payment).await.unwrap();
    app.delivered(1).await;
    // More than the tries of one question: the worker itself has come back.
    let questions = |control: &banq_simulator::Control| {
        control.requests().iter().filter(|request| request.method == "GET").count() > before + 6
    };
    within_deadline(app.control.wait_until(questions)).await;
    assert_eq!(app.snapshot(&link.checkout).await["status"], "pending");
    app.control.update_scenarios(|scenarios| scenarios.api.down = false);
    assert_eq!(events.rest().await, [("paid".into(), 2)]);
}

#[tokio::test]
async fn a_webhook_that_never_comes_is_only_a_delay() {
    let app = TestApp::with(|config| config.tuning.poll_interval = Duration::from_millis(30)).await;
    let link = app.checkout().await;
    app.control.accept_only(link.payment).await.unwrap();
    app.until(&link.checkout, "processing").await;
    app.lose_webhooks();
    app.control.complete(link.payment).await.unwrap();
    app.until(&link.checkout, "paid").await;
}

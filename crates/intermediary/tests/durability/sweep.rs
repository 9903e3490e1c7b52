//! Webhooks that never come, and answers that were lost.

use std::time::Duration;

use banq_simulator::FailReason;

use crate::app::{On, TestApp};

const POLL_INTERVAL: Duration = Duration::from_millis(100);

#[tokio::test]
async fn missing_webhook_only_delays_payment_and_reversal() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server_with(|tuning| tuning.poll_interval = POLL_INTERVAL).await;
    app.banq.update_scenarios(|scenarios| scenarios.webhooks.drop = true);
    let (checkout, payment) = app.open(&server.url(), "1").await;
    app.banq.accept_only(payment).await.unwrap();
    app.becomes(&server.url(), &checkout, "processing").await;
    app.banq.complete(payment).await.unwrap();
    app.becomes(&server.url(), &checkout, "paid").await;
    let operator = app.operator().await;
    let (_, history) = operator.checkout(&checkout).await.unwrap();
    let causes: Vec<_> = history.iter().map(|line| (line.status.as_str(), line.cause.as_str())).collect();
    assert_eq!(causes[1..], [("pending", "request"), ("processing", "sweep"), ("paid", "sweep")]);
    // It looks for reversals an hour (60 sweeps) apart at first; an operator does not wait.
    app.banq.reverse(payment, FailReason::Reversed).await.unwrap();
    operator.look_again(&checkout).await.unwrap();
    app.becomes(&server.url(), &checkout, "reversed").await;
    let (_, history) = operator.checkout(&checkout).await.unwrap();
    assert_eq!(history.last().unwrap().cause, "operator");
}

#[tokio::test]
async fn a_reversal_without_a_webhook_is_found_by_the_sweep() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server_with(|tuning| tuning.poll_interval = Duration::from_millis(10)).await;
    let (checkout, payment) = app.open(&server.url(), "1").await;
    app.banq.accept(payment).await.unwrap();
    app.becomes(&server.url(), &checkout, "paid").await;
    app.banq.update_scenarios(|scenarios| scenarios.webhooks.drop = true);
    app.banq.reverse(payment, FailReason::Reversed).await.unwrap();
    app.becomes(&server.url(), &checkout, "reversed").await;
}

#[tokio::test]
async fn lost_link_answer_is_retried_under_the_same_attempt_key() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app
        .server_with(|tuning| {
            tuning.request_timeout = Duration::from_millis(100);
            tuning.provider_deadline = Duration::from_millis(150);
        })
        .await;
    app.banq.update_scenarios(|scenarios| scenarios.link_answer_delay_ms = 400);
    let (status, problem) = app.ask(&server.url(), "1").await.unwrap();
    assert_eq!(status, 504, "{problem}");
    app.banq.update_scenarios(|scenarios| scenarios.link_answer_delay_ms = 0);
    let payment = app.banq.payments()[0].id;
    let operator = app.operator().await;
    let recorded = loop {
        let checkout = operator.checkouts(Some("1"), 10).await.unwrap().remove(0);
        if let Some(payment) = checkout.payment_id {
            break payment;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(recorded, format!("banq:{payment}"));
    assert_eq!(app.banq.payments().len(), 1);
    let (_, history) = {
        let checkout = operator.checkouts(Some("1"), 10).await.unwrap().remove(0);
        operator.checkout(&checkout.checkout_id).await.unwrap()
    };
    assert_eq!((history[1].change.as_str(), history[1].cause.as_str()), ("link", "sweep"));
    assert_eq!(app.ask(&server.url(), "1").await.unwrap().0, 200);
}

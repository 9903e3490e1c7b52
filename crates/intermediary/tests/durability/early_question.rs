//! The provider is asked about a webhook while that is being stored.

use axum::http::StatusCode;
use banq_intermediary::{Server, Tuning};
use banq_testkit::{PATIENCE, until, within};
use serde_json::{Value, json};
use sqlx::{Executor, PgConnection};
use uuid::Uuid;

use crate::app::{On, TestApp};

/// One that learns of payments only by the webhooks of these tests.
async fn server(app: &TestApp) -> Server {
    app.banq.update_scenarios(|scenarios| scenarios.webhooks.drop = true);
    let patient = |tuning: &mut Tuning| {
        tuning.lease = 10 * PATIENCE;
        tuning.poll_interval = 10 * PATIENCE;
    };
    app.server_with(patient).await
}

fn now() -> String {
    jiff::Timestamp::now().to_string()
}

fn webhook(payment: Uuid, created_at: &str) -> Value {
    json!({
        "id": Uuid::new_v4(), "action": "Completed", "resourceType": "Payment", "resourceId": payment,
        "createdAtUtc": created_at,
    })
}

/// How often Banq has answered a question about a payment.
fn answered(banq: &banq_simulator::Control, payment: Uuid) -> usize {
    let is_about = |path: &str| path.ends_with(&payment.to_string());
    banq.requests().iter().filter(|request| is_about(&request.path) && request.status.is_some()).count()
}

/// Waits until Banq has answered the question about a webhook that is still being stored.
async fn answered_before_stored(
    app: &TestApp,
    payment: Uuid,
    sending: &mut (impl Future<Output: std::fmt::Debug> + Unpin),
) {
    tokio::select! {
        answer = sending => panic!("it is not stored yet: {answer:?}"),
        () = within(PATIENCE, app.banq.wait_until(|banq| answered(banq, payment) >= 1)) => {}
    }
}

/// Stores a webhook of a payment, as another instance does.
async fn store(by: &mut PgConnection, webhook: &str, payment: Uuid) {
    let insert = "INSERT INTO inbox (webhook_id, payment_id, kind, received_at) VALUES ($1, $2, '', 0)";
    let insert = sqlx::query(insert).bind(format!("banq:{webhook}")).bind(format!("banq:{payment}"));
    insert.execute(by).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_answer_is_there_when_the_webhook_is_stored() {
    let app = TestApp::new(On::Postgres).await;
    let server = server(&app).await;
    let (checkout, payment) = app.open(&server.url(), "1").await;
    app.banq.accept(payment).await.unwrap();
    let mut holder = app.lock_inbox().await;
    let (url, body) = (server.url(), webhook(payment, &now()));
    let sending = app.post_signed(&url, &body);
    tokio::pin!(sending);
    answered_before_stored(&app, payment, &mut sending).await;
    assert_eq!(app.status(&url, &checkout).await, "pending", "nothing is written before the webhook is");
    holder.execute("ROLLBACK").await.unwrap();
    assert_eq!(sending.await.unwrap().status(), StatusCode::OK);
    app.becomes(&url, &checkout, "paid").await;
    assert_eq!(answered(&app.banq, payment), 1, "one question for one webhook");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhook_that_is_sent_again_and_again_leads_to_no_more_questions() {
    let app = TestApp::new(On::Sqlite).await;
    let server = server(&app).await;
    let (checkout, payment) = app.open(&server.url(), "1").await;
    app.banq.accept(payment).await.unwrap();
    // Made just now, and long ago.
    let bodies = [now(), "2026-01-11T12:12:12.0000000Z".to_owned()].map(|at| webhook(payment, &at));
    for body in &bodies {
        assert_eq!(app.post_signed(&server.url(), body).await.unwrap().status(), StatusCode::OK);
    }
    app.becomes(&server.url(), &checkout, "paid").await;
    let operator = app.operator().await;
    until(async || (operator.backlog().await.unwrap().webhooks == 0).then_some(())).await;
    let before = answered(&app.banq, payment);
    assert!((1..=2).contains(&before), "{before} questions for two webhooks");
    for body in bodies.iter().cycle().take(40) {
        assert_eq!(app.post_signed(&server.url(), body).await.unwrap().status(), StatusCode::OK);
    }
    // What was begun ends before a server has stopped.
    server.stop().await;
    assert_eq!(answered(&app.banq, payment), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn news_after_an_early_question_are_asked_for() {
    let app = TestApp::new(On::Postgres).await;
    let server = server(&app).await;
    let (checkout, payment) = app.open(&server.url(), "1").await;
    let mut holder = app.lock_inbox().await;
    let (url, body) = (server.url(), webhook(payment, &now()));
    let sending = app.post_signed(&url, &body);
    tokio::pin!(sending);
    answered_before_stored(&app, payment, &mut sending).await;
    // Then the payment completes, and the webhook of that is stored by another instance.
    app.banq.accept(payment).await.unwrap();
    store(&mut holder, &Uuid::new_v4().to_string(), payment).await;
    holder.execute("COMMIT").await.unwrap();
    assert_eq!(sending.await.unwrap().status(), StatusCode::OK);
    app.becomes(&url, &checkout, "paid").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_from_before_a_change_is_not_written() {
    let app = TestApp::new(On::Postgres).await;
    let server = server(&app).await;
    let (checkout, payment) = app.open(&server.url(), "1").await;
    let url = server.url();
    let (late, prompt) = (webhook(payment, &now()), webhook(payment, &now()));
    // Somebody else is storing the same webhook, and will fail.
    let mut holder = app.begin().await;
    store(&mut holder, late["id"].as_str().unwrap(), payment).await;
    let sending = app.post_signed(&url, &late);
    tokio::pin!(sending);
    answered_before_stored(&app, payment, &mut sending).await;
    app.banq.accept(payment).await.unwrap();
    assert_eq!(app.post_signed(&url, &prompt).await.unwrap().status(), StatusCode::OK);
    app.becomes(&url, &checkout, "paid").await;
    holder.execute("ROLLBACK").await.unwrap();
    assert_eq!(sending.await.unwrap().status(), StatusCode::OK);
    let operator = app.operator().await;
    until(async || (operator.backlog().await.unwrap().webhooks == 0).then_some(())).await;
    let (_, history) = operator.checkout(&checkout).await.unwrap();
    let changes: Vec<_> = history.iter().map(|entry| (&*entry.change, &*entry.status)).collect();
    assert_eq!(changes, [("begun", "pending"), ("link", "pending"), ("status", "paid")]);
    assert_eq!(app.shop.told_times(1).await.len(), 1);
    server.stop().await;
}

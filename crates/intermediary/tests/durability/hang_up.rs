//! A sender of webhooks that hangs up before the answer.

use std::time::Duration;

use banq_intermediary::Tuning;
use banq_testkit::{PATIENCE, eventually, within};
use serde_json::json;
use sqlx::{Executor, PgConnection};
use uuid::Uuid;

use crate::app::{On, TestApp};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_whose_sender_hangs_up_is_worked_on_at_once() {
    let app = TestApp::new(On::Postgres).await;
    // Nothing but the webhook leads to the payment while this test runs.
    let patient = |tuning: &mut Tuning| {
        tuning.lease = 10 * PATIENCE;
        tuning.poll_interval = 10 * PATIENCE;
    };
    let server = app.server_with(patient).await;
    let url = server.url();
    app.banq.update_scenarios(|scenarios| scenarios.webhooks.drop = true);
    let (checkout, payment) = app.open(&url, "1").await;
    app.banq.accept(payment).await.unwrap();

    // The webhook is being stored when its sender hangs up.
    let mut holder = app.lock_inbox().await;
    let connections = async || app.metric(&url, "banq_open_connections").await;
    let before = connections().await;
    let body = json!({
        "id": Uuid::new_v4(), "action": "Completed", "resourceType": "Payment", "resourceId": payment,
    });
    tokio::select! {
        answer = app.post_signed(&url, &body) => panic!("{answer:?}"),
        () = within(PATIENCE, someone_waits(&mut holder)) => {}
    }
    eventually("the server has seen the end of the connection", async || connections().await <= before).await;
    holder.execute("ROLLBACK").await.unwrap();
    app.becomes(&url, &checkout, "paid").await;
    server.stop().await;
}

/// Waits until somebody waits for the lock of the table.
async fn someone_waits(holder: &mut PgConnection) {
    let waiting = "SELECT 1 FROM pg_locks WHERE relation = 'inbox'::regclass AND NOT granted";
    while holder.fetch_all(waiting).await.unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

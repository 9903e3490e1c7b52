//! Webhooks that can't be worked on.

use std::time::Duration;

use banq_simulator::Delivery;
use banq_testkit::PATIENCE;

use crate::app::{On, TestApp};

async fn dead_letter(app: &TestApp) -> banq_intermediary::DeadLetter {
    let operator = app.operator().await;
    let wait = async {
        loop {
            if let Some(letter) = operator.dead_letters(10).await.unwrap().into_iter().next() {
                return letter;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("no dead letter")
}

#[tokio::test]
async fn always_failing_webhook_is_a_replayable_dead_letter() {
    for on in [On::Sqlite, On::Postgres] {
        let app = TestApp::new(on).await;
        let server = app.server_with(|tuning| tuning.dead_after_faults = 3).await;
        let (checkout, payment) = app.open(&server.url(), "1").await;
        let operator = app.operator().await;
        app.processed(&operator, |sent| !sent.is_empty()).await;
        app.confuse_banq().await;
        app.banq.accept(payment).await.unwrap();
        let letter = dead_letter(&app).await;
        assert!(letter.error.contains("cannot be understood"), "{letter:?}");
        assert_eq!(letter.replayed_at, None);
        // Until nothing is tried any more: each webhook of the payment, and of its transaction. The last of them is on
        // its way only when the payment has gone through at Banq.
        let completed = |webhook: &Delivery| webhook.body.contains("\"Completed\"");
        app.processed(&operator, |sent| sent.iter().any(completed)).await;
        // Replayed while no server runs: a question that was under way before could take the webhooks along.
        server.stop().await;
        app.banq.update_scenarios(|scenarios| scenarios.api.html = false);
        for letter in operator.dead_letters(100).await.unwrap() {
            operator.replay_dead_letter(letter.number).await.unwrap();
            assert!(operator.replay_dead_letter(letter.number).await.is_err(), "only once");
        }
        let server = app.server().await;
        app.becomes(&server.url(), &checkout, "paid").await;
        let (_, history) = operator.checkout(&checkout).await.unwrap();
        assert_eq!(history.last().unwrap().cause, "operator", "{history:?}");
        server.stop().await;
    }
}

#[tokio::test]
async fn an_outage_makes_no_dead_letter() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server_with(|tuning| tuning.dead_after_faults = 2).await;
    let (checkout, payment) = app.open(&server.url(), "1").await;
    app.banq.update_scenarios(|scenarios| scenarios.api.down = true);
    app.banq.accept(payment).await.unwrap();
    let asked = |count: usize| {
        move |banq: &banq_simulator::Control| {
            banq.requests().iter().filter(|request| request.status == Some(503)).count() >= count
        }
    };
    tokio::time::timeout(PATIENCE, app.banq.wait_until(asked(20))).await.unwrap();
    app.banq.update_scenarios(|scenarios| scenarios.api.down = false);
    app.becomes(&server.url(), &checkout, "paid").await;
    assert_eq!(app.operator().await.dead_letters(10).await.unwrap(), []);
}

#[tokio::test]
async fn an_outage_that_does_not_end_makes_one_after_its_time() {
    let app = TestApp::new(On::Sqlite).await;
    let server = app.server_with(|tuning| tuning.dead_after = Duration::from_millis(300)).await;
    let (_, payment) = app.open(&server.url(), "1").await;
    app.banq.update_scenarios(|scenarios| scenarios.api.down = true);
    app.banq.accept(payment).await.unwrap();
    let letter = dead_letter(&app).await;
    assert!(letter.error.contains("503") && letter.attempts > 1, "{letter:?}");
}

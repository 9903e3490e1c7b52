//! Several instances over one PostgreSQL.

use std::time::Duration;

use banq_testkit::{PATIENCE, command, free_port};

use crate::app::{On, TestApp};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_at_one_instance_reaches_a_stream_at_another() {
    let app = TestApp::new(On::Postgres).await;
    let (here, there) = (app.server().await, app.server().await);
    app.send_webhooks_to(&here.url());
    let (checkout, payment) = app.open(&here.url(), "1").await;
    let mut stream = app.stream(&there.url(), &checkout).await;
    stream.until("pending").await;
    app.banq.accept(payment).await.unwrap();
    stream.until("paid").await;
    // After the terminal snapshot.
    stream.end().await;
    app.shop.told_times(1).await;
    // What is under way ends before a server has stopped; nothing more can come.
    here.stop().await;
    there.stop().await;
    let notifications = app.operator().await.notifications(None, 10).await.unwrap();
    assert_eq!(notifications.iter().map(|told| &*told.state).collect::<Vec<_>>(), ["delivered"]);
    assert_eq!(app.shop.told().len(), 1, "one of them tells the shop");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_link_requests_at_two_instances_make_one_payment() {
    let app = TestApp::new(On::Postgres).await;
    let instances = [app.server().await, app.server().await];
    app.banq.update_scenarios(|scenarios| scenarios.link_answer_delay_ms = 300);
    let asks = (0..20).map(|number| {
        let url = instances[number % 2].url();
        let app = &app;
        async move { app.ask(&url, "1").await.unwrap() }
    });
    let answers = futures_util::future::join_all(asks).await;
    assert!(
        answers.iter().all(|(status, link)| *status < 300 && link["url"] == answers[0].1["url"]),
        "{answers:?}"
    );
    assert_eq!(answers.iter().filter(|(status, _)| *status == 201).count(), 1);
    assert_eq!(app.banq.payments().len(), 1);
    let asked = app.banq.requests().iter().filter(|call| call.path.ends_with("get-paid-link")).count();
    assert_eq!(asked, 1, "Banq was asked once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_dead_instance_had_under_way_is_taken_over() {
    let app = TestApp::new(On::Postgres).await;
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}");
    let mut settings = app.settings();
    settings.insert("BANQ_LISTEN".into(), format!("127.0.0.1:{port}"));
    let mut command = command(env!("CARGO_BIN_EXE_banq-intermediary"), &settings);
    let mut doomed = command.env("RUST_LOG", "error").stdout(std::process::Stdio::null()).spawn().unwrap();
    let (checkout, payment) = loop {
        if app.ask(&url, "1").await.is_ok() {
            break app.open_again(&url, "1").await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    app.send_webhooks_to(&url);
    // It takes the webhook, asks Banq, and is killed before the answer.
    app.banq.update_scenarios(|scenarios| scenarios.api.delay_ms = 3_000);
    let before = app.banq.requests().len();
    app.banq.accept(payment).await.unwrap();
    let asked = |banq: &banq_simulator::Control| banq.requests().len() > before;
    tokio::time::timeout(PATIENCE, app.banq.wait_until(asked)).await.unwrap();
    doomed.kill().await.unwrap();
    app.banq.update_scenarios(|scenarios| scenarios.api.delay_ms = 0);
    app.banq.update_scenarios(|scenarios| scenarios.webhooks.drop = true);
    let heir = app.server().await;
    // No later than the lease of 20 s ends.
    app.becomes(&heir.url(), &checkout, "paid").await;
    app.shop.told_times(1).await;
}

//! What must never be seen.

use std::{fs, path::Path};

use banq_intermediary::Config;
use banq_simulator::sign;
use serde_json::json;

use super::{HOOK, SOMEBODY, text};
use crate::helpers::{
    API_KEY, Log, PASSWORD, SHOP, TestApp, WEBHOOK_SECRET, Wire, client, settings, simulator_config,
    start_program, webhook, with_shop, within_deadline,
};

/// None of the secrets is in `text`, also not in the forms in which they travel.
fn assert_clean(what: &str, text: &str, tokens: &[String]) {
    for secret in [WEBHOOK_SECRET, API_KEY, PASSWORD] {
        assert!(!text.contains(secret), "{what} has {secret}");
    }
    assert!(!tokens.is_empty());
    for token in tokens {
        let token = token.strip_prefix("Bearer ").unwrap();
        assert!(token.len() > 10 && !text.contains(token), "{what} has an access token");
    }
}

/// Everything that can go right or wrong, in one life.
async fn a_full_life(app: &TestApp) -> Vec<String> {
    let mut answers = Vec::new();
    let link = app.checkout().await;
    app.control.update_scenarios(|scenarios| scenarios.api.unauthorized_next = 1);
    app.control.accept(link.payment).await.unwrap();
    app.until(&link.checkout, "paid").await;
    let body = webhook("Payment", "Completed", &link.payment.to_string());
    for signature in ["", "x", "Zm9yZ2Vk", &sign(WEBHOOK_SECRET, body.as_bytes())] {
        answers.push(app.send_webhook(body.clone(), signature).await.text);
    }
    answers.push(app.send_signed("{}").await.text);
    for trouble in [400, 401, 403, 404, 418, 422, 429, 500, 302] {
        app.control.update_scenarios(|scenarios| {
            (scenarios.api.fail_next, scenarios.api.status) = (3, trouble);
        });
        let order = app.order();
        app.register(&order, "2").await;
        answers.push(app.ask(&json!({"orderId": order})).await.text);
        app.control.update_scenarios(|scenarios| *scenarios = banq_simulator::Scenarios::default());
        app.control.end_tokens();
    }
    for (down, html) in [(true, false), (false, true)] {
        app.control.update_scenarios(|scenarios| (scenarios.auth.down, scenarios.auth.html) = (down, html));
        app.control.end_tokens();
        answers.push(app.ask(&json!({"orderId": "order-2"})).await.text);
        app.control.update_scenarios(|scenarios| *scenarios = banq_simulator::Scenarios::default());
    }
    answers.push(app.put_order("%00", &json!({"funds": 2})).await.text);
    answers.push(app.put_order("1", &json!({"funds": API_KEY, "comment": PASSWORD})).await.text);
    answers.push(app.ask(&json!({"orderId": ["x"], "funds": PASSWORD})).await.text);
    answers.push(app.get(&format!("/nowhere?key={API_KEY}"), &[]).await.text);
    app.settled().await;
    answers
}

#[tokio::test]
async fn no_secret_is_in_the_log() {
    let log = Log::start();
    let (app, wire) = TestApp::on_a_wire().await;
    a_full_life(&app).await;
    let text = log.text();
    for line in ["link made", "the checkout changed", "the request was refused", "the request failed"] {
        assert!(text.contains(line), "the log was captured: {line}");
    }
    assert_clean("the log", &text, &wire.tokens());
    app.assert_healthy().await;
}

#[tokio::test]
async fn no_secret_is_in_an_answer() {
    let (app, wire) = TestApp::on_a_wire().await;
    for answer in a_full_life(&app).await {
        assert_clean("an answer", &answer, &wire.tokens());
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn no_secret_is_in_the_database() {
    let (app, wire) = TestApp::on_a_wire().await;
    a_full_life(&app).await;
    let mut files = 0;
    for file in fs::read_dir(app.folder()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        assert_clean("the database", &String::from_utf8_lossy(&bytes), &wire.tokens());
        files += 1;
    }
    assert!(files > 0);
    app.assert_healthy().await;
}

/// The log of every crate, as an operator in need would switch it on.
#[tokio::test]
async fn no_secret_is_in_the_programs_log_at_trace_level() {
    let (app, wire) = (banq_testkit::TestApp::beside(simulator_config()).await, Wire::start().await);
    wire.lead_to(&app.simulator.url());
    let app = app.with_banq(wire.url.clone());
    let program = start_program(&with_shop(app.settings()), "trace").await;
    app.send_webhooks_to(&program.url);
    let (http, control) = (client(), app.simulator.control());
    let put = http.put(format!("{}/orders/1", program.url)).bearer_auth(API_KEY);
    let put = within_deadline(put.json(&json!({"funds": 2, "comment": "Tea"})).send()).await.unwrap();
    assert_eq!(put.status(), 201);
    let wrong = http.put(format!("{}/orders/1", program.url)).bearer_auth(format!("{API_KEY}x"));
    assert_eq!(within_deadline(wrong.json(&json!({"funds": 2})).send()).await.unwrap().status(), 401);
    control.update_scenarios(|scenarios| scenarios.api.unauthorized_next = 1);
    let ask = http.post(format!("{}/generate-payment-link", program.url)).header("origin", SHOP);
    let answer = within_deadline(ask.json(&json!({"orderId": "1"})).send()).await.unwrap();
    let answer: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    let events = within_deadline(http.get(text(&answer["data"]["eventsUrl"])).send()).await.unwrap();
    control.accept(control.payments()[0].id).await.unwrap();
    assert!(within_deadline(events.text()).await.unwrap().contains("\"paid\""));
    let body = webhook("Payment", "Completed", SOMEBODY);
    let hook = http.post(format!("{}{HOOK}", program.url)).header("x-banq-webhook-hmac", "Zm9yZ2Vk");
    assert_eq!(within_deadline(hook.body(body).send()).await.unwrap().status(), 401);
    let log = program.terminate().await;
    assert!(log.contains("TRACE") && log.len() > 10_000, "everything was switched on");
    assert_clean("the log", &log, &wire.tokens());
}

#[tokio::test]
async fn no_secret_is_in_what_a_configuration_or_a_server_prints() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::from_map(&settings("http://127.0.0.1:1", &folder)).unwrap();
    let tokens = ["Bearer none-of-these".to_owned()];
    assert_clean("the configuration", &format!("{config:?} {config:#?}"), &tokens);
    let server = banq_intermediary::Server::start(config).await.unwrap();
    assert_clean("the server", &format!("{server:?}"), &tokens);
    server.stop().await;
}

#[tokio::test]
async fn a_program_that_does_not_start_quotes_no_setting() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = settings("http://127.0.0.1:1", &folder);
    // Secrets under the wrong names.
    for (name, secret) in
        [("BANQ_ENVIRONMENT", PASSWORD), ("BANQ_ACCOUNT_GUID", API_KEY), ("BANQ_LISTEN", PASSWORD)]
    {
        wrong.insert(name.into(), secret.into());
    }
    wrong.insert("BANQ_DATABASE_URL".into(), format!("postgres://user:{WEBHOOK_SECRET}@db"));
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_banq-intermediary"))
        .envs(&wrong)
        .current_dir(Path::new(folder.path()))
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(said.contains("BANQ_ACCOUNT_GUID"), "{said}");
    assert_clean("the program", &said, &["Bearer none-of-these".to_owned()]);
}

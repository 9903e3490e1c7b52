//! What must never be seen.

use std::{fs, path::Path};

use banq_intermediary::Config;
use banq_simulator::{Simulator, WebhookConfig, sign};
use serde_json::json;

use super::{HOOK, SOMEBODY, text};
use crate::helpers::{
    API_KEY, Log, PASSWORD, Program, SHOP, Stack, WEBHOOK_SECRET, Wire, client, settings, simulator_config,
    soon, webhook,
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
async fn a_full_life(stack: &Stack) -> Vec<String> {
    let mut answers = Vec::new();
    let link = stack.checkout().await;
    stack.control.update_scenarios(|scenarios| scenarios.api.unauthorized_next = 1);
    stack.control.accept(link.payment).await.unwrap();
    stack.until(&link.checkout, "paid").await;
    let body = webhook("Payment", "Completed", &link.payment.to_string());
    for signature in ["", "x", "Zm9yZ2Vk", &sign(WEBHOOK_SECRET, body.as_bytes())] {
        answers.push(stack.send_webhook(body.clone(), signature).await.text);
    }
    answers.push(stack.send_signed("{}").await.text);
    for trouble in [400, 401, 403, 404, 418, 422, 429, 500, 302] {
        stack.control.update_scenarios(|scenarios| {
            (scenarios.api.fail_next, scenarios.api.status) = (3, trouble);
        });
        let order = stack.order();
        stack.register(&order, "2").await;
        answers.push(stack.ask(&json!({"orderId": order})).await.text);
        stack.control.update_scenarios(|scenarios| *scenarios = banq_simulator::Scenarios::default());
        stack.control.end_tokens();
    }
    for (down, html) in [(true, false), (false, true)] {
        stack.control.update_scenarios(|scenarios| (scenarios.auth.down, scenarios.auth.html) = (down, html));
        stack.control.end_tokens();
        answers.push(stack.ask(&json!({"orderId": "order-2"})).await.text);
        stack.control.update_scenarios(|scenarios| *scenarios = banq_simulator::Scenarios::default());
    }
    answers.push(stack.put_order("%00", &json!({"funds": 2})).await.text);
    answers.push(stack.put_order("1", &json!({"funds": API_KEY, "comment": PASSWORD})).await.text);
    answers.push(stack.ask(&json!({"orderId": ["x"], "funds": PASSWORD})).await.text);
    answers.push(stack.get(&format!("/nowhere?key={API_KEY}"), &[]).await.text);
    stack.settled().await;
    answers
}

#[tokio::test]
async fn no_secret_is_in_the_log() {
    let log = Log::start();
    let (stack, wire) = Stack::on_a_wire().await;
    a_full_life(&stack).await;
    let text = log.text();
    for line in ["link made", "the checkout changed", "the request was refused", "the request failed"] {
        assert!(text.contains(line), "the log was captured: {line}");
    }
    assert_clean("the log", &text, &wire.tokens());
    stack.assert_healthy().await;
}

#[tokio::test]
async fn no_secret_is_in_an_answer() {
    let (stack, wire) = Stack::on_a_wire().await;
    for answer in a_full_life(&stack).await {
        assert_clean("an answer", &answer, &wire.tokens());
    }
    stack.assert_healthy().await;
}

#[tokio::test]
async fn no_secret_is_in_the_database() {
    let (stack, wire) = Stack::on_a_wire().await;
    a_full_life(&stack).await;
    let mut files = 0;
    for file in fs::read_dir(stack.folder()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        assert_clean("the database", &String::from_utf8_lossy(&bytes), &wire.tokens());
        files += 1;
    }
    assert!(files > 0);
    stack.assert_healthy().await;
}

/// The log of every crate, as an operator in need would switch it on.
#[tokio::test]
async fn no_secret_is_in_the_programs_log_at_trace_level() {
    let (sim, wire) = (Simulator::start(simulator_config()).await.unwrap(), Wire::start().await);
    wire.lead_to(&sim.url());
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(&settings(&wire.url, &folder), "trace").await;
    sim.set_webhook(WebhookConfig::new(format!("{}{HOOK}", program.url), WEBHOOK_SECRET));
    let (http, control) = (client(), sim.control());
    let put = http.put(format!("{}/orders/1", program.url)).bearer_auth(API_KEY);
    let put = soon(put.json(&json!({"funds": 2, "comment": "Tea"})).send()).await.unwrap();
    assert_eq!(put.status(), 201);
    let wrong = http.put(format!("{}/orders/1", program.url)).bearer_auth(format!("{API_KEY}x"));
    assert_eq!(soon(wrong.json(&json!({"funds": 2})).send()).await.unwrap().status(), 401);
    control.update_scenarios(|scenarios| scenarios.api.unauthorized_next = 1);
    let ask = http.post(format!("{}/generate-payment-link", program.url)).header("origin", SHOP);
    let answer = soon(ask.json(&json!({"orderId": "1"})).send()).await.unwrap();
    let answer: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    let events = soon(http.get(text(&answer["data"]["eventsUrl"])).send()).await.unwrap();
    control.accept(control.payments()[0].id).await.unwrap();
    assert!(soon(events.text()).await.unwrap().contains("\"paid\""));
    let body = webhook("Payment", "Completed", SOMEBODY);
    let hook = http.post(format!("{}{HOOK}", program.url)).header("x-banq-webhook-hmac", "Zm9yZ2Vk");
    assert_eq!(soon(hook.body(body).send()).await.unwrap().status(), 401);
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

//! Link tokens: who counts order ids learns nothing.

use banq_intermediary::{Amount, Config, Intermediary, Order, OrderFuture, OrderSource, Schedule, Server};
use reqwest::Method;
use serde_json::{Value, json};

use crate::helpers::{API_KEY, TestApp, changed, settings_for, with_account_space, within_deadline};

const REQUIRED: &[(&str, &str)] = &[("BANQ_LINK_TOKENS", "required")];

/// Registers an order; its token.
async fn register(app: &TestApp, order: &str) -> String {
    let terms = json!({ "funds": "2.00", "comment": "Tea" });
    let answer = app.send(Method::PUT, &format!("/orders/{order}"), Some(API_KEY), &terms).await;
    assert!(answer.status().is_success());
    answer.json::<Value>().await.unwrap()["data"]["linkToken"].as_str().unwrap().to_owned()
}

/// Asks as a page does; status and body.
async fn ask(app: &TestApp, request: &Value) -> (u16, Value) {
    let answer = app.send(Method::POST, "/generate-payment-link", None, request).await;
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// A refusal without what differs in each answer.
fn without_request_id(mut problem: Value) -> Value {
    problem.as_object_mut().unwrap().remove("requestId");
    problem
}

#[tokio::test]
async fn a_page_without_the_token_learns_nothing_of_an_order() {
    let app = TestApp::with(REQUIRED, |_| {}).await;
    let token = register(&app, "1001").await;
    let other = register(&app, "1002").await;
    let mut refusals = Vec::new();
    // Orders that are known or not; without a token, with another order's, with one that cannot be read.
    for order in ["1001", "1003"] {
        for token in [json!(null), json!(other), json!(""), json!("a"), json!(7), json!(token.to_lowercase())]
        {
            let (status, problem) = ask(&app, &json!({ "orderId": order, "token": token })).await;
            assert_eq!((status, &problem["code"]), (403, &json!("link_token_invalid")), "{order} {token}");
            refusals.push(without_request_id(problem));
        }
    }
    refusals.dedup();
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    assert_eq!(app.simulator.control().payments().len(), 0);
    let (status, link) = ask(&app, &json!({ "orderId": "1001", "token": token })).await;
    assert_eq!((status, &link["data"]["funds"]), (201, &json!("2.00")));
}

#[tokio::test]
async fn a_paid_order_is_not_told_from_an_unknown_one() {
    let app = TestApp::with(REQUIRED, |_| {}).await;
    let token = register(&app, "1001").await;
    let request = json!({ "orderId": "1001", "token": token });
    assert_eq!(ask(&app, &request).await.0, 201);
    app.simulator.control().accept(app.simulator.control().payments()[0].id).await.unwrap();
    within_deadline(async { while ask(&app, &request).await.0 != 409 {} }).await;
    let paid = ask(&app, &json!({ "orderId": "1001" })).await;
    let unknown = ask(&app, &json!({ "orderId": "1003" })).await;
    assert_eq!((paid.0, without_request_id(paid.1)), (unknown.0, without_request_id(unknown.1)));
}

#[tokio::test]
async fn a_token_stays_the_same_over_starts_and_instances() {
    let app = banq_testkit::TestApp::start().await;
    let mut settings = changed(with_account_space(app.settings()), REQUIRED);
    let mut tokens = Vec::new();
    for key in [API_KEY, API_KEY, "another key of the shop"] {
        settings.insert("BANQ_API_KEY".into(), key.into());
        let server = Server::start(Config::from_map(&settings).unwrap()).await.unwrap();
        let put = app.http.put(format!("{}/orders/1001", server.url())).bearer_auth(key);
        let answer: Value = put.json(&json!({ "funds": 2 })).send().await.unwrap().json().await.unwrap();
        tokens.push(answer["data"]["linkToken"].as_str().unwrap().to_owned());
        within_deadline(server.stop()).await;
    }
    tokens.dedup();
    assert_eq!((tokens.len(), tokens[0].len()), (1, 22), "{tokens:?}");
    // Another shop's database makes others.
    let app = TestApp::with(REQUIRED, |_| {}).await;
    assert_ne!(register(&app, "1001").await, tokens[0]);
}

#[tokio::test]
async fn the_shop_itself_needs_no_token() {
    let app = TestApp::with(REQUIRED, |_| {}).await;
    register(&app, "1001").await;
    let request = json!({ "orderId": "1001" });
    let answer = app.send(Method::POST, "/generate-payment-link", Some(API_KEY), &request).await;
    assert_eq!(answer.status(), 201);
    let answer = app.send(Method::POST, "/generate-payment-link", Some("another key"), &request).await;
    assert_eq!(answer.status(), 403);
}

#[tokio::test]
async fn where_tokens_are_optional_a_wrong_one_is_refused() {
    let app = TestApp::start().await;
    let token = register(&app, "1001").await;
    let (status, problem) = ask(&app, &json!({ "orderId": "1001", "token": "x".repeat(22) })).await;
    assert_eq!((status, &problem["code"]), (403, &json!("link_token_invalid")));
    assert_eq!(ask(&app, &json!({ "orderId": "1001" })).await.0, 201);
    assert_eq!(ask(&app, &json!({ "orderId": "1001", "token": token })).await.0, 200);
}

/// A program that sells order 1.
struct One;

impl OrderSource for One {
    fn order<'a>(&'a self, order_id: &'a str) -> OrderFuture<'a> {
        Box::pin(async move {
            let funds = Amount::parse("2.00").filter(|_| order_id == "1");
            Ok(funds.map(|funds| Order { funds, comment: String::new(), schedule: Schedule::ONCE }))
        })
    }
}

#[tokio::test]
async fn an_embedding_program_makes_tokens_by_itself() {
    let app = TestApp::start().await;
    let folder = tempfile::tempdir().unwrap();
    let settings = changed(settings_for(&app.simulator.url(), folder.path()), REQUIRED);
    let intermediary = Intermediary::with_orders(Config::from_map(&settings).unwrap(), One).await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/generate-payment-link", listener.local_addr().unwrap());
    let router = intermediary.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let ask = async |request: Value| {
        within_deadline(app.http.post(&url).json(&request).send()).await.unwrap().status().as_u16()
    };
    assert_eq!(ask(json!({ "orderId": "1" })).await, 403);
    assert_eq!(ask(json!({ "orderId": "1", "token": intermediary.link_token("1") })).await, 201);
    within_deadline(intermediary.stop()).await;
}

//! The body of each problem, as it is served.

use std::{collections::BTreeMap, time::Duration};

use banq_intermediary::{Config, Intermediary};
use banq_simulator::{SIGNATURE_HEADER, Scenarios, sign};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection};

use crate::harness::{Harness, filters};
use banq_testkit::{API_KEY, WEBHOOK_SECRET, within_deadline};

const LINK: &str = "/generate-payment-link";
const WEBHOOK: &str = "/your-web-hooks/payment-status";

/// The problems that were served, by code: status, content type and body.
#[derive(Default)]
struct Served(BTreeMap<String, String>);

impl Served {
    async fn add(&mut self, request: RequestBuilder) {
        let answer = within_deadline(request.send()).await.unwrap();
        let head = format!("{} {}", answer.status(), answer.headers()["content-type"].to_str().unwrap());
        let body = answer.text().await.unwrap();
        let problem: Value = serde_json::from_str(&body).unwrap();
        let code = problem["code"].as_str().unwrap_or_else(|| panic!("no problem: {body}")).to_owned();
        self.0.insert(code, format!("{head}\n{body}\n"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_problem_is_served_with_the_expected_body() {
    let shop = Harness::open().await;
    let mut served = Served::default();
    requests_that_are_wrong(&shop, &mut served).await;
    a_provider_in_trouble(&shop, &mut served).await;
    orders_that_get_no_link(&shop, &mut served).await;
    a_server_in_trouble(&shop, &mut served).await;

    let document: Value = within_deadline(shop.request(Method::GET, "/openapi.json").send())
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let mut codes: Vec<&str> = Vec::new();
    // Variants are described one by one, or together.
    collect(&document["components"]["schemas"]["ProblemCode"], &mut codes);
    codes.sort_unstable();
    assert_eq!(served.0.keys().map(String::as_str).collect::<Vec<_>>(), codes, "every code");
    let _filters = filters();
    let all: Vec<String> = served.0.into_iter().map(|(code, text)| format!("# {code}\n{text}")).collect();
    insta::assert_snapshot!("problems", all.join("\n"));
}

/// Collects the texts of all `enum` lists in a schema.
fn collect<'a>(schema: &'a Value, codes: &mut Vec<&'a str>) {
    match schema {
        Value::Object(fields) => {
            let words = fields.get("enum").and_then(Value::as_array);
            codes.extend(words.into_iter().flatten().filter_map(Value::as_str));
            fields.values().for_each(|field| collect(field, codes));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, codes)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

async fn requests_that_are_wrong(shop: &Harness, served: &mut Served) {
    let link = || shop.request(Method::POST, LINK);
    let webhook = |body: &'static str, key: &str| {
        let request = shop.request(Method::POST, WEBHOOK).header("content-type", "application/json");
        request.header(SIGNATURE_HEADER, sign(key, body.as_bytes())).body(body)
    };
    shop.register("registered", "2.50").await;
    for request in [
        link().body("{"),
        link().json(&json!({ "orderId": "" })),
        link().json(&json!({ "orderId": "1", "comment": "x".repeat(20_000) })),
        link().json(&json!({ "orderId": "registered", "token": "AAAAAAAAAAAAAAAAAAAAAA" })),
        link().json(&json!({ "orderId": "registered" })).header("origin", "https://stranger.example"),
        link().json(&json!({ "orderId": "unknown" })),
        link().json(&json!({ "orderId": "unknown", "funds": "2.50" })),
        shop.request(Method::GET, "/checkouts/00000000000000000000000000000000"),
        shop.request(Method::GET, "/nothing"),
        shop.request(Method::DELETE, "/healthz"),
        shop.request(Method::PUT, "/orders/1").json(&json!({ "funds": "2.50" })),
        webhook("{}", "another secret"),
        webhook("{}", WEBHOOK_SECRET),
    ] {
        served.add(request).await;
    }
}

async fn orders_that_get_no_link(shop: &Harness, served: &mut Served) {
    let banq = shop.app.simulator.control();
    let (paid, payment) = shop.checkout("paid").await;
    banq.accept(payment).await.unwrap();
    shop.until(&paid, "status", "paid").await;
    let (other_amount, payment) = shop.checkout("paid-at-an-old-price").await;
    shop.register("paid-at-an-old-price", "100.00").await;
    banq.accept(payment).await.unwrap();
    shop.until(&other_amount, "issue", "paid_other_amount").await;
    let (in_question, payment) = shop.checkout("in-question").await;
    banq.answer_with(payment, json!({ "status": "Completed", "funds": 2.49 })).await.unwrap();
    shop.until(&in_question, "issue", "payment_mismatch").await;
    shop.register("withdrawn", "2.50").await;
    let withdraw = shop.request(Method::DELETE, "/orders/withdrawn").bearer_auth(API_KEY);
    assert!(within_deadline(withdraw.send()).await.unwrap().status().is_success());
    for order in ["paid", "paid-at-an-old-price", "in-question", "withdrawn"] {
        served.add(shop.request(Method::POST, LINK).json(&json!({ "orderId": order }))).await;
    }
}

async fn a_provider_in_trouble(shop: &Harness, served: &mut Served) {
    let banq = shop.app.simulator.control();
    let link = |shop: &Harness| shop.request(Method::POST, LINK).json(&json!({ "orderId": "registered" }));
    banq.update_scenarios(|scenarios| (scenarios.api.fail_next, scenarios.api.status) = (100, 422));
    served.add(link(shop)).await;
    banq.update_scenarios(|scenarios| {
        *scenarios = Scenarios::default();
        scenarios.api.unauthorized_next = 100;
    });
    served.add(link(shop)).await;
    banq.update_scenarios(|scenarios| *scenarios = Scenarios::default());

    // A server that waits for its provider for a tenth of a second, and allows one request a minute.
    let hasty = Harness::with(&[("BANQ_LINKS_PER_MINUTE", "1")], |config| {
        config.tuning.request_timeout = Duration::from_millis(100);
    });
    let hasty = hasty.await;
    hasty.register("registered", "2.50").await;
    hasty.app.simulator.control().update_scenarios(|scenarios| scenarios.api.delay_ms = 60_000);
    served.add(link(&hasty)).await;
    served.add(link(&hasty)).await;
}

async fn a_server_in_trouble(shop: &Harness, served: &mut Served) {
    // A row that no version of the server wrote.
    let (checkout, _) = shop.checkout("damaged").await;
    let mut database = SqliteConnection::connect(&shop.settings["BANQ_DATABASE_URL"]).await.unwrap();
    let damage = sqlx::query("UPDATE checkouts SET status = 'no such status' WHERE checkout_id = ?");
    damage.bind(&checkout).execute(&mut database).await.unwrap();
    served.add(shop.request(Method::GET, &format!("/checkouts/{checkout}"))).await;

    // A server that stops inside a program that keeps its socket open.
    let folder = tempfile::tempdir().unwrap();
    let mut settings = shop.settings.clone();
    let database = format!("sqlite://{}", folder.path().join("test.sqlite").display());
    settings.insert("BANQ_DATABASE_URL".to_owned(), database);
    let intermediary = Intermediary::new(Config::from_map(&settings).unwrap()).await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/readyz", listener.local_addr().unwrap());
    let router = intermediary.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    intermediary.begin_stop();
    served.add(reqwest::Client::builder().no_proxy().build().unwrap().get(url)).await;
    within_deadline(intermediary.stop()).await;
}

//! `DELETE /orders/{orderId}`: the shop takes an order back.

use banq_intermediary::{Config, Intermediary, Order, OrderFuture, OrderSource};
use banq_simulator::Control;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::helpers::{API_KEY, TestApp, settings_for, within_deadline};

async fn withdraw(app: &TestApp, order: &str) -> (u16, Value) {
    read(app.send(Method::DELETE, &format!("/orders/{order}"), Some(API_KEY), &Value::Null).await).await
}

async fn read(response: Response) -> (u16, Value) {
    (response.status().as_u16(), response.json().await.unwrap())
}

/// The code of a refusal.
async fn refused(response: Response) -> (u16, String) {
    let (status, problem) = read(response).await;
    (status, problem["code"].as_str().unwrap_or_default().to_owned())
}

async fn register(app: &TestApp, order: &str) -> u16 {
    let path = format!("/orders/{order}");
    app.send(Method::PUT, &path, Some(API_KEY), &json!({ "funds": "2.00" })).await.status().as_u16()
}

/// Waits until Banq's payment has led to this status here.
async fn becomes(app: &TestApp, link: &Value, expected: &str) {
    let path = format!("/checkouts/{}", link["checkoutId"].as_str().unwrap());
    within_deadline(async {
        while app.get(&path).await.json::<Value>().await.unwrap()["data"]["status"] != expected {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

fn gone() -> (u16, String) {
    (410, "order_withdrawn".to_owned())
}

#[tokio::test]
async fn a_withdrawn_order_is_canceled_in_its_page_and_gets_no_link() {
    let app = TestApp::start().await;
    let link = app.link("1").await;
    let id = link["checkoutId"].as_str().unwrap();
    let path = app.url(&format!("/checkouts/{id}?wait=20"));
    let page = tokio::spawn(app.http.get(path).header("if-none-match", "W/\"1\"").send());
    let (status, first) = withdraw(&app, "1").await;
    assert_eq!((status, &first["data"]["orderId"]), (200, &json!("1")));
    assert_eq!(first["data"]["checkout"], json!({ "checkoutId": id, "status": "canceled" }));
    let (_, seen) = read(within_deadline(page).await.unwrap().unwrap()).await;
    assert_eq!(seen["data"]["status"], "canceled");
    assert_eq!(refused(app.ask("1").await).await, gone());
    assert_eq!(withdraw(&app, "1").await, (200, first), "twice is once");

    assert_eq!(register(&app, "1").await, 200);
    assert_eq!(app.ask("1").await.status(), 201, "it is on sale again");
}

#[tokio::test]
async fn an_order_that_no_page_asked_for_can_be_withdrawn() {
    let app = TestApp::start().await;
    assert_eq!(register(&app, "1").await, 201);
    let (status, answer) = withdraw(&app, "1").await;
    assert_eq!((status, answer["data"].get("checkout")), (200, None));
    assert_eq!(refused(app.ask("1").await).await, gone());
    let asked = app.simulator.control().requests();
    assert!(asked.iter().all(|request| request.path.contains("/oauth/")), "Banq is not asked: {asked:?}");
}

#[tokio::test]
async fn only_the_shop_withdraws_what_it_knows_and_is_not_paid() {
    let app = TestApp::start().await;
    let link = app.link("1").await;
    for key in [None, Some("another key")] {
        let answer = app.send(Method::DELETE, "/orders/1", key, &Value::Null).await;
        assert_eq!(refused(answer).await, (401, "unauthorized".to_owned()));
    }
    let (status, problem) = withdraw(&app, "2").await;
    assert_eq!((status, &problem["code"]), (404, &json!("order_not_found")));
    app.simulator.control().accept(app.simulator.control().payments()[0].id).await.unwrap();
    becomes(&app, &link, "paid").await;
    let (status, problem) = withdraw(&app, "1").await;
    assert_eq!((status, &problem["code"]), (409, &json!("order_already_paid")));
}

#[tokio::test]
async fn a_payment_under_way_goes_on_and_the_answer_says_so() {
    let app = TestApp::start().await;
    let link = app.link("1").await;
    let banq = app.simulator.control();
    banq.accept_only(banq.payments()[0].id).await.unwrap();
    // Asked about, though the webhook may be on its way still.
    let (status, answer) = withdraw(&app, "1").await;
    assert_eq!((status, &answer["data"]["checkout"]["status"]), (200, &json!("processing")));
    let (status, same) = read(app.ask("1").await).await;
    assert_eq!((status, &same["data"]["checkoutId"]), (200, &link["checkoutId"]), "its page finds it again");
    banq.fail(banq.payments()[0].id, banq_simulator::FailReason::InsufficientBalance).await.unwrap();
    becomes(&app, &link, "failed").await;
    assert_eq!(refused(app.ask("1").await).await, gone());
}

#[tokio::test]
async fn an_order_is_withdrawn_also_while_banq_is_away() {
    let app = TestApp::with(&[], |config| {
        config.tuning.provider_deadline = std::time::Duration::from_millis(100);
    })
    .await;
    let link = app.link("1").await;
    app.simulator.control().update_scenarios(|scenarios| scenarios.api.down = true);
    let (status, answer) = withdraw(&app, "1").await;
    assert_eq!((status, &answer["data"]["checkout"]["status"]), (200, &json!("canceled")));
    becomes(&app, &link, "canceled").await;
}

#[tokio::test]
async fn an_order_withdrawn_while_its_link_is_made_shows_no_link() {
    let app = TestApp::start().await;
    assert_eq!(register(&app, "1").await, 201);
    let banq = app.simulator.control();
    banq.update_scenarios(|scenarios| scenarios.api.delay_ms = 500);
    let request = json!({ "orderId": "1" });
    let asking = tokio::spawn(app.http.post(app.url("/generate-payment-link")).json(&request).send());
    let is_asked =
        |banq: &Control| banq.requests().iter().any(|request| request.path.ends_with("/get-paid-link"));
    within_deadline(banq.wait_until(is_asked)).await;
    let (status, answer) = withdraw(&app, "1").await;
    assert_eq!((status, &answer["data"]["checkout"]["status"]), (200, &json!("canceled")));
    assert_eq!(refused(within_deadline(asking).await.unwrap().unwrap()).await, gone());
}

/// A program that sells everything.
struct Everything;

impl OrderSource for Everything {
    fn order<'a>(&'a self, _: &'a str) -> OrderFuture<'a> {
        Box::pin(async { Ok(None::<Order>) })
    }
}

#[tokio::test]
async fn an_embedding_program_withdraws_orders_by_itself() {
    let app = TestApp::start().await;
    let folder = tempfile::tempdir().unwrap();
    let config = Config::from_map(&settings_for(&app.simulator.url(), folder.path())).unwrap();
    let intermediary = Intermediary::with_orders(config, Everything).await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/orders/1", listener.local_addr().unwrap());
    let router = intermediary.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let answer = within_deadline(app.http.delete(url).bearer_auth(API_KEY).send()).await.unwrap();
    assert_eq!(refused(answer).await, (404, "not_found".to_owned()));
    within_deadline(intermediary.stop()).await;
}

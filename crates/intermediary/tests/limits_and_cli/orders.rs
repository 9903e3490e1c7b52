//! Prices: who sets them, and the fate of a link when they change.

use std::sync::{Arc, Mutex};

use banq_intermediary::{Amount, Config, Intermediary, Order, OrderFuture, OrderSource, Schedule};
use reqwest::Method;
use serde_json::{Value, json};

use crate::helpers::{API_KEY, TestApp, changed, with_account_space, within_deadline};

/// A shop that knows one order, and can change its mind.
#[derive(Default)]
struct Catalogue(Mutex<Option<&'static str>>);

impl OrderSource for Catalogue {
    fn order<'a>(&'a self, order_id: &'a str) -> OrderFuture<'a> {
        Box::pin(async move {
            let funds = self.0.lock().unwrap().ok_or("the shop's database is away: secret cause")?;
            let funds = Amount::parse(funds).filter(|_| order_id == "1");
            Ok(funds.map(|funds| Order { funds, comment: String::new(), schedule: Schedule::ONCE }))
        })
    }
}

#[tokio::test]
async fn an_embedding_program_says_what_an_order_costs() {
    let app = banq_testkit::TestApp::start().await;
    let settings = changed(with_account_space(app.settings()), &[("BANQ_ALLOW_CLIENT_AMOUNTS", "true")]);
    let catalogue = Arc::new(Catalogue::default());
    let config = Config::from_map(&settings).unwrap();
    let intermediary = Intermediary::with_orders(config, Arc::clone(&catalogue)).await.unwrap();
    // Nested into the shop's own server, which is plain axum.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/pay", listener.local_addr().unwrap());
    let router = axum::Router::new().nest("/pay", intermediary.router());
    tokio::spawn(async move { axum::serve(listener, router).await });

    let ask = async |order: &str, funds: Option<&str>| {
        let body = json!({ "orderId": order, "funds": funds });
        let response =
            within_deadline(app.http.post(format!("{base}/generate-payment-link")).json(&body).send())
                .await
                .unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    let (status, problem) = ask("1", None).await;
    assert_eq!((status, &problem["code"]), (503, &json!("unavailable")));
    assert!(!problem.to_string().contains("secret cause"));

    *catalogue.0.lock().unwrap() = Some("2.00");
    let (status, first) = ask("1", Some("0.01")).await;
    assert_eq!((status, &first["data"]["funds"]), (201, &json!("2.00")));
    assert_eq!(ask("1", None).await.1["data"]["checkoutId"], first["data"]["checkoutId"]);
    assert_eq!(ask("2", Some("0.01")).await.0, 404);
    *catalogue.0.lock().unwrap() = Some("3.00");
    let (status, second) = ask("1", None).await;
    assert_eq!((status, &second["data"]["funds"]), (201, &json!("3.00")));
    let old = format!("{base}/checkouts/{}", first["data"]["checkoutId"].as_str().unwrap());
    let old: Value = app.http.get(old).send().await.unwrap().json().await.unwrap();
    assert_eq!(old["data"]["status"], "canceled");
    let put = app.http.put(format!("{base}/orders/1")).bearer_auth(API_KEY).json(&json!({ "funds": 1 }));
    assert_eq!(put.send().await.unwrap().status(), 404);

    // The stream works without the server's own sockets too.
    let id = second["data"]["checkoutId"].as_str().unwrap();
    let mut stream = app.http.get(format!("{base}/checkouts/{id}/events")).send().await.unwrap();
    let start = within_deadline(stream.chunk()).await.unwrap().unwrap();
    assert!(start.starts_with(b"retry: "));
    intermediary.begin_stop();
    within_deadline(async { while stream.chunk().await.unwrap().is_some() {} }).await;
    within_deadline(intermediary.stop()).await;
}

#[tokio::test]
async fn an_order_without_a_comment_is_paid_for_by_its_number() {
    let app = TestApp::start().await;
    app.send(Method::PUT, "/orders/009221", Some(API_KEY), &json!({ "funds": 2 })).await;
    assert_eq!(app.ask("009221").await.status(), 201);
    assert_eq!(app.simulator.control().payments()[0].comment, "009221");
}

#[tokio::test]
async fn a_paid_order_refuses_another_price_and_another_link() {
    let app = TestApp::start().await;
    let link = app.link("1").await;
    let path = format!("/checkouts/{}?wait=20", link["checkoutId"].as_str().unwrap());
    let waiting = tokio::spawn(app.http.get(app.url(&path)).header("if-none-match", "W/\"1\"").send());
    app.simulator.control().accept(app.simulator.control().payments()[0].id).await.unwrap();
    assert_eq!(within_deadline(waiting).await.unwrap().unwrap().status(), 200);
    within_deadline(async {
        while app.ask("1").await.status() != 409 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let put = app.send(Method::PUT, "/orders/1", Some(API_KEY), &json!({ "funds": 3 })).await;
    assert_eq!(put.json::<Value>().await.unwrap()["code"], "order_already_paid");
}

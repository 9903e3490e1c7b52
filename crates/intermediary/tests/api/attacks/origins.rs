//! Pages of other origins.

use reqwest::Method;
use serde_json::json;

use crate::helpers::{Answer, SHOP, TestApp};

/// A page of this origin can neither have a link made, nor read anything.
async fn assert_foreign(origins: &[&str]) {
    let app = TestApp::start().await;
    let link = app.checkout().await;
    app.register("a", "2").await;
    for origin in origins {
        let headers = [("origin", *origin), ("content-type", "application/json")];
        let answer = app.ask_with(&headers, json!({"orderId": "a"}).to_string()).await;
        answer.assert_problem(403, "origin_not_allowed");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
        for path in [format!("/checkouts/{}", link.checkout), "/checkouts/x".to_owned()] {
            let answer = app.get(&path, &[("origin", origin)]).await;
            assert_eq!(answer.header("access-control-allow-origin"), None, "{origin} {path}");
        }
        let stream = app.events_response(&link.checkout, &[("origin", origin)]).await;
        assert_eq!(stream.headers().get("access-control-allow-origin"), None, "{origin}");
        let headers = [("origin", *origin), ("access-control-request-method", "POST")];
        let answer =
            Answer::read(app.send(Method::OPTIONS, "/generate-payment-link", &headers, "").await).await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
    }
    assert_eq!(app.attempts().len(), 1, "only the shop's own");
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_foreign_origin_is_refused() {
    assert_foreign(&["https://attacker.example", "http://attacker.example:8080", "https://example"]).await;
}

#[tokio::test]
async fn an_origin_that_begins_like_the_shops_is_refused() {
    assert_foreign(&[
        "https://shop.example.attacker.example",
        "https://shop.examples",
        "https://shop.exampl",
        "https://shop.example-attacker.example",
        "https://shop.example@attacker.example",
        "https://shop.example.",
    ])
    .await;
}

#[tokio::test]
async fn an_origin_that_ends_like_the_shops_is_refused() {
    assert_foreign(&[
        "https://attacker-shop.example",
        "https://www.shop.example",
        "https://attacker.example#https://shop.example",
        "https://attacker.example?https://shop.example",
        "https://attacker.example https://shop.example",
    ])
    .await;
}

#[tokio::test]
async fn the_null_origin_is_refused() {
    // Sandboxed frames and data: pages have it, so anybody can.
    assert_foreign(&["null", "NULL", "", "undefined", "*"]).await;
}

#[tokio::test]
async fn an_upper_case_origin_is_refused() {
    assert_foreign(&["HTTPS://SHOP.EXAMPLE", "https://Shop.example", "Https://shop.example"]).await;
}

#[tokio::test]
async fn the_shops_host_on_another_port_or_scheme_is_refused() {
    assert_foreign(&[
        "https://shop.example:444",
        "https://shop.example:443",
        "http://shop.example",
        "shop.example",
    ])
    .await;
}

#[tokio::test]
async fn another_port_of_this_machine_is_refused() {
    assert_foreign(&[
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "http://localhost",
        "http://localhost:1",
        "http://[::1]:1",
    ])
    .await;
}

#[tokio::test]
async fn an_origin_with_a_path_or_blanks_is_refused() {
    assert_foreign(&[
        "https://shop.example/",
        "https://shop.example/x",
        "https://shop.example,https://b.example",
    ])
    .await;
}

#[tokio::test]
async fn two_origins_of_which_one_is_the_shops_are_refused() {
    let app = TestApp::start().await;
    app.register("a", "2").await;
    for pair in [[SHOP, "https://attacker.example"], ["https://attacker.example", SHOP]] {
        let headers = [("origin", pair[0]), ("origin", pair[1]), ("content-type", "application/json")];
        let answer = app.ask_with(&headers, json!({"orderId": "a"}).to_string()).await;
        answer.assert_problem(403, "origin_not_allowed");
    }
    assert_eq!(app.attempts(), [] as [&str; 0]);
    app.assert_healthy().await;
}

#[tokio::test]
async fn no_page_may_set_prices_or_send_webhooks_not_even_the_shops() {
    let app = TestApp::start().await;
    for (path, method) in
        [("/orders/1", "PUT"), ("/your-web-hooks/payment-status", "POST"), ("/readyz", "GET")]
    {
        let headers = [
            ("origin", SHOP),
            ("access-control-request-method", method),
            ("access-control-request-headers", "authorization,content-type"),
        ];
        let answer = Answer::read(app.send(Method::OPTIONS, path, &headers, "").await).await;
        answer.assert_problem(405, "method_not_allowed");
        for header in ["access-control-allow-origin", "access-control-allow-methods"] {
            assert_eq!(answer.header(header), None, "{path}");
        }
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_question_for_more_than_is_needed_is_not_granted() {
    let app = TestApp::start().await;
    for (method, header) in [("PUT", "content-type"), ("DELETE", "content-type"), ("POST", "authorization")] {
        let headers = [
            ("origin", SHOP),
            ("access-control-request-method", method),
            ("access-control-request-headers", header),
        ];
        let answer =
            Answer::read(app.send(Method::OPTIONS, "/generate-payment-link", &headers, "").await).await;
        let methods = answer.header("access-control-allow-methods").unwrap_or_default();
        let allowed = answer.header("access-control-allow-headers").unwrap_or_default();
        assert!(!methods.contains(method) || !allowed.contains(header), "{answer:?}");
        for anything in [methods, allowed] {
            assert!(!anything.contains('*'), "{answer:?}");
        }
        assert_eq!(answer.header("access-control-allow-credentials"), None);
    }
    app.assert_healthy().await;
}

//! Bodies of the shop's own programs that are almost right: what is wrong is named, or it is taken.

use reqwest::Method;
use serde_json::{Value, json};

use crate::helpers::{API_KEY, TestApp, within_deadline};

/// Sends these bytes as JSON; status and answer.
async fn send(app: &TestApp, method: Method, path: &str, body: Vec<u8>) -> (u16, Value) {
    let request = app.http.request(method, app.url(path)).bearer_auth(API_KEY).body(body);
    let answer = within_deadline(request.header("content-type", "application/json").send()).await.unwrap();
    (answer.status().as_u16(), within_deadline(answer.json()).await.unwrap())
}

#[tokio::test]
async fn byte_order_mark_and_other_encodings_are_named() {
    let app = TestApp::start().await;
    let utf16 = |text: &str, mark: u16| {
        let units = std::iter::once(mark).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect::<Vec<u8>>()
    };
    for (method, path, text) in [
        (Method::PUT, "/orders/1", "{\"funds\": \"2.00\"}"),
        (Method::POST, "/generate-payment-link", "{\"orderId\": \"1\"}"),
    ] {
        for (body, named) in [
            ([b"\xef\xbb\xbf", text.as_bytes()].concat(), "byte order mark"),
            (utf16(text, 0xfeff), "UTF-16"),
            (utf16(text, 0xfffe), "UTF-16"),
            ([text.as_bytes(), b"\xe4"].concat(), "is not UTF-8"),
        ] {
            let (status, problem) = send(&app, method.clone(), path, body).await;
            assert_eq!((status, &problem["code"]), (400, &json!("invalid_json")), "{path} {named}");
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains(named) && detail.contains("send UTF-8 without"), "{path}: {detail}");
        }
    }
    let (status, _) = send(&app, Method::PUT, "/orders/1", b"{\"funds\": \"2.00\"}".to_vec()).await;
    assert_eq!(status, 201, "none of them was registered");
}

#[tokio::test]
async fn currency_in_small_letters_is_refused_with_the_fix() {
    let app = TestApp::start().await;
    for (currency, fix) in [
        (json!("usd"), "write it in capitals, USD"),
        (json!("Usd"), "write it in capitals, USD"),
        (json!("EUR"), "moves USD only"),
        (json!("USDT"), "moves USD only"),
        (json!(840), "moves USD only"),
    ] {
        let terms = json!({ "funds": "2.00", "currency": currency });
        let answer = app.send(Method::PUT, "/orders/1", Some(API_KEY), &terms).await;
        assert_eq!(answer.status(), 422, "{currency}");
        let problem: Value = answer.json().await.unwrap();
        assert!(problem["detail"].as_str().unwrap().contains(fix), "{currency}: {problem}");
    }
}

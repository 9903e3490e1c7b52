//! Order ids: two that look alike are not both ids.

use reqwest::Method;
use serde_json::{Value, json};

use crate::helpers::{API_KEY, TestApp};

/// The server's refusal of an id from the shop and from a page: `detail` of each, or none where it is taken.
async fn refusals(app: &TestApp, id: &str) -> [Option<String>; 2] {
    let encoded: String = id.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let path = format!("/orders/{encoded}");
    let put = app.send(Method::PUT, &path, Some(API_KEY), &json!({ "funds": 2 })).await;
    let ask = app.ask(id).await;
    let mut details = [None, None];
    for (detail, answer) in details.iter_mut().zip([put, ask]) {
        let status = answer.status().as_u16();
        if status >= 400 {
            let problem: Value = answer.json().await.unwrap();
            assert_eq!((status, &problem["code"]), (422, &json!("invalid_field")), "{id:?} {problem}");
            *detail = Some(problem["detail"].as_str().unwrap().to_owned());
        }
    }
    details
}

#[tokio::test]
async fn ids_that_look_like_others_are_refused_with_the_fix() {
    let app = TestApp::start().await;
    for (id, fix) in [
        // Café with its accent apart.
        ("cafe\u{301}-7", "normalize"),
        ("7\u{ad}1", "U+00AD"),
        ("7\u{200d}1", "U+200D"),
        ("71\u{fe0f}", "U+FE0F"),
        ("7\u{3164}1", "U+3164"),
        ("7\u{ffa0}1", "U+FFA0"),
        ("7\u{115f}1", "U+115F"),
        ("7\u{34f}1", "U+034F"),
        ("7\u{2066}1", "U+2066"),
        ("7\u{e0001}1", "U+E0001"),
        ("7\u{a0}1", "blanks"),
        ("7\u{2007}1", "blanks"),
        ("7\u{3000}1", "blanks"),
        ("7\u{2800}1", "blanks"),
        ("7  1", "blanks"),
        ("7\u{e000}", "U+E000"),
        ("7\u{378}", "U+0378"),
        ("7\u{fdd0}", "U+FDD0"),
    ] {
        for refusal in refusals(&app, id).await {
            let refusal = refusal.unwrap_or_else(|| panic!("{id:?} is taken"));
            assert!(refusal.contains(fix) && refusal.to_lowercase().contains("id "), "{id:?}: {refusal}");
        }
    }
    assert_eq!(app.simulator.control().payments().len(), 0);
}

#[tokio::test]
async fn ids_in_any_script_are_taken_and_banq_gets_ascii() {
    let app = TestApp::start().await;
    for id in ["A7Q2-9XKD", "caf\u{e9} 7", "заказ №7", "注文七", "ऑर्डर", "한글", "\u{1f600}"]
    {
        assert_eq!(refusals(&app, id).await, [None, None], "{id}");
        let payments = app.simulator.control().payments();
        let code = payments.last().unwrap().external_order_code.as_deref().unwrap();
        if id.bytes().all(|byte| byte.is_ascii_graphic()) {
            assert_eq!(code, id);
        } else {
            assert!(
                code.starts_with("order-") && code.is_ascii(),
                "what might come back changed: {id} {code}"
            );
        }
    }
}

#[tokio::test]
async fn the_description_says_the_same_of_an_id_everywhere() {
    let app = TestApp::start().await;
    let document: Value = app.get("/openapi.json").await.json().await.unwrap();
    let order = &document["paths"]["/orders/{order_id}"];
    let of = |method: &str| order[method]["parameters"][0]["schema"].clone();
    let request =
        &document["components"]["schemas"]["PaymentLinkRequest"]["properties"]["orderId"]["oneOf"][0];
    assert_eq!((&of("put"), &of("delete")), (request, request));
    let pattern = request["pattern"].as_str().unwrap();
    assert!(
        pattern.contains("\\u200f") && pattern.contains("\\ue000") && request["maxLength"] == 100,
        "{request}"
    );
}

//! Somebody else's checkout.

use std::collections::HashSet;

use serde_json::Value;

use crate::helpers::{Answer, TestApp};

/// There is nothing under this id, and the answer is the same as for every other.
async fn assert_unknown(app: &TestApp, id: &str) {
    for path in
        [format!("/checkouts/{id}"), format!("/checkouts/{id}/events"), format!("/checkouts/{id}?wait=25")]
    {
        let answer = app.get(&path, &[]).await;
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
        answer.assert_problem(404, "checkout_not_found");
        assert_eq!(anonymous(&answer)["detail"], "There is no such checkout.", "{path}");
    }
}

fn anonymous(answer: &Answer) -> Value {
    let mut json = answer.json.clone();
    json.as_object_mut().unwrap().remove("requestId");
    json
}

#[tokio::test]
async fn a_malformed_checkout_id_is_unknown() {
    let app = TestApp::start().await;
    for id in ["x", "0", "-1", "null", "undefined", "%20", "*", "%25", "%5f", "a%27b", "1;2", "%7b%7d"] {
        assert_unknown(&app, id).await;
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_checkout_id_in_upper_case_is_unknown() {
    let app = TestApp::start().await;
    let link = app.checkout().await;
    let upper = link.checkout.to_uppercase();
    assert_ne!(upper, link.checkout);
    assert_unknown(&app, &upper).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_checkout_id_of_another_length_is_unknown() {
    let app = TestApp::start().await;
    let id = app.checkout().await.checkout;
    let longer = format!("{id}0");
    let zeros = format!("0{id}");
    let twice = id.repeat(2);
    let spaced = format!("{id}%20");
    let nul = format!("{id}%00");
    for id in [&id[..31], &id[..1], &id[1..], &longer, &zeros, &twice, &spaced, &nul] {
        assert_unknown(&app, id).await;
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_checkout_id_that_only_looks_right_is_unknown() {
    let app = TestApp::start().await;
    let id = app.checkout().await.checkout;
    for digit in 0..32 {
        let mut near: Vec<char> = id.chars().collect();
        near[digit] = if near[digit] == '0' { '1' } else { '0' };
        assert_unknown(&app, &near.into_iter().collect::<String>()).await;
    }
    for id in ["0".repeat(32), "f".repeat(32)] {
        assert_unknown(&app, &id).await;
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_pattern_finds_no_checkout() {
    let app = TestApp::start().await;
    let id = app.checkout().await.checkout;
    let wildcard = format!("{}%25", &id[..16]);
    let blanks = "_".repeat(32);
    let or = format!("{}%27%20OR%201=1--%20", &id[..10]);
    for id in [&wildcard, &blanks, &or] {
        assert_unknown(&app, id).await;
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn what_others_know_of_an_order_opens_no_checkout() {
    let app = TestApp::start().await;
    let order = app.order();
    app.register(&order, "2").await;
    let link = app.link(&order).await;
    let code = link.url.rsplit('/').next().unwrap();
    // Banq knows the payment, the shop's customer service the order, and the phone the link's code.
    for id in
        [&link.payment.simple().to_string(), &link.payment.to_string(), &order, code, &app.attempts()[0]]
    {
        assert_unknown(&app, id).await;
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn checkout_ids_have_nothing_in_common() {
    let app = TestApp::start().await;
    let (mut heads, mut tails) = (HashSet::new(), HashSet::new());
    for _ in 0..30 {
        let id = app.checkout().await.checkout;
        assert!(heads.insert(id[..8].to_owned()) && tails.insert(id[24..].to_owned()), "{id}");
    }
    app.assert_healthy().await;
}

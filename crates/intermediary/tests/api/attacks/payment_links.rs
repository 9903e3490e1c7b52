//! Payment links that a page must not open.

use serde_json::json;

use super::banq::is_healed;
use crate::helpers::TestApp;

/// The link is refused, never shown, never stored; an honest answer heals it, and there is one payment.
async fn assert_link_refused(urls: &[&str]) {
    for url in urls {
        let (app, wire) = TestApp::on_a_wire().await;
        wire.forge_links("url", json!(url));
        app.register("1", "2").await;
        let answer = app.ask(&json!({"orderId": "1"})).await;
        answer.assert_problem(502, "provider_unavailable");
        assert!(url.is_empty() || !answer.text.contains(url), "{answer:?}");
        let stored = app.database().await.everything().await;
        assert!(url.is_empty() || !stored.contains(url), "{stored}");
        wire.be_honest();
        assert!(is_healed(app.link("1").await.status));
        assert_eq!(app.control.payments().len(), 1);
        app.assert_healthy().await;
    }
}

#[tokio::test]
async fn a_javascript_link_is_refused() {
    assert_link_refused(&[
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "javascript://link.banq.com/%0aalert(1)",
    ])
    .await;
}

#[tokio::test]
async fn a_link_that_hides_its_scheme_is_refused() {
    assert_link_refused(&[" javascript:alert(1)", "java\nscript:alert(1)", "\u{1}javascript:alert(1)"]).await;
}

#[tokio::test]
async fn a_plain_http_link_to_another_host_is_refused() {
    assert_link_refused(&[
        "http://link.banq.com/pay/a",
        "http://127.0.0.1.attacker.example/",
        "http://8.8.8.8/",
    ])
    .await;
}

#[tokio::test]
async fn a_link_that_is_no_web_address_is_refused() {
    assert_link_refused(&[
        "data:text/html,x",
        "file:///etc/passwd",
        "banq://pay",
        "//link.banq.com/pay",
        "pay/abc",
        "",
    ])
    .await;
}

#[tokio::test]
async fn a_link_with_a_user_in_it_is_refused() {
    assert_link_refused(&[
        "https://link.banq.com@attacker.example/",
        "https://link.banq.com:x@attacker.example/",
    ])
    .await;
}

#[tokio::test]
async fn a_link_that_is_too_long_for_a_code_is_refused() {
    assert_link_refused(&[&format!("https://link.banq.com/{}", "a".repeat(3000))]).await;
}

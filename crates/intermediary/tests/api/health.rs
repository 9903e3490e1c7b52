//! `GET /healthz` and `GET /readyz`, and what is true of every answer.

use reqwest::Method;

use crate::helpers::{Answer, TestApp};

#[tokio::test]
async fn a_running_server_is_alive_and_ready() {
    let app = TestApp::start().await;
    for (path, text) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let answer = app.get(path, &[]).await;
        assert_eq!((answer.status, &*answer.text), (200, text));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn banq_being_down_makes_nobody_restart_the_server() {
    let app = TestApp::start().await;
    app.control.update_scenarios(|scenarios| {
        (scenarios.api.down, scenarios.auth.down) = (true, true);
    });
    for path in ["/healthz", "/readyz"] {
        assert_eq!(app.get(path, &[]).await.status, 200);
    }
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_a_sane_one_is_taken_over() {
    let app = TestApp::start().await;
    let answer = app.get("/healthz", &[("x-request-id", "from-the-proxy_1.2")]).await;
    assert_eq!(answer.header("x-request-id"), Some("from-the-proxy_1.2"));
    let long = "a".repeat(65);
    for insane in ["", "a b", "a\"b", "a\tb", "{}", &long] {
        let answer = app.get("/nowhere", &[("x-request-id", insane)]).await;
        answer.assert_problem(404, "not_found");
        assert_eq!(answer.header("x-request-id").unwrap().len(), 16, "{insane:?}");
    }
}

#[tokio::test]
async fn unsupported_method_is_405_with_the_allowed_methods() {
    let app = TestApp::start().await;
    for (method, path, allowed) in [
        (Method::GET, "/generate-payment-link", "POST"),
        (Method::DELETE, "/checkouts/0123456789abcdef0123456789abcdef", "GET"),
        (Method::GET, "/your-web-hooks/payment-status", "POST"),
        (Method::GET, "/orders/1", "PUT"),
        (Method::POST, "/healthz", "GET"),
    ] {
        let answer = Answer::read(app.send(method, path, &[], "").await).await;
        answer.assert_problem(405, "method_not_allowed");
        assert!(answer.header("allow").is_some_and(|allow| allow.contains(allowed)), "{path}: {answer:?}");
    }
}

//! Redirects in Banq's answers, which would carry secrets to another host.

use std::sync::{Arc, Mutex};

use axum::{Router, extract::Request, http::StatusCode};
use serde_json::json;

use super::banq::{assert_never_paid, assert_no_link};
use crate::helpers::TestApp;

/// Whatever comes here was sent to the wrong host.
async fn trap() -> (String, Arc<Mutex<Vec<String>>>) {
    let caught = Arc::<Mutex<Vec<String>>>::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::clone(&caught);
    let router = Router::new().fallback(move |request: Request| {
        seen.lock().unwrap().push(format!("{request:?}"));
        async { StatusCode::OK }
    });
    tokio::spawn(async { axum::serve(listener, router).await });
    (url, caught)
}

#[tokio::test]
async fn a_redirect_to_another_host_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let (url, caught) = trap().await;
        assert_no_link(move |answer| {
            answer.status = status;
            answer.headers.push(("location", format!("{url}/v1/payments/get-paid-link")));
        })
        .await;
        assert_eq!(*caught.lock().unwrap(), [] as [String; 0], "the token would have gone with it");
    }
}

#[tokio::test]
async fn a_redirect_of_the_login_to_another_host_is_not_followed() {
    for status in [301, 302, 307, 308] {
        let (url, caught) = trap().await;
        let (app, wire) = TestApp::on_a_wire().await;
        wire.forge(move |path, answer| {
            if path.ends_with("/oauth/token") {
                answer.status = status;
                answer.headers.push(("location", format!("{url}/oauth/token")));
            }
        });
        app.register("1", "2").await;
        app.ask(&json!({"orderId": "1"})).await.assert_problem(502, "provider_unavailable");
        assert_eq!(*caught.lock().unwrap(), [] as [String; 0], "the password would have gone with it");
        wire.be_honest();
        app.assert_healthy().await;
    }
}

#[tokio::test]
async fn a_redirect_of_a_payment_to_another_host_is_not_followed() {
    let (url, caught) = trap().await;
    assert_never_paid(move |wire, _, _| {
        wire.forge(move |path, answer| {
            if path.contains("/payments/") && !path.ends_with("/get-paid-link") {
                answer.status = 307;
                answer.headers.push(("location", url.clone()));
            }
        });
    })
    .await;
    assert_eq!(*caught.lock().unwrap(), [] as [String; 0]);
}

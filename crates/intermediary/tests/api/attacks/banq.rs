//! A Banq that has been taken over, or somebody on the way to it.

use serde_json::{Value, json};

use super::text;
use crate::helpers::{TestApp, Wire, webhook};

/// A new link, or the one that the worker has got meanwhile.
pub(super) fn is_healed(status: u16) -> bool {
    status == 201 || status == 200
}

/// The shopper pays, Banq's answers about the payment are forged, and the checkout is never paid; then Banq is
/// honest again, and it is.
pub(super) async fn assert_never_paid(forge: impl FnOnce(&Wire, &TestApp, &str)) {
    let (app, wire) = TestApp::on_a_wire().await;
    let link = app.checkout().await;
    app.settled().await;
    forge(&wire, &app, &link.payment.to_string());
    app.control.accept(link.payment).await.unwrap();
    app.delivered(1).await;
    // The worker has asked, and been lied to, and asks again at the next occasion.
    let before = app.questions();
    app.send_signed(&webhook("Payment", "Completed", &link.payment.to_string())).await;
    let asked = |control: &banq_simulator::Control| {
        let get = |request: &&banq_simulator::ApiRequest| {
            request.method == "GET" && request.path.contains("/payments/")
        };
        control.requests().iter().filter(get).count() > before
    };
    crate::helpers::within_deadline(app.control.wait_until(asked)).await;
    assert_ne!(app.snapshot(&link.checkout).await["status"], "paid");
    wire.be_honest();
    app.send_signed(&webhook("Payment", "Completed", &link.payment.to_string())).await;
    app.until(&link.checkout, "paid").await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn another_orders_paid_payment_pays_nothing() {
    assert_never_paid(|wire, _, _| {
        wire.forge(|path, answer| {
            if path.contains("/payments/") && !path.ends_with("/get-paid-link") {
                answer.change(|payment| {
                    *payment = json!({
                        "id": "00000000-0000-4000-8000-000000000000", "status": "Completed", "funds": 2,
                        "externalOrderCode": "another-order",
                    });
                });
            }
        });
    })
    .await;
}

#[tokio::test]
async fn another_payment_of_the_same_order_and_amount_pays_nothing() {
    assert_never_paid(|wire, _, _| wire.forge_payments("id", json!("00000000-0000-4000-8000-000000000000")))
        .await;
}

#[tokio::test]
async fn a_payment_of_another_amount_pays_nothing() {
    assert_never_paid(|wire, _, _| wire.forge_payments("funds", json!(0.01))).await;
}

#[tokio::test]
async fn an_amount_that_only_a_float_takes_for_the_same_pays_nothing() {
    assert_never_paid(|wire, _, _| {
        wire.forge(|path, answer| {
            if path.contains("/payments/") && !path.ends_with("/get-paid-link") {
                let body = String::from_utf8(answer.body.clone()).unwrap();
                answer.body = body.replace("\"funds\":2", "\"funds\":1.99999999999999999999").into_bytes();
            }
        });
    })
    .await;
}

#[tokio::test]
async fn an_unknown_status_pays_nothing() {
    assert_never_paid(|wire, _, _| wire.forge_payments("status", json!("Paid in full\r\nstatus: Completed")))
        .await;
}

#[tokio::test]
async fn a_status_that_is_no_text_pays_nothing() {
    assert_never_paid(|wire, _, _| wire.forge_payments("status", json!(["Completed"]))).await;
}

#[tokio::test]
async fn a_payment_that_says_two_things_pays_nothing() {
    assert_never_paid(|wire, _, _| {
        wire.forge(|path, answer| {
            if path.contains("/payments/") && !path.ends_with("/get-paid-link") {
                let body = String::from_utf8(answer.body.clone()).unwrap();
                let twice = body.replace("\"status\":", "\"status\":\"Created\",\"status\":");
                assert_ne!(body, twice);
                answer.body = twice.into_bytes();
            }
        });
    })
    .await;
}

/// Answers to the request for a link that are none: 502, and after them an honest one works.
pub(super) async fn assert_no_link(forge: impl Fn(&mut crate::helpers::Forged) + Send + Sync + 'static) {
    let (app, wire) = TestApp::on_a_wire().await;
    wire.forge(move |path, answer| {
        if path.ends_with("/get-paid-link") {
            forge(answer);
        }
    });
    app.register("1", "2").await;
    app.ask(&json!({"orderId": "1"})).await.assert_problem(502, "provider_unavailable");
    wire.be_honest();
    assert!(is_healed(app.link("1").await.status));
    let attempts = app.attempts();
    assert!(attempts.iter().all(|id| *id == attempts[0]), "{attempts:?}");
    assert_eq!(app.control.payments().len(), 1);
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_huge_answer_is_not_read_to_its_end() {
    assert_no_link(|answer| answer.body = vec![b' '; 20 << 20]).await;
}

#[tokio::test]
async fn a_deeply_nested_answer_is_no_answer() {
    assert_no_link(|answer| {
        answer.body = format!("{{\"data\": {}{}}}", "[".repeat(50_000), "]".repeat(50_000)).into_bytes();
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_is_not_utf8_is_no_answer() {
    assert_no_link(|answer| answer.body = b"{\"data\": {\"url\": \"https://a/\xff\"}}".to_vec()).await;
}

#[tokio::test]
async fn an_undocumented_status_is_no_answer() {
    for status in [202, 204, 206, 300, 418, 451] {
        assert_no_link(move |answer| answer.status = status).await;
    }
}

#[tokio::test]
async fn a_payment_id_that_wants_to_be_a_path_is_refused() {
    for id in ["../users/me", "a/../../oauth/token", "a?b", "a#b", "%2e%2e", "", "a\r\nb", "\0"] {
        assert_no_link(move |answer| answer.change(|payment| payment["id"] = json!(id))).await;
    }
}

#[tokio::test]
async fn the_payment_of_another_order_is_no_answer() {
    let (app, wire) = TestApp::on_a_wire().await;
    let first = app.checkout().await;
    app.settled().await;
    wire.forge_links("id", json!(first.payment));
    app.register("2", "0.01").await;
    // With it the cheap order would be paid by the dear one's payment, or the other way round.
    app.ask(&json!({"orderId": "2"})).await.assert_problem(502, "provider_unavailable");
    wire.be_honest();
    let second = app.link("2").await;
    assert!(is_healed(second.status));
    assert_ne!(second.payment, first.payment);
    app.control.accept(first.payment).await.unwrap();
    app.until(&first.checkout, "paid").await;
    assert_eq!(app.snapshot(&second.checkout).await["status"], "pending");
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_retry_after_beyond_all_time_stops_nothing() {
    for retry_after in
        ["18446744073709551615", "99999999999999999999", "-1", "x", "Wed, 21 Oct 2015 07:28:00 GMT"]
    {
        let (app, wire) = TestApp::on_a_wire().await;
        wire.forge(move |path, answer| {
            if path.ends_with("/get-paid-link") {
                answer.replace(429, "application/json", "{}");
                answer.headers.push(("retry-after", retry_after.to_owned()));
            }
        });
        app.register("1", "2").await;
        app.ask(&json!({"orderId": "1"})).await.assert_problem(502, "provider_unavailable");
        wire.be_honest();
        assert!(is_healed(app.link("1").await.status), "{retry_after}");
        app.assert_healthy().await;
    }
}

#[tokio::test]
async fn odd_access_token_does_not_stop_later_requests() {
    for (answer, is_good) in [
        (json!({"expires_in": u64::MAX}), true),
        (json!({"expires_in": 0}), true),
        (json!({"expires_in": "soon"}), false),
        (json!({"access_token": 7}), false),
        (json!({"access_token": "a\r\nX-Injected: b"}), false),
        (json!({"access_token": "\u{0}"}), false),
        (json!({"access_token": Value::Null}), false),
    ] {
        let (app, wire) = TestApp::on_a_wire().await;
        let change = answer.clone();
        wire.forge(move |path, forged| {
            if path.ends_with("/oauth/token") {
                let mut json: Value = serde_json::from_slice(&forged.body).unwrap();
                json.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
                forged.body = json.to_string().into_bytes();
            }
        });
        app.register("1", "2").await;
        let got = app.ask(&json!({"orderId": "1"})).await;
        if is_good {
            assert_eq!(got.status, 201, "{answer}");
        } else {
            got.assert_problem(502, "provider_unavailable");
        }
        wire.be_honest();
        app.assert_healthy().await;
    }
}

#[tokio::test]
async fn an_end_of_the_link_beyond_all_time_stops_nothing() {
    for at in ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "-009999-01-01T00:00:00Z", "never", ""] {
        let (app, wire) = TestApp::on_a_wire().await;
        wire.forge_links("expiresAtUtc", json!(at));
        app.register("1", "2").await;
        let answer = app.ask(&json!({"orderId": "1"})).await;
        assert_eq!(answer.status, 201, "{at}");
        wire.be_honest();
        let checkout = text(&answer.data()["checkoutId"]).to_owned();
        app.control.accept(app.control.payments()[0].id).await.unwrap();
        app.until(&checkout, "paid").await;
        app.assert_healthy().await;
    }
}

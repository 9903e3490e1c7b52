//! `GET /checkouts/{checkoutId}` and its stream: the contract of the wire.

use std::time::Duration;

use serde_json::json;

use crate::helpers::{Answer, SHOP, TestApp, within_deadline};

const UNKNOWN: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn a_snapshot_has_all_its_fields_and_its_version_as_etag() {
    let app = TestApp::start().await;
    let link = app.checkout().await;
    let answer = app.get(&format!("/checkouts/{}", link.checkout), &[("origin", SHOP)]).await;
    let data = answer.data();
    assert_eq!(
        *data,
        json!({
            "checkoutId": link.checkout, "orderId": "order-1", "status": "pending", "funds": "2.00",
            "currency": "USD", "comment": "Tea", "version": 1,
            "expiresAt": data["expiresAt"], "serverTime": data["serverTime"],
        })
    );
    assert!(data["serverTime"].as_str().unwrap() < data["expiresAt"].as_str().unwrap());
    assert_eq!(answer.header("etag"), Some("W/\"1\""));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
    assert_eq!(answer.header("access-control-allow-origin"), Some(SHOP));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert!(answer.header("vary").unwrap().contains("origin"));
    let exposed = answer.header("access-control-expose-headers").unwrap();
    assert!(exposed.contains("etag") && exposed.contains("x-request-id"), "{exposed}");
}

#[tokio::test]
async fn a_snapshot_that_is_known_is_304() {
    let app = TestApp::start().await;
    let link = app.checkout().await;
    let path = format!("/checkouts/{}", link.checkout);
    for known in ["W/\"1\"", "\"1\"", "*", "W/\"7\", W/\"1\""] {
        let answer = app.get(&path, &[("if-none-match", known)]).await;
        assert_eq!((answer.status, &*answer.text), (304, ""), "{known}");
        assert_eq!(answer.header("etag"), Some("W/\"1\""));
    }
    for other in ["W/\"2\"", "1", "", "W/\"11\""] {
        assert_eq!(app.get(&path, &[("if-none-match", other)]).await.status, 200, "{other}");
    }
    app.control.accept(link.payment).await.unwrap();
    app.until(&link.checkout, "paid").await;
    let answer = app.get(&path, &[("if-none-match", "W/\"1\"")]).await;
    assert_eq!((answer.status, answer.header("etag")), (200, Some("W/\"2\"")));
}

#[tokio::test]
async fn a_long_poll_answers_when_the_checkout_changes() {
    let app = TestApp::start().await;
    let link = app.checkout().await;
    let path = format!("/checkouts/{}?wait=25", link.checkout);
    let mut poll = std::pin::pin!(app.get(&path, &[]));
    // Nothing has happened yet, so there is no answer.
    let early = tokio::time::timeout(Duration::from_millis(50), &mut poll).await;
    assert!(early.is_err(), "{early:?}");
    app.control.hold(link.payment).await.unwrap();
    assert_eq!(within_deadline(poll).await.data()["status"], "on_hold");
    app.control.resume(link.payment).await.unwrap();
    app.until(&link.checkout, "pending").await;
    // What this one knows is old: it is answered at once.
    let answer = app.get(&path, &[("if-none-match", "W/\"1\"")]).await;
    assert_eq!((answer.status, &answer.data()["version"]), (200, &json!(3)));
    let (answer, _) =
        tokio::join!(app.get(&path, &[("if-none-match", "W/\"3\"")]), app.control.accept(link.payment));
    assert_eq!(answer.data()["status"], "paid");
    // Nothing more will come: there is nothing to wait for.
    assert_eq!(within_deadline(app.get(&path, &[("if-none-match", "W/\"4\"")])).await.status, 304);
}

#[tokio::test]
async fn a_long_poll_without_news_ends_with_what_is_known() {
    let app = TestApp::start().await;
    let link = app.checkout().await;
    let path = format!("/checkouts/{}?wait=1", link.checkout);
    let (known, unknown) = tokio::join!(app.get(&path, &[("if-none-match", "W/\"1\"")]), app.get(&path, &[]));
    assert_eq!((known.status, unknown.status), (304, 200));
}

#[tokio::test]
async fn invalid_wait_is_422() {
    let app = TestApp::start().await;
    let link = app.checkout().await;
    for wait in ["31", "-1", "1.5", "x", "", "99999999999999999999"] {
        let answer = app.get(&format!("/checkouts/{}?wait={wait}", link.checkout), &[]).await;
        answer.assert_problem(422, "invalid_field");
    }
    assert_eq!(app.get(&format!("/checkouts/{}?wait=0", link.checkout), &[]).await.status, 200);
}

#[tokio::test]
async fn a_checkout_that_is_not_there_is_404() {
    let app = TestApp::start().await;
    for path in [
        format!("/checkouts/{UNKNOWN}"),
        format!("/checkouts/{UNKNOWN}?wait=25"),
        format!("/checkouts/{UNKNOWN}/events"),
    ] {
        let answer = within_deadline(app.get(&path, &[("origin", SHOP)])).await;
        answer.assert_problem(404, "checkout_not_found");
        assert_eq!(answer.header("access-control-allow-origin"), Some(SHOP), "the page can read why");
    }
}

#[tokio::test]
async fn a_stream_begins_with_the_present_on_every_connect() {
    let app = TestApp::start().await;
    let link = app.checkout().await;
    for headers in [&[("origin", SHOP)][..], &[("origin", SHOP), ("last-event-id", "1")]] {
        let response = app.events_response(&link.checkout, headers).await;
        let header = |name: &str| response.headers().get(name).map(|it| it.to_str().unwrap().to_owned());
        assert_eq!(header("content-type").as_deref(), Some("text/event-stream"));
        assert_eq!(header("cache-control").as_deref(), Some("no-cache, no-transform"));
        assert_eq!(header("x-accel-buffering").as_deref(), Some("no"));
        assert_eq!(header("access-control-allow-origin").as_deref(), Some(SHOP));
        let mut events = crate::helpers::Events::new(response);
        // Spread, so that not all come back at once; a shopper does not wait long.
        let retry: u32 = events.next_block().await.unwrap().retry.unwrap().parse().unwrap();
        assert!((1_000..=10_000).contains(&retry), "{retry}");
        let event = events.next().await.unwrap();
        assert_eq!(event.id.as_deref(), Some("1"));
        assert_eq!(event.data["checkoutId"], *link.checkout);
        let mut snapshot = app.snapshot(&link.checkout).await;
        snapshot["serverTime"] = event.data["serverTime"].clone();
        assert_eq!(event.data, snapshot);
    }
    app.control.hold(link.payment).await.unwrap();
    app.until(&link.checkout, "on_hold").await;
    assert_eq!(app.events(&link.checkout).await.next_status().await, ("on_hold".into(), 2));
}

#[tokio::test]
async fn a_stream_tells_every_change_and_ends_after_the_last() {
    let app = TestApp::start().await;
    let link = app.checkout().await;
    let mut events = app.events(&link.checkout).await;
    assert_eq!(events.next_status().await, ("pending".into(), 1));
    app.control.hold(link.payment).await.unwrap();
    assert_eq!(events.next_status().await, ("on_hold".into(), 2));
    app.control.resume(link.payment).await.unwrap();
    assert_eq!(events.next_status().await, ("pending".into(), 3));
    app.control.accept_only(link.payment).await.unwrap();
    assert_eq!(events.next_status().await, ("processing".into(), 4));
    app.control.complete(link.payment).await.unwrap();
    assert_eq!(events.next_status().await, ("paid".into(), 5));
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn all_streams_of_a_checkout_are_told() {
    let app = TestApp::with(|config| config.limits.streams_per_checkout = 20).await;
    let link = app.checkout().await;
    let mut streams = Vec::new();
    for _ in 0..20 {
        streams.push(app.events(&link.checkout).await);
    }
    app.control.decline(link.payment).await.unwrap();
    for events in &mut streams {
        assert_eq!(events.rest().await, [("pending".into(), 1), ("declined".into(), 2)]);
    }
}

#[tokio::test]
async fn a_silent_stream_says_that_it_is_alive() {
    let app = TestApp::with(|config| config.tuning.heartbeat = Duration::from_millis(20)).await;
    let link = app.checkout().await;
    let mut events = app.events(&link.checkout).await;
    assert_eq!(events.next_status().await, ("pending".into(), 1));
    for _ in 0..3 {
        let block = events.next_block().await.unwrap();
        assert_eq!((block.comment.as_deref(), block.id), (Some("heartbeat"), None));
    }
}

#[tokio::test]
async fn returning_subscriber_gets_204_or_the_missed_ending() {
    let app = TestApp::start().await;
    let link = app.checkout().await;
    app.control.accept(link.payment).await.unwrap();
    app.until(&link.checkout, "paid").await;
    let response = app.events_response(&link.checkout, &[("last-event-id", "2"), ("origin", SHOP)]).await;
    let answer = Answer::read(response).await;
    assert_eq!((answer.status, &*answer.text), (204, ""));
    assert_eq!(answer.header("access-control-allow-origin"), Some(SHOP));
    for id in ["1", "3", "0", "", "x", "-2", "2x", "99999999999", "2\u{e9}"] {
        let response = app.events_response(&link.checkout, &[("last-event-id", id)]).await;
        let mut events = crate::helpers::Events::new(response);
        assert_eq!(events.rest().await, [("paid".into(), 2)], "{id}");
    }
}

#[tokio::test]
async fn a_stop_ends_streams_and_long_polls() {
    let app = TestApp::start().await;
    let link = app.checkout().await;
    let mut events = app.events(&link.checkout).await;
    assert_eq!(events.next_status().await, ("pending".into(), 1));
    let (url, http) = (format!("{}/checkouts/{}?wait=25", app.url, link.checkout), app.http.clone());
    let mut poll = tokio::spawn(async move { http.get(url).send().await.unwrap().status() });
    // The poll is under way as soon as the server holds its answer back.
    assert!(tokio::time::timeout(Duration::from_millis(50), &mut poll).await.is_err());
    within_deadline(app.stop()).await;
    assert_eq!(events.next().await, None);
    assert_eq!(within_deadline(poll).await.unwrap(), 200);
}

#[tokio::test]
async fn preflight_from_the_shops_origin_is_answered() {
    let app = TestApp::start().await;
    let link = app.checkout().await;
    for (path, method) in [
        ("/generate-payment-link".to_owned(), "POST"),
        (format!("/checkouts/{}", link.checkout), "GET"),
        (format!("/checkouts/{}/events", link.checkout), "GET"),
    ] {
        let headers = [
            ("origin", SHOP),
            ("access-control-request-method", method),
            ("access-control-request-headers", "content-type,last-event-id,if-none-match,cache-control"),
        ];
        let answer = Answer::read(app.send(reqwest::Method::OPTIONS, &path, &headers, "").await).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some(SHOP));
        assert!(answer.header("access-control-allow-methods").unwrap().contains(method));
        let allowed = answer.header("access-control-allow-headers").unwrap();
        for name in ["content-type", "last-event-id", "if-none-match", "cache-control"] {
            assert!(allowed.contains(name), "{name}: {allowed}");
        }
        assert_eq!(answer.header("access-control-allow-credentials"), None);
    }
}

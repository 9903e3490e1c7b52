//! Too much of everything, within bounds that a test can afford.

use crate::helpers::{Events, Raw, TestApp, webhook};

use super::{SOMEBODY, answers, status};

#[tokio::test]
async fn too_many_headers_are_refused() {
    let app = TestApp::start().await;
    for count in [101, 2000] {
        let headers: String = (0..count).map(|number| format!("X-{number}: a\r\n")).collect();
        let request = format!("GET /healthz HTTP/1.1\r\nHost: a\r\n{headers}Connection: close\r\n\r\n");
        assert_eq!(status(&Raw::exchange(&app.url, request).await), 431);
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_header_that_is_too_large_is_refused() {
    let app = TestApp::start().await;
    for name in ["X-Large", "Cookie", "Authorization", "Origin", "X-Banq-Webhook-Hmac", "Last-Event-ID"] {
        let large = "a".repeat(64 * 1024);
        let request = format!("GET /healthz HTTP/1.1\r\nHost: a\r\n{name}: {large}\r\n\r\n");
        // The close may come while the header is still being sent, and take the answer with it.
        let answer = Raw::exchange(&app.url, request).await;
        assert!([0, 431].contains(&status(&answer)), "{answer}");
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn headers_without_an_end_are_given_up() {
    let app = TestApp::start().await;
    let mut raw = Raw::connect(&app.url).await;
    raw.send("GET /healthz HTTP/1.1\r\nHost: a\r\n").await;
    let header = format!("X-A: {}\r\n", "a".repeat(1000));
    let mut sent = 0;
    while raw.send(&header).await {
        sent += header.len();
        assert!(sent < 64 << 20, "64 MB of headers, and still no end");
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn one_stream_too_many_ends_the_oldest_and_nobody_is_refused() {
    const LIMIT: usize = 20;
    let app = TestApp::with(|config| {
        (config.limits.streams, config.limits.streams_per_checkout) = (LIMIT, 100);
    })
    .await;
    let link = app.checkout().await;
    let mut streams: Vec<Events> = Vec::new();
    for _ in 0..LIMIT + 50 {
        let mut events = app.events(&link.checkout).await;
        assert_eq!(events.next_status().await, ("pending".into(), 1));
        streams.push(events);
    }
    let newest = streams.split_off(50);
    for mut events in streams {
        assert!(events.rest().await.is_empty(), "it gave way, and says nothing more");
    }
    // Nobody else is kept from buying, and those who watch are told.
    assert_eq!(app.get("/healthz", &[]).await.status, 200);
    assert_eq!(app.get("/readyz", &[]).await.status, 200);
    assert_eq!(app.get(&format!("/checkouts/{}", link.checkout), &[]).await.status, 200);
    assert_eq!(app.checkout().await.status, 201);
    app.control.accept(link.payment).await.unwrap();
    for mut events in newest {
        assert_eq!(events.rest().await, [("paid".into(), 2)]);
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn streams_that_are_opened_and_dropped_give_their_places_back() {
    let app = TestApp::with(|config| config.limits.streams = 5).await;
    let link = app.checkout().await;
    for _ in 0..100 {
        crate::helpers::eventually("a place is free", async || {
            app.events_response(&link.checkout, &[]).await.status() == 200
        })
        .await;
    }
    crate::helpers::eventually("all places are free", async || {
        let mut open = Vec::new();
        for _ in 0..5 {
            open.push(app.events_response(&link.checkout, &[]).await);
        }
        open.iter().all(|response| response.status() == 200)
    })
    .await;
}

#[tokio::test]
async fn guesses_of_checkouts_use_up_no_places() {
    let app = TestApp::with(|config| config.limits.streams = 1).await;
    for number in 0..100 {
        let path = format!("/checkouts/{number:032x}/events");
        app.get(&path, &[]).await.assert_problem(404, "checkout_not_found");
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn three_hundred_connections_keep_nobody_out() {
    let app = TestApp::start().await;
    let mut connections = Vec::new();
    for _ in 0..300 {
        connections.push(Raw::connect(&app.url).await);
    }
    app.assert_healthy().await;
    for raw in &mut connections {
        raw.send("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    }
    for raw in &mut connections {
        assert_eq!(status(&raw.until_closed().await), 200);
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn connections_that_come_and_go_leave_nothing_behind() {
    let app = TestApp::start().await;
    for _ in 0..300 {
        let mut raw = Raw::connect(&app.url).await;
        raw.send("GET /checkouts/x HTTP/1.1\r\nHost").await;
    }
    app.assert_healthy().await;
}

#[tokio::test]
async fn three_hundred_forged_webhooks_at_once_store_nothing() {
    let app = TestApp::start().await;
    let sending = (0..300).map(|_| app.send_webhook(webhook("Payment", "Completed", SOMEBODY), "Zm9yZ2Vk"));
    for answer in futures_util::future::join_all(sending).await {
        assert_eq!(answer.status, 401);
    }
    assert_eq!(app.database().await.webhooks().await, 0);
    app.assert_healthy().await;
}

#[tokio::test]
async fn hundred_simultaneous_link_requests_make_one_payment() {
    let app = TestApp::start().await;
    app.register("1", "2").await;
    let links = futures_util::future::join_all((0..100).map(|_| app.link("1"))).await;
    assert_eq!(links.iter().filter(|link| link.status == 201).count(), 1);
    assert_eq!((app.attempts().len(), app.control.payments().len()), (1, 1));
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_thousand_requests_in_one_breath_are_answered_one_by_one() {
    let app = TestApp::start().await;
    let one = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    let last = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let mut raw = Raw::connect(&app.url).await;
    raw.send(format!("{}{last}", one.repeat(999))).await;
    assert_eq!(answers(&raw.until_closed().await), 1000);
    app.assert_healthy().await;
}

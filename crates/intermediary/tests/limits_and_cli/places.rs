//! Streams and long polls have so many places; a newcomer gets one, and the plain read needs none.

use banq_intermediary::Config;
use reqwest::{Response, StatusCode};
use serde_json::Value;
use tokio::io::AsyncWriteExt;

use crate::helpers::{TestApp, get, read_to_end, read_until, within_deadline};

/// A shop behind a proxy, which says whose request each one is.
async fn app(streams: usize, per_address: usize, per_checkout: usize) -> TestApp {
    TestApp::with(&[("BANQ_TRUSTED_PROXIES", "127.0.0.1")], move |config: &mut Config| {
        config.limits.streams = streams;
        config.limits.streams_per_address = per_address;
        config.limits.streams_per_checkout = per_checkout;
    })
    .await
}

async fn ask(app: &TestApp, link: &Value, more: &str, from: &str) -> Response {
    let path = format!("/checkouts/{}{more}", link["checkoutId"].as_str().unwrap());
    within_deadline(app.http.get(app.url(&path)).header("x-forwarded-for", from).send()).await.unwrap()
}

/// An open stream that has said the present.
async fn stream(app: &TestApp, link: &Value, from: &str) -> Response {
    let mut stream = ask(app, link, "/events", from).await;
    assert_eq!(stream.status(), StatusCode::OK, "{from}");
    until(&mut stream, "pending").await;
    stream
}

async fn until(stream: &mut Response, wanted: &str) -> String {
    let mut text = String::new();
    while !text.contains(wanted) {
        let chunk = within_deadline(stream.chunk()).await.unwrap().unwrap_or_else(|| panic!("ended: {text}"));
        text.push_str(str::from_utf8(&chunk).unwrap());
    }
    text
}

/// What a stream says to its end.
async fn rest(stream: Response) -> String {
    within_deadline(stream.text()).await.unwrap()
}

/// Pays every order; the streams that are still open say so.
async fn pay_all(app: &TestApp) {
    for payment in app.simulator.control().payments() {
        app.simulator.control().accept(payment.id).await.unwrap();
    }
}

#[tokio::test]
async fn plain_read_works_when_streams_fill_the_house() {
    let app = app(4, 2, 8).await;
    let link = app.link("1").await;
    let mut held = Vec::new();
    for from in ["203.0.113.1", "203.0.113.1", "203.0.113.2", "203.0.113.2"] {
        held.push(stream(&app, &link, from).await);
    }
    for _ in 0..20 {
        assert_eq!(ask(&app, &link, "", "203.0.113.3").await.status(), StatusCode::OK);
    }
    pay_all(&app).await;
    for stream in held {
        assert!(rest(stream).await.contains("paid"), "the plain read took nobody's place");
    }
}

#[tokio::test]
async fn shopper_at_a_full_address_gets_all_three_transports() {
    let app = app(100, 2, 8).await;
    let office = "203.0.113.1";
    let (first, second, third) = (app.link("1").await, app.link("2").await, app.link("3").await);
    let _held = (stream(&app, &first, office).await, stream(&app, &second, office).await);
    assert_eq!(ask(&app, &third, "", office).await.status(), StatusCode::OK);
    let _third = stream(&app, &third, office).await;
    let waits = ask(&app, &third, "?wait=1", office).await;
    assert_eq!(waits.status(), StatusCode::OK);
}

#[tokio::test]
async fn oldest_stream_of_a_full_address_ends_and_says_why() {
    let app = app(100, 2, 8).await;
    let link = app.link("1").await;
    let oldest = stream(&app, &link, "203.0.113.1").await;
    let other = stream(&app, &link, "203.0.113.2").await;
    let second = stream(&app, &link, "203.0.113.1").await;
    // What the client says of itself in front changes nothing.
    let third = stream(&app, &link, "6.6.6.6, 203.0.113.1").await;
    let said = rest(oldest).await;
    let (_, end) = said.split_once("event: crowded\ndata:\nretry: ").unwrap();
    let retry: u32 = end.trim().parse().unwrap();
    assert!((5_000..8_000).contains(&retry), "{said}");
    pay_all(&app).await;
    for stream in [other, second, third] {
        assert!(rest(stream).await.contains("paid"));
    }
}

#[tokio::test]
async fn full_house_ends_a_stream_of_the_address_with_most() {
    let app = app(4, 3, 8).await;
    let link = app.link("1").await;
    let alone = stream(&app, &link, "203.0.113.1").await;
    let oldest = stream(&app, &link, "203.0.113.2").await;
    let mut others = vec![alone];
    for from in ["203.0.113.2", "203.0.113.2", "203.0.113.3"] {
        others.push(stream(&app, &link, from).await);
    }
    assert!(rest(oldest).await.contains("event: crowded"));
    pay_all(&app).await;
    for stream in others {
        assert!(rest(stream).await.contains("paid"));
    }
}

#[tokio::test]
async fn ipv6_customer_is_one_address() {
    let app = app(100, 1, 8).await;
    let link = app.link("1").await;
    let first = stream(&app, &link, "2001:db8:1:2::1").await;
    let _neighbour = stream(&app, &link, "2001:db8:1:3::1").await;
    let _second = stream(&app, &link, "2001:db8:1:2:ffff::9").await;
    assert!(rest(first).await.contains("event: crowded"));
}

#[tokio::test]
async fn checkout_has_few_streams_and_its_oldest_ends() {
    let app = app(100, 100, 2).await;
    let (link, other) = (app.link("1").await, app.link("2").await);
    let untouched = stream(&app, &other, "203.0.113.9").await;
    let mut streams = Vec::new();
    for last in 1..=4 {
        streams.push(stream(&app, &link, &format!("203.0.113.{last}")).await);
    }
    for crowded in streams.drain(..2) {
        assert!(rest(crowded).await.contains("event: crowded"));
    }
    pay_all(&app).await;
    for stream in streams.into_iter().chain([untouched]) {
        assert!(rest(stream).await.contains("paid"));
    }
}

#[tokio::test]
async fn long_poll_that_gives_way_is_answered_at_once() {
    let app = app(1, 1, 1).await;
    let link = app.link("1").await;
    let path = format!("/checkouts/{}?wait=30", link["checkoutId"].as_str().unwrap());
    let mut waiting = app.connect().await;
    waiting.write_all(get(&path, &["if-none-match: W/\"1\"", "connection: close"]).as_bytes()).await.unwrap();
    within_deadline(async {
        while !app.get("/metrics").await.text().await.unwrap().contains("banq_open_streams 1") {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let _stream = stream(&app, &link, "203.0.113.1").await;
    let text = read_to_end(&mut waiting).await;
    assert!(text.starts_with("HTTP/1.1 304 "), "{text}");
}

#[tokio::test]
async fn guesses_of_checkouts_end_no_stream() {
    let app = app(1, 1, 1).await;
    let link = app.link("1").await;
    let stream = stream(&app, &link, "203.0.113.1").await;
    for number in 0..20 {
        for more in ["/events", "?wait=30", ""] {
            let guess = serde_json::json!({ "checkoutId": format!("{number:032x}") });
            assert_eq!(ask(&app, &guess, more, "203.0.113.1").await.status(), StatusCode::NOT_FOUND);
        }
    }
    pay_all(&app).await;
    assert!(rest(stream).await.contains("paid"));
}

#[tokio::test]
async fn streams_that_gave_way_are_counted() {
    let app = app(100, 100, 1).await;
    let link = app.link("1").await;
    let _streams = [stream(&app, &link, "203.0.113.1").await, stream(&app, &link, "203.0.113.2").await];
    let metrics = app.get("/metrics").await.text().await.unwrap();
    assert!(metrics.contains("banq_limited_total{outcome=\"streams\"} 1"), "{metrics}");
    assert!(metrics.contains("banq_open_streams 1"), "{metrics}");
}

#[tokio::test]
async fn streams_and_long_polls_leave_room_for_requests() {
    let app = TestApp::with(&[("BANQ_MAX_CONNECTIONS", "4")], |_| {}).await;
    let link = app.link("1").await;
    let path = format!("/checkouts/{}", link["checkoutId"].as_str().unwrap());
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = app.stream(&link).await;
        read_until(&mut stream, "pending").await;
        held.push(stream);
        // A stream that hyper writes, and not the server's own writer.
        let mut old = app.connect().await;
        old.write_all(format!("GET {path}/events HTTP/1.0\r\n\r\n").as_bytes()).await.unwrap();
        read_until(&mut old, "pending").await;
        held.push(old);
    }
    for waiting in 1..=2 {
        let mut poll = app.connect().await;
        let request = get(&format!("{path}?wait=30"), &["if-none-match: W/\"1\""]);
        poll.write_all(request.as_bytes()).await.unwrap();
        held.push(poll);
        let wanted = format!("banq_open_streams {}\n", 6 + waiting);
        within_deadline(async {
            while !app.get("/metrics").await.text().await.unwrap().contains(&wanted) {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
    for _ in 0..5 {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        assert_eq!(
            within_deadline(client.get(app.url(&path)).send()).await.unwrap().status(),
            StatusCode::OK
        );
    }
    pay_all(&app).await;
    for mut socket in held {
        read_until(&mut socket, "paid").await;
    }
}

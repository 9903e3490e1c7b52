//! Streams: what they say, how they end, and how many there can be.

use std::time::Duration;

use tokio::io::AsyncWriteExt;

use crate::helpers::{TestApp, get, read_to_end, read_until};

#[tokio::test]
async fn a_stream_is_well_formed_http_and_ends_with_the_payment() {
    let app = TestApp::start().await;
    let link = app.link("1").await;
    let mut stream = app.stream(&link).await;
    let start = read_until(&mut stream, "\"status\":\"pending\"").await;
    let (head, body) = start.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    for header in [
        "content-type: text/event-stream",
        "cache-control: no-cache, no-transform",
        "x-accel-buffering: no",
        "transfer-encoding: chunked",
        "x-content-type-options: nosniff",
        "x-request-id: ",
        "date: ",
    ] {
        assert!(head.contains(header), "{header}: {head}");
    }
    assert!(body.contains("retry: ") && body.contains("event: status\nid: 1\ndata: {"), "{body}");
    app.simulator.control().accept(app.simulator.control().payments()[0].id).await.unwrap();
    let rest = read_to_end(&mut stream).await;
    assert!(rest.contains("\"status\":\"paid\"") && rest.ends_with("\r\n0\r\n\r\n"), "{rest}");
}

#[tokio::test]
async fn a_client_library_reads_the_stream_to_its_end() {
    let app = TestApp::start().await;
    let link = app.link("1").await;
    let path = format!("/checkouts/{}/events", link["checkoutId"].as_str().unwrap());
    let mut response = app.get(&path).await;
    let mut text = String::new();
    while !text.contains("pending") {
        text.push_str(str::from_utf8(&response.chunk().await.unwrap().unwrap()).unwrap());
    }
    app.simulator.control().accept(app.simulator.control().payments()[0].id).await.unwrap();
    while let Some(chunk) = response.chunk().await.unwrap() {
        text.push_str(str::from_utf8(&chunk).unwrap());
    }
    assert!(text.contains("\"status\":\"paid\""), "{text}");
    let seen = app.http.get(app.url(&path)).header("last-event-id", text.matches("event: status").count());
    assert_eq!(seen.send().await.unwrap().status(), 204);
}

#[tokio::test]
async fn connection_used_for_other_requests_can_become_a_stream() {
    let app = TestApp::start().await;
    let link = app.link("1").await;
    let id = link["checkoutId"].as_str().unwrap();
    let mut socket = app.connect().await;
    // Both at once: the first answer must be complete before the stream begins.
    let requests = get("/healthz", &[]) + &get(&format!("/checkouts/{id}/events"), &[]);
    socket.write_all(requests.as_bytes()).await.unwrap();
    let text = read_until(&mut socket, "pending").await;
    let (first, second) = text.split_once("ok\n").unwrap();
    assert!(first.starts_with("HTTP/1.1 200 OK") && second.starts_with("HTTP/1.1 200 OK"), "{text}");
    assert!(second.contains("text/event-stream"), "{text}");
}

#[tokio::test]
async fn head_and_old_http_are_answered_without_our_own_writer() {
    let app = TestApp::start().await;
    let link = app.link("1").await;
    let id = link["checkoutId"].as_str().unwrap();
    let mut socket = app.connect().await;
    let head = format!("HEAD /checkouts/{id}/events HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n");
    socket.write_all(head.as_bytes()).await.unwrap();
    let text = read_to_end(&mut socket).await;
    assert!(text.contains("text/event-stream") && text.ends_with("\r\n\r\n"), "{text}");
    let mut socket = app.connect().await;
    let old = format!("GET /checkouts/{id}/events HTTP/1.0\r\n\r\n");
    socket.write_all(old.as_bytes()).await.unwrap();
    let text = read_until(&mut socket, "pending").await;
    assert!(!text.contains("transfer-encoding"), "{text}");
}

#[tokio::test]
async fn a_quiet_stream_says_that_it_is_alive() {
    let app = TestApp::with(&[], |config| config.tuning.heartbeat = Duration::from_millis(320)).await;
    let link = app.link("1").await;
    let mut stream = app.stream(&link).await;
    read_until(&mut stream, "pending").await;
    for _ in 0..3 {
        read_until(&mut stream, "24\r\n: heartbeat\nevent: heartbeat\ndata:\n\n\r\n").await;
    }
}

#[tokio::test]
async fn a_stop_ends_streams_in_order_and_spreads_their_return() {
    let app = TestApp::with(&[("BANQ_MAX_STREAMS_PER_CHECKOUT", "20")], |_| {}).await;
    let link = app.link("1").await;
    let mut streams = Vec::new();
    for _ in 0..20 {
        let mut stream = app.stream(&link).await;
        read_until(&mut stream, "pending").await;
        streams.push(stream);
    }
    app.server.stop().await;
    let mut waits = Vec::new();
    for stream in &mut streams {
        let rest = read_to_end(stream).await;
        assert!(rest.ends_with("\r\n0\r\n\r\n"), "{rest}");
        let (_, retry) = rest.split_once("retry: ").unwrap();
        waits.push(retry.lines().next().unwrap().parse::<u32>().unwrap());
    }
    waits.sort_unstable();
    waits.dedup();
    assert!(waits.len() > 5 && waits.iter().all(|wait| (2000..5000).contains(wait)), "{waits:?}");
}

#[tokio::test]
async fn one_address_has_so_many_streams_and_all_together_so_many() {
    let app = TestApp::with(
        &[
            ("BANQ_MAX_STREAMS", "4"),
            ("BANQ_MAX_STREAMS_PER_ADDRESS", "2"),
            ("BANQ_TRUSTED_PROXIES", "127.0.0.1"),
        ],
        |_| {},
    )
    .await;
    let link = app.link("1").await;
    let path = format!("/checkouts/{}/events", link["checkoutId"].as_str().unwrap());
    let open = |from: &'static str| app.http.get(app.url(&path)).header("x-forwarded-for", from).send();
    let mut held = Vec::new();
    for (from, so_many) in [
        ("203.0.113.1", 1),
        ("203.0.113.1", 2),
        ("203.0.113.1", 2),
        // What the client says of itself in front changes nothing.
        ("6.6.6.6, 203.0.113.1", 2),
        ("203.0.113.2", 3),
        ("203.0.113.3", 4),
        ("203.0.113.4", 4),
    ] {
        let response = open(from).await.unwrap();
        assert_eq!(response.status(), 200, "{from}");
        let metrics = app.get("/metrics").await.text().await.unwrap();
        assert!(metrics.contains(&format!("banq_open_streams {so_many}\n")), "{from}: {metrics}");
        held.push(response);
    }
    // Places are given back as soon as the server sees that a stream is gone.
    held.clear();
    crate::helpers::within_deadline(async {
        while !app.get("/metrics").await.text().await.unwrap().contains("banq_open_streams 0\n") {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_listener_that_talks_without_end_is_dropped() {
    let app = TestApp::start().await;
    let link = app.link("1").await;
    let mut stream = app.stream(&link).await;
    read_until(&mut stream, "pending").await;
    let noise = [b'x'; 4096];
    crate::helpers::within_deadline(async { while stream.write_all(&noise).await.is_ok() {} }).await;
    assert_eq!(app.get("/healthz").await.status(), 200);
}

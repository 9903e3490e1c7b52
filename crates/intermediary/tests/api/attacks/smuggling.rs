//! Requests that a proxy in front and this server might count differently: what the one takes for a body
//! the other would take for a request.

use super::{HOOK, answers, assert_nothing_happened, status};
use crate::helpers::{API_KEY, Raw, TestApp, WEBHOOK_SECRET};

/// A request of the shop's own, hidden in somebody else's body.
fn hidden() -> String {
    format!(
        "PUT /orders/1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {API_KEY}\r\nContent-Type: application/json\r\n\
         Content-Length: 11\r\n\r\n{{\"funds\":1}}"
    )
}

/// Sends a request with these headers and this body; it is refused, and nothing after it is read.
async fn assert_refused(app: &TestApp, headers: &str, body: &str) {
    let request = format!("POST {HOOK} HTTP/1.1\r\nHost: a\r\n{headers}\r\n\r\n{body}{}", hidden());
    let answer = Raw::exchange(&app.url, request).await;
    assert_eq!((status(&answer), answers(&answer)), (400, 1), "{headers:?}: {answer}");
}

#[tokio::test]
async fn two_lengths_are_refused() {
    let app = TestApp::start().await;
    for headers in [
        "Content-Length: 0\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 0",
        "Content-Length: 0, 5",
        "Content-Length: 5,5",
        "Content-Length: 0\r\nContent-length: 100",
    ] {
        assert_refused(&app, headers, "").await;
    }
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_length_that_is_no_number_is_refused() {
    let app = TestApp::start().await;
    for length in ["-1", "+5", "0x5", "5 5", "5.0", "", "five", "5;", "\u{b}5"] {
        assert_refused(&app, &format!("Content-Length: {length}"), "").await;
    }
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn after_a_length_beside_chunks_nothing_more_is_read() {
    let app = TestApp::start().await;
    let hidden = hidden();
    // By the chunks the body ends before the hidden request, by the length after it. RFC 9112, 6.3: whichever
    // is believed, the connection ends with this answer.
    for headers in [
        format!("Content-Length: {}\r\nTransfer-Encoding: chunked", hidden.len() + 5),
        format!("Transfer-Encoding: chunked\r\nContent-Length: {}", hidden.len() + 5),
        format!("Content-Length: {}\r\ntransfer-encoding: Chunked", hidden.len() + 5),
    ] {
        let request = format!("POST {HOOK} HTTP/1.1\r\nHost: a\r\n{headers}\r\n\r\n0\r\n\r\n{hidden}");
        let answer = Raw::exchange(&app.url, request).await;
        assert_eq!(answers(&answer), 1, "{headers:?}: {answer}");
        assert!([400, 401].contains(&status(&answer)), "{headers:?}: {answer}");
    }
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn chunks_that_are_longer_than_the_length_are_read_one_way_only() {
    let app = TestApp::start().await;
    // By the length the body ends in the middle of the first chunk.
    let body = r#"{"action":"Completed"}"#;
    let signature = banq_simulator::sign(WEBHOOK_SECRET, body.as_bytes());
    let request = format!(
        "POST {HOOK} HTTP/1.1\r\nHost: a\r\nX-Banq-Webhook-Hmac: {signature}\r\nContent-Length: 4\r\n\
         Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    let answer = Raw::exchange(&app.url, request).await;
    assert_eq!((status(&answer), answers(&answer)), (400, 1), "{answer}");
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn an_encoding_that_is_not_chunked_is_refused() {
    let app = TestApp::start().await;
    for encoding in [
        "xchunked",
        "identity",
        "gzip",
        "chunked, identity",
        "chunked, gzip",
        "chunkedx",
        "\u{b}chunked",
        "",
        ",",
        "\"chunked\"",
        "chunked;",
        "chunk\u{212a}ed",
    ] {
        assert_refused(&app, &format!("Transfer-Encoding: {encoding}"), "0\r\n\r\n").await;
    }
    assert_refused(&app, "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "0\r\n\r\n").await;
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_header_that_is_written_oddly_is_refused() {
    let app = TestApp::start().await;
    for headers in [
        "Transfer-Encoding : chunked",
        "Transfer-Encoding\t: chunked",
        "Content-Length : 5",
        " Transfer-Encoding: chunked",
        "X: a\r\n Transfer-Encoding: chunked",
        "X: a\r\n\tContent-Length: 5",
        "Transfer\0Encoding: chunked",
        "Transfer-Encoding",
        "X: a\rTransfer-Encoding: chunked",
    ] {
        assert_refused(&app, headers, "0\r\n\r\n").await;
    }
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn chunks_in_http_1_0_are_refused() {
    let app = TestApp::start().await;
    let request =
        format!("POST {HOOK} HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{}", hidden());
    let answer = Raw::exchange(&app.url, request).await;
    assert_eq!((status(&answer), answers(&answer)), (400, 1), "{answer}");
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn chunk_sizes_that_are_none_are_refused() {
    let app = TestApp::start().await;
    for size in ["-1", "0x1", "g", "", "FFFFFFFFFFFFFFFFF", "1 1", "+1", "1\u{0}", "\u{a0}1"] {
        let request = format!(
            "POST {HOOK} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\nx\r\n0\r\n\r\n{}",
            hidden()
        );
        let answer = Raw::exchange(&app.url, request).await;
        assert!([0, 400].contains(&status(&answer)) && answers(&answer) <= 1, "{size:?}: {answer}");
    }
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn a_flood_of_chunk_extensions_and_trailers_is_refused() {
    let app = TestApp::start().await;
    let extension = format!("1;{}\r\nx\r\n0\r\n\r\n", "a".repeat(100_000));
    let trailers = format!("0\r\n{}\r\n", "X-T: a\r\n".repeat(10_000));
    for body in [extension, trailers] {
        let request = format!(
            "POST {HOOK} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{body}"
        );
        let answer = Raw::exchange(&app.url, request).await;
        assert!([0, 400, 401, 413].contains(&status(&answer)), "{answer}");
    }
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

#[tokio::test]
async fn body_of_a_refused_request_is_not_read_as_a_request() {
    let app = TestApp::start().await;
    let hidden = hidden();
    // Routes that answer without reading the body.
    for head in ["POST /healthz", "GET /nowhere", "DELETE /orders/1", "GET /checkouts/x", "PUT /orders/1"] {
        let length = hidden.len();
        let request = format!("{head} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{hidden}");
        let last = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        let answer = Raw::exchange(&app.url, format!("{request}{last}")).await;
        assert!(!answer.contains("orderId\":\"1\""), "{head}: {answer}");
        assert!(answers(&answer) <= 2, "{head}: {answer}");
    }
    assert_nothing_happened(&app).await;
    app.assert_healthy().await;
}

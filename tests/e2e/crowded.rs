//! A checkout with more streams than one may have: the page that has to give way asks instead.

use std::io::Write;
use std::net::TcpStream;

use banq_checkout_e2e::{Browser, Page, TestApp};
use banq_simulator::Action;
use serde_json::json;

/// As many as one checkout may have.
const STREAMS: usize = 8;

#[tokio::test]
async fn page_whose_stream_gives_way_asks_and_learns_of_its_payment() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &app.shop()).await;
    app.act(Action::AcceptOnly).await;
    page.shows("Payment accepted").await;
    // Its stream, and not a question, is what gives way.
    page.stream_is_open().await;
    let changes = page.calls("onStatusChange").await;
    let checkout = changes.iter().find_map(|change| change["checkoutId"].as_str()).unwrap();
    let host = app.base().strip_prefix("http://").unwrap();
    let _newcomers: Vec<TcpStream> = (0..STREAMS)
        .map(|_| {
            let mut socket = TcpStream::connect(host).unwrap();
            write!(socket, "GET /checkouts/{checkout}/events HTTP/1.1\r\nhost: {host}\r\n\r\n").unwrap();
            socket
        })
        .collect();
    page.until("page.defaultView.streams.every((stream) => stream.readyState === 2)").await;
    app.act(Action::Complete).await;
    page.ended_by("onPaymentSuccess").await;
    let changes = page.calls("onStatusChange").await;
    let paid = changes.iter().find(|change| change["status"] == json!("paid")).unwrap();
    assert_eq!(paid["transport"], json!("poll"));
    page.assert_page_healthy().await;
    browser.quit().await;
}

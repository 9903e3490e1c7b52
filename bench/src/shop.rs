//! The server of the two pages: their files, compressed, and an endpoint that answers at once, so that only the pages
//! are compared.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::{StreamExt, stream};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::program::given;

/// A running server; it ends with the program.
#[derive(Clone)]
pub(crate) struct Shop(Arc<Inner>);

struct Inner {
    origin: String,
    checkouts: AtomicU32,
    /// The open streams, by checkout.
    streams: Mutex<HashMap<String, UnboundedSender<String>>>,
}

impl Shop {
    /// Listens on a free port.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let shop = Self(Arc::new(Inner { origin, checkouts: AtomicU32::new(0), streams: Mutex::default() }));
        let router = Router::new()
            .route("/ours.html", get(async || page(include_str!("../yardsticks/page/ours.html"))))
            .route("/twin.html", get(async || page(include_str!("../yardsticks/page/twin.html"))))
            .route(
                "/twin/{name}",
                get(async |path, headers: HeaderMap| file("BANQ_BENCH_TWIN", path, &headers)),
            )
            .route(
                "/widget/{name}",
                get(async |path, headers: HeaderMap| file("BANQ_E2E_DIST", path, &headers)),
            )
            .route("/generate-payment-link", post(link))
            .route("/checkouts/{id}/events", get(events))
            .route("/complete", post(complete))
            .with_state(shop.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        shop
    }

    /// Returns the address of `ours.html` or `twin.html`.
    pub(crate) fn page(&self, name: &str) -> String {
        format!("{}/{name}.html", self.0.origin)
    }
}

fn page(text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response()
}

/// Answers with a file, as brotli where the browser takes it.
fn file(folder: &str, Path(name): Path<String>, headers: &HeaderMap) -> Response {
    let folder = given(folder);
    let kind = match name.rsplit('.').next() {
        Some("js") => "text/javascript",
        Some("wasm") => "application/wasm",
        _ => "application/json",
    };
    let accepted =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let compressed =
        accepted.contains("br").then(|| std::fs::read(folder.join(format!("{name}.br"))).ok()).flatten();
    if let Some(bytes) = compressed {
        return ([(header::CONTENT_TYPE, kind), (header::CONTENT_ENCODING, "br")], bytes).into_response();
    }
    match std::fs::read(folder.join(&name)) {
        Ok(bytes) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn link(State(Shop(shop)): State<Shop>) -> Response {
    let id = format!("{:032x}", shop.checkouts.fetch_add(1, Ordering::Relaxed) + 1);
    let events = format!("{}/checkouts/{id}/events", shop.origin);
    let body = json!({ "data": {
        "url": format!("{}/pay/9d0e2f6a1c8e7b42?amount=2.00&currency=USD", shop.origin),
        "checkoutId": id, "orderId": "009221", "eventsUrl": events, "funds": "2.00", "currency": "USD",
        "comment": "Desk lamp", "expiresAt": in_a_quarter_of_an_hour(), "status": "pending",
    } });
    (StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

async fn events(State(Shop(shop)): State<Shop>, Path(id): Path<String>) -> Response {
    let (sender, receiver) = unbounded_channel();
    // Fails only when the receiver is gone, which is here.
    let _ = sender.send(event(&id, "pending", 1));
    shop.streams.lock().unwrap().insert(id, sender);
    let parts = stream::unfold(receiver, async |mut receiver: UnboundedReceiver<String>| {
        receiver.recv().await.map(|event| (event, receiver))
    });
    let body = Body::from_stream(parts.map(|event| Ok::<_, Infallible>(Bytes::from(event))));
    ([(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")], body).into_response()
}

/// Says in every open stream that it is paid.
async fn complete(State(Shop(shop)): State<Shop>) -> StatusCode {
    for (id, stream) in shop.streams.lock().unwrap().drain() {
        // Fails when the page has left.
        let _ = stream.send(event(&id, "paid", 2));
    }
    StatusCode::NO_CONTENT
}

fn event(id: &str, status: &str, version: u32) -> String {
    let snapshot = json!({ "data": {
        "checkoutId": id, "orderId": "009221", "status": status, "funds": "2.00", "currency": "USD",
        "comment": "Desk lamp", "expiresAt": in_a_quarter_of_an_hour(), "version": version,
        "serverTime": jiff::Timestamp::now().to_string(),
    } });
    format!("event: status\nid: {version}\ndata: {}\n\n", snapshot["data"])
}

fn in_a_quarter_of_an_hour() -> String {
    (jiff::Timestamp::now() + jiff::SignedDuration::from_mins(15)).to_string()
}

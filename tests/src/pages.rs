//! A shop's own web server: pages on an origin that is not the intermediary's. It can send headers with a page,
//! and hold a file back until the test lets it go. A file named `…/events` is a stream of status events.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::ready;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::{StreamExt, stream};
use tokio::net::TcpListener;
use tokio::sync::watch;

type Shelf = Arc<Mutex<HashMap<String, File>>>;

#[derive(Default)]
struct File {
    /// `None` if there is no such file (404). It may nevertheless be asked for or held.
    bytes: Option<Vec<u8>>,
    headers: Vec<(&'static str, String)>,
    /// Whether a request for it waits.
    held: watch::Sender<bool>,
    /// How often it was asked for.
    asked: watch::Sender<usize>,
    /// Told when other bytes take the place of these.
    changed: watch::Sender<()>,
}

/// Serves whatever pages a test puts on it.
#[derive(Clone)]
pub struct Pages {
    origin: String,
    shelf: Shelf,
}

impl Pages {
    /// Listens on a free port.
    pub async fn start() -> Self {
        let shelf = Shelf::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().route("/{*name}", get(page)).with_state(shelf.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { origin, shelf }
    }

    /// `http://127.0.0.1:PORT`
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Puts a page on the server and says its address.
    pub fn add(&self, name: &str, html: impl Into<String>) -> String {
        self.add_file(name, html.into().into_bytes());
        format!("{}/{name}", self.origin)
    }

    /// Puts any file on the server. A stream that is there already ends, and the browser comes back for this one.
    pub fn add_file(&self, name: &str, bytes: Vec<u8>) {
        self.put(name, Some(bytes));
    }

    /// Changes the bytes of a file that is on the server.
    pub fn change(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        self.with(name, |file| change(file.bytes.as_mut().expect("the file is there")));
    }

    /// Takes a file from the server: 404 from now on.
    pub fn remove(&self, name: &str) {
        self.put(name, None);
    }

    fn put(&self, name: &str, bytes: Option<Vec<u8>>) {
        self.with(name, |file| {
            file.bytes = bytes;
            file.changed.send_replace(());
        });
    }

    /// Sends this header with a file.
    pub fn header(&self, name: &str, header: &'static str, value: impl Into<String>) {
        self.with(name, |file| file.headers.push((header, value.into())));
    }

    /// Requests for this file wait from now on.
    pub fn hold(&self, name: &str) {
        self.with(name, |file| file.held.send_replace(true));
    }

    /// Lets the waiting requests go on.
    pub fn let_go(&self, name: &str) {
        self.with(name, |file| file.held.send_replace(false));
    }

    /// How often a file was asked for.
    pub fn asked(&self, name: &str) -> usize {
        self.with(name, |file| *file.asked.borrow())
    }

    /// Waits until a file was asked for that often.
    pub async fn until_asked(&self, name: &str, times: usize) {
        let mut asked = self.with(name, |file| file.asked.subscribe());
        let waited = asked.wait_for(|count| *count >= times);
        let waited = tokio::time::timeout(crate::PATIENCE, waited).await;
        assert!(waited.is_ok(), "nobody asked {times} times for {name}");
    }

    fn with<T>(&self, name: &str, act: impl FnOnce(&mut File) -> T) -> T {
        act(self.shelf.lock().unwrap().entry(name.to_owned()).or_default())
    }
}

async fn page(State(shelf): State<Shelf>, Path(name): Path<String>) -> Response {
    let mut held = {
        let mut shelf = shelf.lock().unwrap();
        let file = shelf.entry(name.clone()).or_default();
        file.asked.send_modify(|count| *count += 1);
        file.held.subscribe()
    };
    // Fails only when the shelf is gone, and the test with it.
    let _ = held.wait_for(|held| !held).await;
    let shelf = shelf.lock().unwrap();
    let Some(File { bytes: Some(bytes), headers, changed, .. }) = shelf.get(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let is_stream = name.ends_with("/events");
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        Some("woff2") => "font/woff2",
        _ if is_stream => "text/event-stream",
        _ => "text/html; charset=utf-8",
    };
    let mut answer = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(kind))]);
    // Each answer is a new one: a test changes what is here.
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in headers {
        answer.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    let body =
        if is_stream { until_changed(bytes.clone(), changed.subscribe()) } else { bytes.clone().into() };
    (answer, body).into_response()
}

/// A stream stays open while there is nothing new, as a server's does: one that ended at once would come and go, and
/// "Connection lost" with it, which moves the controls below.
fn until_changed(bytes: Vec<u8>, mut changed: watch::Receiver<()>) -> Body {
    let change = Box::pin(async move {
        // Fails only when the shelf is gone, and the test with it.
        let _ = changed.changed().await;
    });
    let events = stream::once(ready(Ok::<_, Infallible>(Bytes::from(bytes)))).chain(stream::pending());
    Body::from_stream(events.take_until(change))
}

//! A shop's own web server: pages on an origin that is not the intermediary's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;

type Shelf = Arc<Mutex<HashMap<String, Vec<u8>>>>;

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

    /// Puts any file on the server.
    pub fn add_file(&self, name: &str, bytes: Vec<u8>) {
        self.shelf.lock().unwrap().insert(name.to_owned(), bytes);
    }

    /// Takes a file off the server.
    pub fn remove(&self, name: &str) {
        self.shelf.lock().unwrap().remove(name);
    }
}

async fn page(State(shelf): State<Shelf>, Path(name): Path<String>) -> Response {
    let Some(bytes) = shelf.lock().unwrap().get(&name).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = match name.rsplit('.').next() {
        Some("js") => "text/javascript",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        _ if name.ends_with("/events") => "text/event-stream",
        _ => "text/html; charset=utf-8",
    };
    ([(header::CONTENT_TYPE, kind)], bytes).into_response()
}

//! A shop's own web server: pages on an origin that is not the intermediary's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;

type Shelf = Arc<Mutex<HashMap<String, String>>>;

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
        let router = Router::new().route("/{name}", get(page)).with_state(shelf.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { origin, shelf }
    }

    /// `http://127.0.0.1:PORT`
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Puts a page on the server and says its address.
    pub fn add(&self, name: &str, html: impl Into<String>) -> String {
        self.shelf.lock().unwrap().insert(name.to_owned(), html.into());
        format!("{}/{name}", self.origin)
    }
}

async fn page(State(shelf): State<Shelf>, Path(name): Path<String>) -> Response {
    match shelf.lock().unwrap().get(&name) {
        Some(html) => Html(html.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

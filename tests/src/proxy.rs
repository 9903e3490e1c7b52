//! A proxy between the page and the intermediary, with the bad habits of real ones.

use std::sync::Arc;
use std::sync::Mutex;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What it does to a checkout's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// Nothing.
    Honest,
    /// It collects a stream and passes it on when it has ended.
    HoldsStreamsBack,
    /// It answers for the server with a page of its own; held answers too.
    RefusesStreamsAndWaits,
}

/// A running proxy.
#[derive(Clone)]
pub struct Proxy(Arc<Inner>);

struct Inner {
    url: String,
    upstream: Mutex<String>,
    habit: Mutex<Habit>,
    cuts: watch::Sender<u32>,
    /// Whether new streams wait.
    held: watch::Sender<bool>,
    client: reqwest::Client,
}

impl Proxy {
    /// Listens on a free port; whose proxy it is, is said later.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self(Arc::new(Inner {
            url: format!("http://{}", listener.local_addr().unwrap()),
            upstream: Mutex::default(),
            habit: Mutex::new(Habit::Honest),
            cuts: watch::Sender::new(0),
            held: watch::Sender::new(false),
            client: reqwest::Client::new(),
        }));
        let router = Router::new().fallback(pass).with_state(proxy.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        proxy
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> &str {
        &self.0.url
    }

    pub(crate) fn set_upstream(&self, url: &str) {
        url.clone_into(&mut self.0.upstream.lock().unwrap());
    }

    /// Changes what it does from the next request on.
    pub fn set(&self, habit: Habit) {
        *self.0.habit.lock().unwrap() = habit;
    }

    /// New streams wait from now on.
    pub fn hold(&self) {
        self.0.held.send_replace(true);
    }

    /// Lets the waiting streams go on.
    pub fn let_go(&self) {
        self.0.held.send_replace(false);
    }

    /// Cuts every stream that is open.
    pub fn cut(&self) {
        self.0.cuts.send_modify(|cuts| *cuts += 1);
    }
}

async fn pass(State(Proxy(proxy)): State<Proxy>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let is_stream = path.ends_with("/events");
    let habit = *proxy.habit.lock().unwrap();
    if habit == Habit::RefusesStreamsAndWaits && (is_stream || path.contains("wait=")) {
        return (StatusCode::BAD_GATEWAY, "<h1>Bad gateway</h1>").into_response();
    }
    if is_stream {
        // Fails only when the proxy is gone, and the test with it.
        let _ = proxy.held.subscribe().wait_for(|held| !held).await;
    }
    let url = format!("{}{path}", proxy.upstream.lock().unwrap());
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let mut headers = parts.headers;
    headers.remove("host");
    let sent = proxy.client.request(parts.method, url).headers(headers).body(body).send().await;
    let Ok(answer) = sent else { return StatusCode::BAD_GATEWAY.into_response() };
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut cuts = proxy.cuts.subscribe();
    let body = if is_stream && habit == Habit::HoldsStreamsBack {
        // Nothing at all arrives until the server has said its last word.
        Body::from(answer.bytes().await.unwrap_or_default())
    } else {
        let until_cut = async move {
            let _ = cuts.changed().await;
        };
        Body::from_stream(futures_util::StreamExt::take_until(answer.bytes_stream(), Box::pin(until_cut)))
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response.headers_mut().remove("content-length");
    response.headers_mut().remove("transfer-encoding");
    response
}

//! Somebody between the server and Banq: sees every request, can hold answers back, and can forge them.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::{HeaderName, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::watch};

/// An answer, before it goes on to the server.
pub(crate) struct Forged {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

type Forger = Arc<dyn Fn(&str, &mut Forged) + Send + Sync>;

/// A proxy in front of the simulator.
#[derive(Clone)]
pub(crate) struct Wire {
    pub(crate) url: String,
    inner: Arc<Inner>,
}

struct Inner {
    http: reqwest::Client,
    behind: Mutex<String>,
    forger: Mutex<Option<Forger>>,
    requests: Mutex<Vec<(String, Value)>>,
    tokens: Mutex<Vec<String>>,
    open: watch::Sender<bool>,
}

impl Wire {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let inner = Arc::new(Inner {
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            behind: Mutex::default(),
            forger: Mutex::default(),
            requests: Mutex::default(),
            tokens: Mutex::default(),
            open: watch::Sender::new(true),
        });
        let router = Router::new().fallback(forward).with_state(Arc::clone(&inner));
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { url, inner }
    }

    /// Where the truth is.
    pub(crate) fn lead_to(&self, url: &str) {
        url.clone_into(&mut self.inner.behind.lock().unwrap());
    }

    /// Changes answers from now on; the path comes without the query.
    pub(crate) fn forge(&self, forger: impl Fn(&str, &mut Forged) + Send + Sync + 'static) {
        *self.inner.forger.lock().unwrap() = Some(Arc::new(forger));
    }

    /// Changes a field of every answer about one payment.
    pub(crate) fn forge_payments(&self, field: &'static str, value: Value) {
        self.forge(move |path, answer| {
            if is_payment(path) {
                answer.change(|payment| payment[field] = value.clone());
            }
        });
    }

    /// The same for the answers with a link.
    pub(crate) fn forge_links(&self, field: &'static str, value: Value) {
        self.forge(move |path, answer| {
            if path.ends_with("/get-paid-link") {
                answer.change(|payment| payment[field] = value.clone());
            }
        });
    }

    /// Changes nothing any more.
    pub(crate) fn be_honest(&self) {
        *self.inner.forger.lock().unwrap() = None;
    }

    /// Keeps answers with links back until [`Wire::release`]; Banq has done its work by then.
    pub(crate) fn hold_links(&self) {
        self.inner.open.send_replace(false);
    }

    pub(crate) fn release(&self) {
        self.inner.open.send_replace(true);
    }

    /// Every `Authorization` that came, in order.
    pub(crate) fn tokens(&self) -> Vec<String> {
        self.inner.tokens.lock().unwrap().clone()
    }

    /// The bodies that were sent to paths with this end.
    pub(crate) fn bodies(&self, end: &str) -> Vec<Value> {
        let requests = self.inner.requests.lock().unwrap();
        requests.iter().filter(|(path, _)| path.ends_with(end)).map(|(_, body)| body.clone()).collect()
    }
}

impl Forged {
    /// Changes the resource in its envelope.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Value)) {
        let mut json: Value = serde_json::from_slice(&self.body).unwrap();
        change(&mut json["data"]);
        self.body = json.to_string().into_bytes();
    }

    /// Replaces everything.
    pub(crate) fn replace(&mut self, status: u16, content_type: &str, body: impl Into<Vec<u8>>) {
        self.status = status;
        self.headers = vec![("content-type", content_type.to_owned())];
        self.body = body.into();
    }
}

fn is_payment(path: &str) -> bool {
    path.contains("/payments/") && !path.ends_with("/get-paid-link")
}

async fn forward(State(inner): State<Arc<Inner>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let path = parts.uri.path().to_owned();
    inner.requests.lock().unwrap().push((path.clone(), serde_json::from_slice(&body).unwrap_or(Value::Null)));
    if let Some(token) = parts.headers.get("authorization") {
        inner.tokens.lock().unwrap().push(token.to_str().unwrap().to_owned());
    }
    let url = format!("{}{}", inner.behind.lock().unwrap(), parts.uri);
    let mut onward = inner.http.request(parts.method, url).body(body);
    for (name, value) in &parts.headers {
        if !["host", "content-length", "connection"].contains(&name.as_str()) {
            onward = onward.header(name, value);
        }
    }
    let Ok(answer) = onward.send().await else { return StatusCode::BAD_GATEWAY.into_response() };
    let mut forged = Forged { status: answer.status().as_u16(), headers: Vec::new(), body: Vec::new() };
    for name in ["content-type", "location", "retry-after"] {
        if let Some(value) = answer.headers().get(name) {
            forged.headers.push((name, value.to_str().unwrap().to_owned()));
        }
    }
    forged.body = answer.bytes().await.unwrap().to_vec();
    if path.ends_with("/get-paid-link") {
        inner.open.subscribe().wait_for(|open| *open).await.unwrap();
    }
    let forger = inner.forger.lock().unwrap().clone();
    if let Some(forger) = forger {
        forger(&path, &mut forged);
    }
    let mut response = (StatusCode::from_u16(forged.status).unwrap(), forged.body).into_response();
    for (name, value) in forged.headers {
        response.headers_mut().insert(HeaderName::from_static(name), value.parse().unwrap());
    }
    response
}

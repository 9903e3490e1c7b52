//! A shop that takes notifications, checks their signature, and remembers them.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::SystemTime,
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, response::IntoResponse};
use banq_testkit::PATIENCE;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::sync::Notify;

/// The secret as the shop was given it.
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// One notification that was taken or refused.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) order_id: String,
    pub(crate) data: Value,
    pub(crate) answered: StatusCode,
}

/// The running shop. Clones are the same shop.
#[derive(Clone)]
pub(crate) struct Shop {
    pub(crate) url: String,
    inside: Arc<Inside>,
}

#[derive(Default)]
struct Inside {
    told: Mutex<Vec<Told>>,
    /// The next answers; 204 after them.
    answers: Mutex<VecDeque<StatusCode>>,
    /// Of a hundred notifications so many are refused when they come for the first time.
    refused_percent: Mutex<u32>,
    changed: Notify,
}

impl Shop {
    pub(crate) async fn start() -> Self {
        let inside = Arc::new(Inside::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/paid", listener.local_addr().unwrap());
        let router = Router::new().fallback(take).with_state(Arc::clone(&inside));
        tokio::spawn(async { axum::serve(listener, router).await });
        Self { url, inside }
    }

    /// What the next notifications are answered with.
    pub(crate) fn answer(&self, answers: impl IntoIterator<Item = u16>) {
        let answers = answers.into_iter().map(|status| StatusCode::from_u16(status).unwrap());
        self.inside.answers.lock().unwrap().extend(answers);
    }

    pub(crate) fn refuse_percent(&self, percent: u32) {
        *self.inside.refused_percent.lock().unwrap() = percent;
    }

    pub(crate) fn told(&self) -> Vec<Told> {
        self.inside.told.lock().unwrap().clone()
    }

    /// Waits until so many notifications came.
    pub(crate) async fn told_times(&self, count: usize) -> Vec<Told> {
        self.told_until(|told| told.len() >= count).await
    }

    pub(crate) async fn told_until(&self, enough: impl Fn(&[Told]) -> bool) -> Vec<Told> {
        let wait = async {
            loop {
                let changed = self.inside.changed.notified();
                let told = self.told();
                if enough(&told) {
                    return told;
                }
                changed.await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("told only {:#?}", self.told()))
    }
}

async fn take(State(shop): State<Arc<Inside>>, headers: HeaderMap, raw: Bytes) -> impl IntoResponse {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let (id, sent) = (header("webhook-id"), header("webhook-timestamp"));
    let mut mac = Hmac::<Sha256>::new_from_slice(&STANDARD.decode(&SECRET[6..]).unwrap()).unwrap();
    mac.update([id.as_bytes(), b".", sent.as_bytes(), b".", &raw].concat().as_slice());
    let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let is_genuine = header("webhook-signature") == expected && now.abs_diff(sent.parse().unwrap()) < 60;
    let body: Value = serde_json::from_slice(&raw).unwrap();
    let percent = *shop.refused_percent.lock().unwrap();
    let by_plan = shop.answers.lock().unwrap().pop_front();
    let is_first = !shop.told.lock().unwrap().iter().any(|told| told.id == id);
    let answered = match by_plan {
        _ if !is_genuine => StatusCode::UNAUTHORIZED,
        Some(answer) => answer,
        None if is_first && getrandom::u32().unwrap() % 100 < percent => StatusCode::INTERNAL_SERVER_ERROR,
        None => StatusCode::NO_CONTENT,
    };
    shop.told.lock().unwrap().push(Told {
        id,
        kind: body["type"].as_str().unwrap().to_owned(),
        order_id: body["data"]["orderId"].as_str().unwrap().to_owned(),
        data: body["data"].clone(),
        answered,
    });
    shop.changed.notify_waiters();
    (answered, [("location", "http://127.0.0.1:9/elsewhere")])
}

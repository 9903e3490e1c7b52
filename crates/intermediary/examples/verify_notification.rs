//! A shop's server that learns from the intermediary which orders are paid.
//!
//! ```sh
//! BANQ_FULFILMENT_SECRET=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw \
//!     cargo run -p banq-intermediary --example verify_notification
//! ```
//!
//! Give the intermediary the same secret, and BANQ_FULFILMENT_URL=http://127.0.0.1:8090/notifications.
//! docs/fulfilment.md describes the notifications.

use std::{collections::HashSet, env, error::Error, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use serde::Deserialize;
use standardwebhooks::{HEADER_WEBHOOK_ID, Webhook};
use tokio::{net::TcpListener, sync::Mutex};

/// The part of a notification that this shop reads.
#[derive(Deserialize)]
struct Notification {
    #[serde(rename = "type")]
    kind: String,
    data: Data,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    order_id: String,
}

struct Shop {
    webhook: Webhook,
    /// The ids of the notifications that were handled. A real shop stores an id in its database, in the transaction
    /// that marks the order as paid.
    handled: Mutex<HashSet<String>>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let secret =
        env::var("BANQ_FULFILMENT_SECRET").map_err(|error| format!("BANQ_FULFILMENT_SECRET: {error}"))?;
    let shop = Shop { webhook: Webhook::new(&secret)?, handled: Mutex::default() };
    let router = Router::new().route("/notifications", post(receive)).with_state(Arc::new(shop));

    let listen = env::var("SHOP_LISTEN").unwrap_or_else(|_| "127.0.0.1:8090".to_owned());
    let listener = TcpListener::bind(listen).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}

/// Takes a notification. The intermediary sends it again until the answer is 2xx.
async fn receive(State(shop): State<Arc<Shop>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    // The signature covers the raw bytes: verify them before you parse them. This also refuses what was signed more
    // than five minutes ago.
    if shop.webhook.verify(&body, &headers).is_err() {
        return StatusCode::UNAUTHORIZED;
    }
    let Some(id) = headers.get(HEADER_WEBHOOK_ID).and_then(|id| id.to_str().ok()) else {
        return StatusCode::BAD_REQUEST;
    };
    let Ok(Notification { kind, data }) = serde_json::from_slice(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    // The same notification can come twice. The second time, there is nothing to do.
    if !shop.handled.lock().await.insert(id.to_owned()) {
        return StatusCode::NO_CONTENT;
    }
    match kind.as_str() {
        "order.paid" => println!("{}: paid, deliver it", data.order_id),
        "order.agreed" => println!("{}: agreed, payments begin", data.order_id),
        "order.agreement_ended" => println!("{}: payments end, stop it", data.order_id),
        // The other types need other work, and new types may come. Accept all of them.
        other => println!("{}: {other}", data.order_id),
    }
    StatusCode::NO_CONTENT
}

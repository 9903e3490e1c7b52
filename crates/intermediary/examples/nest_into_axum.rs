//! A shop's own axum program that serves the intermediary under `/pay`.
//!
//! Start the simulator in one terminal (no money moves), and the shop in another:
//!
//! ```sh
//! SIMULATOR_WEBHOOK_URL=http://127.0.0.1:8080/pay/your-web-hooks/payment-status \
//! SIMULATOR_WEBHOOK_SECRET=a-secret-for-webhooks \
//!     cargo run -p banq-simulator
//! BANQ_ENVIRONMENT=local BANQ_CLIENT_ID=demo-client BANQ_USERNAME=demo-merchant BANQ_PASSWORD=demo-password \
//! BANQ_ACCOUNT_GUID=5b1d3c1e-6a52-4a7b-9d0e-2f6a1c8e7b42 BANQ_WEBHOOK_SECRET=a-secret-for-webhooks \
//! BANQ_API_KEY=a-key-of-the-shop \
//!     cargo run -p banq-intermediary --example nest_into_axum
//! ```
//!
//! The shop registers an order, then its page asks for the order's payment link:
//!
//! ```sh
//! curl -X PUT http://127.0.0.1:8080/pay/orders/A7Q2-9XKD -H 'Authorization: Bearer a-key-of-the-shop' \
//!     -H 'Content-Type: application/json' -d '{"funds": "2.50", "comment": "Two coffees"}'
//! curl http://127.0.0.1:8080/pay/generate-payment-link \
//!     -H 'Content-Type: application/json' -d '{"orderId": "A7Q2-9XKD"}'
//! ```

use std::{error::Error, io, net::SocketAddr};

use axum::{Router, response::Html, routing::get};
use banq_intermediary::{Config, Intermediary};
use tokio::{net::TcpListener, signal, sync::oneshot};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // `load` reads the settings of README.md from the environment. The intermediary logs with `tracing`: a real
    // program installs a subscriber before this line.
    let mut config = Config::load(None)?;
    let listener = TcpListener::bind(config.listen).await?;
    let address = listener.local_addr()?;
    // Browsers and Banq find the intermediary at its public address, which includes `/pay`. Outside of
    // `BANQ_ENVIRONMENT=local`, BANQ_PUBLIC_URL has to say it: https://www.your-shop.example/pay
    if config.public_url.is_none() {
        config.public_url = Some(format!("http://{address}/pay").parse()?);
    }
    let intermediary = Intermediary::new(config).await?;
    let shop = Router::new().route("/", get(home)).nest("/pay", intermediary.router());

    // The intermediary limits requests per client, so axum has to pass on the clients' addresses.
    let service = shop.into_make_service_with_connect_info::<SocketAddr>();
    let (close, closed) = oneshot::channel::<()>();
    let server = axum::serve(listener, service).with_graceful_shutdown(async {
        // This ends when `close` is dropped.
        let _ = closed.await;
    });
    println!("listening on http://{address}");
    let ctrl_c = async {
        signal::ctrl_c().await?;
        // axum waits until its connections are idle. Pages keep their streams open, so end the streams first.
        intermediary.begin_stop();
        drop(close);
        Ok::<(), io::Error>(())
    };
    tokio::try_join!(ctrl_c, server.into_future())?;
    // This finishes the work in the background and closes the database.
    intermediary.stop().await;
    Ok(())
}

/// The shop's own page.
async fn home() -> Html<&'static str> {
    Html("<!doctype html><title>A shop</title><h1>A shop</h1>")
}

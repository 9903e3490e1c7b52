//! A shop's own axum program that serves the intermediary under `/pay` and tells it what each order costs.
//!
//! Start it as `nest_into_axum`, without BANQ_API_KEY. The shop registers no order: the intermediary asks the
//! catalogue.
//!
//! ```sh
//! curl http://127.0.0.1:8080/pay/generate-payment-link \
//!     -H 'Content-Type: application/json' -d '{"orderId": "A7Q2-9XKD"}'
//! ```

use std::{collections::HashMap, error::Error, io, net::SocketAddr};

use axum::{Router, response::Html, routing::get};
use banq_intermediary::{Amount, Config, Intermediary, Order, OrderFuture, OrderSource, Schedule};
use tokio::{net::TcpListener, signal, sync::oneshot};

/// The shop's orders by their ids. A real shop reads them from its database.
struct Catalogue(HashMap<String, Order>);

impl Catalogue {
    fn new() -> Result<Self, Box<dyn Error>> {
        let mut orders = HashMap::new();
        for (id, funds, comment) in
            [("A7Q2-9XKD", "2.50", "Two coffees"), ("B3M8-4TLW", "12.00", "A pound of tea")]
        {
            let funds = Amount::parse(funds).ok_or("a price has at most two decimals")?;
            let order = Order { funds, comment: comment.to_owned(), schedule: Schedule::ONCE };
            orders.insert(id.to_owned(), order);
        }
        Ok(Self(orders))
    }
}

impl OrderSource for Catalogue {
    /// Returns the order, or `None` if the shop does not have it. An `Err` means that the shop cannot say at the
    /// moment: the page then tries again.
    fn order<'a>(&'a self, order_id: &'a str) -> OrderFuture<'a> {
        Box::pin(async move { Ok(self.0.get(order_id).cloned()) })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut config = Config::load(None)?;
    let listener = TcpListener::bind(config.listen).await?;
    let address = listener.local_addr()?;
    if config.public_url.is_none() {
        config.public_url = Some(format!("http://{address}/pay").parse()?);
    }
    // Only the catalogue says prices now: the intermediary refuses `PUT /pay/orders/{orderId}`.
    let intermediary = Intermediary::with_orders(config, Catalogue::new()?).await?;
    let shop = Router::new().route("/", get(home)).nest("/pay", intermediary.router());

    // `nest_into_axum` explains these steps.
    let service = shop.into_make_service_with_connect_info::<SocketAddr>();
    let (close, closed) = oneshot::channel::<()>();
    let server = axum::serve(listener, service).with_graceful_shutdown(async {
        let _ = closed.await;
    });
    println!("listening on http://{address}");
    let ctrl_c = async {
        signal::ctrl_c().await?;
        intermediary.begin_stop();
        drop(close);
        Ok::<(), io::Error>(())
    };
    tokio::try_join!(ctrl_c, server.into_future())?;
    intermediary.stop().await;
    Ok(())
}

/// The shop's own page.
async fn home() -> Html<&'static str> {
    Html("<!doctype html><title>A shop</title><h1>A shop</h1>")
}

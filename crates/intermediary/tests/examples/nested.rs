//! `nest_into_axum` and `order_source`: shops that serve the intermediary under `/pay`.

use banq_testkit::{API_KEY, Program, TestApp};
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};

use crate::helpers::{start_example, within_deadline};

/// A running shop, and the Banq that tells it of payments.
struct Shop {
    example: Program,
    app: TestApp,
}

impl Shop {
    async fn open(example: &str) -> Self {
        let app = TestApp::start().await;
        let example = start_example(example, &app.settings()).await;
        app.send_webhooks_to(&format!("{}/pay", example.url));
        Self { example, app }
    }

    /// Asks for a page of the shop, or of the intermediary in it.
    async fn get(&self, path: &str) -> Response {
        within_deadline(self.app.http.get(format!("{}{path}", self.example.url)).send()).await.unwrap()
    }

    /// Registers a price, as the shop's server does.
    async fn put_order(&self, order: &str) -> StatusCode {
        let request =
            self.app.http.put(format!("{}/pay/orders/{order}", self.example.url)).bearer_auth(API_KEY);
        within_deadline(request.json(&json!({ "funds": "2.00" })).send()).await.unwrap().status()
    }

    /// Asks for an order's link, as the shop's own page does in a browser.
    async fn ask(&self, order: &str) -> (StatusCode, Value) {
        self.send(&json!({ "orderId": order })).await
    }

    async fn send(&self, body: &Value) -> (StatusCode, Value) {
        let request = self.app.http.post(format!("{}/pay/generate-payment-link", self.example.url));
        let request = request.header(header::ORIGIN, &self.example.url);
        let answer = within_deadline(request.json(body).send()).await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    /// Opens the stream of a checkout by the address that its page was given.
    async fn stream(&self, link: &Value) -> Stream {
        let url = link["data"]["eventsUrl"].as_str().unwrap();
        assert!(url.starts_with(&format!("{}/pay/checkouts/", self.example.url)), "{url}");
        let response = within_deadline(self.app.http.get(url).send()).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        Stream { response, text: String::new() }
    }

    /// Accepts the payment of an order, as the phone's app does.
    async fn accept(&self, order: &str) {
        let control = self.app.simulator.control();
        let payments = control.payments();
        let payment = payments.iter().find(|payment| payment.external_order_code.as_deref() == Some(order));
        control.accept(payment.unwrap().id).await.unwrap();
    }
}

/// An open stream of a checkout.
struct Stream {
    response: Response,
    text: String,
}

impl Stream {
    /// Reads until the checkout has this status.
    async fn becomes(&mut self, status: &str) {
        let wanted = format!(r#""status":"{status}""#);
        while !self.text.contains(&wanted) {
            let chunk = within_deadline(self.response.chunk()).await.unwrap();
            let chunk = chunk.unwrap_or_else(|| panic!("ended before {status}: {}", self.text));
            self.text.push_str(str::from_utf8(&chunk).unwrap());
        }
    }

    /// Reads to the end, which has to be an orderly one.
    async fn ends(mut self) {
        while within_deadline(self.response.chunk()).await.unwrap().is_some() {}
    }
}

#[tokio::test]
async fn nested_router_takes_a_payment_and_ctrl_c_stops_in_order() {
    let shop = Shop::open("nest_into_axum").await;
    assert!(shop.get("/").await.text().await.unwrap().contains("A shop"));
    assert_eq!(shop.get("/generate-payment-link").await.status(), StatusCode::NOT_FOUND);

    assert_eq!(shop.ask("1").await.0, StatusCode::NOT_FOUND);
    assert!(shop.put_order("1").await.is_success());
    let (status, link) = shop.ask("1").await;
    assert_eq!((status, &link["data"]["funds"]), (StatusCode::CREATED, &json!("2.00")));
    let mut stream = shop.stream(&link).await;
    stream.becomes("pending").await;
    assert!(!stream.text.contains(r#""status":"paid""#));
    shop.accept("1").await;
    stream.becomes("paid").await;

    // The page of metrics is for clients on this machine: their addresses come through.
    assert_eq!(shop.get("/pay/metrics").await.status(), StatusCode::OK);

    // A page still waits for another order.
    assert!(shop.put_order("2").await.is_success());
    let mut waiting = shop.stream(&shop.ask("2").await.1).await;
    waiting.becomes("pending").await;
    shop.example.interrupt().await;
    waiting.ends().await;
}

#[tokio::test]
async fn the_catalogue_says_the_price_and_which_orders_there_are() {
    let shop = Shop::open("order_source").await;
    // What the page says does not count.
    let (status, link) = shop.send(&json!({ "orderId": "A7Q2-9XKD", "funds": "0.01" })).await;
    assert_eq!((status, &link["data"]["funds"]), (StatusCode::CREATED, &json!("2.50")));
    assert_eq!(shop.app.simulator.control().payments()[0].comment, "Two coffees");
    let (status, problem) = shop.ask("unknown").await;
    assert_eq!((status, &problem["code"]), (StatusCode::NOT_FOUND, &json!("order_not_found")));
    assert_eq!(shop.put_order("A7Q2-9XKD").await, StatusCode::NOT_FOUND);

    let mut stream = shop.stream(&link).await;
    stream.becomes("pending").await;
    shop.accept("A7Q2-9XKD").await;
    stream.becomes("paid").await;
    shop.example.interrupt().await;
}

//! The real program, killed at the worst moments.

use banq_testkit::{Program, TestApp};
use reqwest::Method;
use serde_json::{Value, json};

use crate::helpers::{
    API_KEY, Answer, Events, Wire, client, provider_link, simulator_config, start_program, with_shop,
    within_deadline,
};

/// A simulator, a wire, and a program that can be killed and started again on the same database.
struct Bench {
    app: TestApp,
    wire: Wire,
}

impl Bench {
    async fn new() -> Self {
        let (app, wire) = (TestApp::beside(simulator_config()).await, Wire::start().await);
        wire.lead_to(&app.simulator.url());
        Self { app: app.with_client(client()).with_banq(wire.url.clone()), wire }
    }

    async fn start(&self) -> Program {
        let program = start_program(&with_shop(self.app.settings()), "info").await;
        self.app.send_webhooks_to(&program.url);
        program
    }

    async fn json(&self, method: Method, url: String, body: &Value) -> Option<Answer> {
        let request = self.app.http.request(method, url).bearer_auth(API_KEY);
        let request = request.header("content-type", "application/json").body(body.to_string());
        Some(Answer::read(within_deadline(request.send()).await.ok()?).await)
    }

    async fn register(&self, program: &Program) {
        let put =
            self.json(Method::PUT, format!("{}/orders/1", program.url), &json!({"funds": 2})).await.unwrap();
        assert_eq!(put.status, 201);
    }

    /// `None` when the program died meanwhile.
    async fn ask(&self, program: &Program) -> Option<Answer> {
        self.json(Method::POST, format!("{}/generate-payment-link", program.url), &json!({"orderId": "1"}))
            .await
    }

    async fn until_paid(&self, program: &Program, checkout: &str) {
        let url = format!("{}/checkouts/{checkout}/events", program.url);
        let mut events = Events::new(within_deadline(self.app.http.get(url).send()).await.unwrap());
        while events.next_status().await.0 != "paid" {}
        assert_eq!(events.next().await, None);
    }
}

#[tokio::test]
async fn server_killed_after_webhooks_200_is_paid_after_restart() {
    let bench = Bench::new().await;
    let program = bench.start().await;
    bench.register(&program).await;
    let answer = bench.ask(&program).await.unwrap();
    let checkout = answer.data()["checkoutId"].as_str().unwrap().to_owned();
    let control = bench.app.simulator.control();
    let taken = |count: usize| {
        move |control: &banq_simulator::Control| {
            let taken = banq_simulator::DeliveryState::Delivered;
            control.deliveries().iter().filter(|delivery| delivery.state == taken).count() == count
        }
    };
    within_deadline(control.wait_until(taken(1))).await;
    // From here on the program can store webhooks, and learn nothing.
    control.update_scenarios(|scenarios| scenarios.api.down = true);
    control.accept(control.payments()[0].id).await.unwrap();
    within_deadline(control.wait_until(taken(4))).await;
    program.kill().await;

    control.update_scenarios(|scenarios| scenarios.api.down = false);
    let program = bench.start().await;
    bench.until_paid(&program, &checkout).await;
    assert_eq!(control.payments().len(), 1);
}

#[tokio::test]
async fn killed_while_a_link_is_asked_for_it_makes_no_second_payment() {
    let bench = Bench::new().await;
    let program = bench.start().await;
    bench.register(&program).await;
    bench.wire.hold_links();
    let control = bench.app.simulator.control();
    let killing = async {
        within_deadline(control.wait_until(|control| !control.payments().is_empty())).await;
        control.payments()[0].id
    };
    tokio::select! {
        answer = bench.ask(&program) => panic!("the answer was held back: {answer:?}"),
        _ = killing => {}
    }
    program.kill().await;
    // The shopper had the link from nowhere, and yet Banq has a payment.
    bench.wire.release();

    let program = bench.start().await;
    let answer = bench.ask(&program).await.unwrap();
    // The worker may have been faster than the page.
    assert!(answer.status == 201 || answer.status == 200, "{}", answer.status);
    assert_eq!(control.payments().len(), 1, "the repeat was recognised");
    assert_eq!(provider_link(&answer.data()["url"]), control.payments()[0].url);
    let checkout = answer.data()["checkoutId"].as_str().unwrap().to_owned();
    control.accept(control.payments()[0].id).await.unwrap();
    bench.until_paid(&program, &checkout).await;
}

#[tokio::test]
async fn an_order_and_a_live_link_are_the_same_after_a_kill() {
    let bench = Bench::new().await;
    let program = bench.start().await;
    bench.register(&program).await;
    let first = bench.ask(&program).await.unwrap();
    program.kill().await;
    let program = bench.start().await;
    let second = bench.ask(&program).await.unwrap();
    assert_eq!((first.status, second.status), (201, 200));
    for field in ["checkoutId", "funds", "expiresAt", "status"] {
        assert_eq!(first.data()[field], second.data()[field], "{field}");
    }
    // The program listens on another port now.
    assert_eq!(provider_link(&first.data()["url"]), provider_link(&second.data()["url"]));
}

#[tokio::test]
async fn sigterm_ends_the_program_in_order_with_open_streams() {
    let bench = Bench::new().await;
    let program = bench.start().await;
    bench.register(&program).await;
    let answer = bench.ask(&program).await.unwrap();
    let url = format!("{}/checkouts/{}/events", program.url, answer.data()["checkoutId"].as_str().unwrap());
    let mut events = Events::new(within_deadline(bench.app.http.get(url).send()).await.unwrap());
    assert_eq!(events.next_status().await, ("pending".into(), 1));
    let log = program.terminate().await;
    assert_eq!(events.next().await, None);
    assert!(log.contains("stopping"), "{log}");
}

//! `verify_notification`: a shop that is told which orders are paid.

use banq_intermediary::{Config, NotificationState, Operator};
use banq_testkit::{API_KEY, TestApp, changed};
use reqwest::StatusCode;
use serde_json::json;

use crate::helpers::{start_example, within_deadline};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[tokio::test]
async fn notification_is_printed_once_and_a_forged_one_refused() {
    let settings = [("BANQ_FULFILMENT_SECRET", SECRET), ("SHOP_LISTEN", "127.0.0.1:0")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    let mut shop = start_example("verify_notification", &settings).await;
    let notifications = format!("{}/notifications", shop.url);

    let app = TestApp::start().await;
    let changes = [("BANQ_FULFILMENT_URL", &*notifications), ("BANQ_FULFILMENT_SECRET", SECRET)];
    let config = Config::from_map(&changed(app.settings(), &changes)).unwrap();
    let server = app.serve(config.clone()).await;
    let http = &app.http;
    let pay = async |order: &str| {
        let put = http.put(format!("{}/orders/{order}", server.url())).bearer_auth(API_KEY);
        assert!(
            within_deadline(put.json(&json!({ "funds": 2 })).send()).await.unwrap().status().is_success()
        );
        let ask = http.post(format!("{}/generate-payment-link", server.url()));
        let answer = within_deadline(ask.json(&json!({ "orderId": order })).send()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED);
        let payments = app.simulator.control().payments();
        let payment = payments.iter().find(|payment| payment.external_order_code.as_deref() == Some(order));
        app.simulator.control().accept(payment.unwrap().id).await.unwrap();
    };

    pay("1").await;
    assert_eq!(shop.line().await.unwrap(), "1: paid, deliver it");

    // What was told is told again, by the intermediary itself and under the same id.
    let operator = Operator::open(&config).await.unwrap();
    let delivered = async || {
        within_deadline(async {
            loop {
                let found = operator.notifications(Some(NotificationState::Delivered), 10).await.unwrap();
                if let [notification] = found.as_slice() {
                    return notification.clone();
                }
                tokio::task::yield_now().await;
            }
        })
        .await
    };
    let told = delivered().await;
    operator.replay_notification(&told.id).await.unwrap();
    delivered().await;
    operator.close().await;

    // Forged: a genuine body under a signature by another key, and without any signature.
    let forger = standardwebhooks::Webhook::new("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap();
    let now = jiff::Timestamp::now().as_second();
    let signature = forger.sign("forged", now, told.body.as_bytes()).unwrap();
    let forged = http.post(&notifications).body(told.body.clone());
    let unsigned = http.post(&notifications).body(told.body.clone());
    let forged = forged.header("webhook-id", "forged").header("webhook-timestamp", now.to_string());
    for request in [forged.header("webhook-signature", signature), unsigned] {
        assert_eq!(within_deadline(request.send()).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    }

    // Neither the repeated notification nor a forged one was printed: the next line is the next order's.
    pay("2").await;
    assert_eq!(shop.line().await.unwrap(), "2: paid, deliver it");
    within_deadline(server.stop()).await;
}

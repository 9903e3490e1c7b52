//! What waits for a person is said in the log.

use std::time::Duration;

use banq_intermediary::{FulfilmentConfig, Secret};

use crate::helpers::{Log, TestApp, eventually};

#[tokio::test]
async fn a_shop_that_takes_no_notifications_is_an_error_in_the_log() {
    let log = Log::start();
    let app = TestApp::with(|config| {
        config.fulfilment = Some(FulfilmentConfig {
            url: "http://127.0.0.1:9/".parse().unwrap(),
            secret: Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        });
        config.tuning.alert_interval = Duration::from_millis(20);
        config.tuning.late_after = Duration::ZERO;
    })
    .await;
    let link = app.checkout().await;
    app.control.accept(link.payment).await.unwrap();
    let said = ["ERROR", "needs a person", "the shop takes no notifications", "BANQ_FULFILMENT_URL"];
    eventually("an error", async || log.line(&said).is_some()).await;
}

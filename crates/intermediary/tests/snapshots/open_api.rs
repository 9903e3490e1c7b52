//! `docs/openapi.json` is the document that the server serves.

use std::path::Path;

use reqwest::Method;
use serde_json::Value;

use crate::harness::Harness;
use banq_testkit::within_deadline;

async fn served(shop: &Harness) -> String {
    let request = shop.request(Method::GET, "/openapi.json");
    let mut document: Value = within_deadline(request.send()).await.unwrap().json().await.unwrap();
    // The order does not depend on the features of serde_json that other crates switch on.
    document.sort_all_objects();
    serde_json::to_string_pretty(&document).unwrap() + "\n"
}

#[tokio::test]
async fn committed_openapi_document_is_what_the_server_serves() {
    let served = served(&Harness::open().await).await;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&path, &served).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let difference = committed.lines().zip(served.lines()).find(|(committed, served)| committed != served);
    assert!(
        committed == served,
        "docs/openapi.json is not the document that the server serves; first difference: {difference:?}. Renew it \
         with INSTA_UPDATE=always cargo test -p banq-intermediary --test snapshots, and commit it."
    );
}

#[tokio::test]
async fn openapi_document_does_not_depend_on_settings() {
    let other = [
        ("BANQ_PUBLIC_URL", "https://pay.shop.example"),
        ("BANQ_ALLOWED_ORIGINS", "https://shop.example"),
        ("BANQ_LINK_TOKENS", "required"),
        ("BANQ_METRICS_TOKEN", "the token of the metrics"),
    ];
    let other = Harness::with(&other, |_| {}).await;
    assert_eq!(served(&other).await, served(&Harness::open().await).await);
}

//! The pages, as far as they can be seen without a browser.

use reqwest::Method;
use serde_json::{Value, json};

use crate::helpers::{Merchant, order};

async fn page(merchant: &Merchant, path: &str) -> (u16, String) {
    let response = merchant.send(Method::GET, path, &[], &Value::Null).await;
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("script-src 'self'"), "{path}: {policy}");
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn code(merchant: &Merchant) -> String {
    merchant.link().await;
    let url = merchant.control.payments()[0].url.clone();
    url.rsplit('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn every_page_says_that_no_money_moves() {
    let merchant = Merchant::new().await;
    let code = code(&merchant).await;
    for path in ["/", "/app", &format!("/pay/{code}"), "/pay/unknown"] {
        let (_, html) = page(&merchant, path).await;
        assert!(html.contains("no money moves"), "{path}");
    }
    assert_eq!(merchant.get("/healthz").await.0, 200);
}

#[tokio::test]
async fn the_files_that_the_pages_name_exist() {
    let merchant = Merchant::new().await;
    for path in ["/assets/style.css", "/assets/app.js", "/assets/pay.js"] {
        assert_eq!(merchant.get(path).await.0, 200, "{path}");
    }
    assert_eq!(merchant.get("/assets/other").await.0, 404);
}

#[tokio::test]
async fn the_pay_page_shows_amount_and_comment_and_escapes_them() {
    let merchant = Merchant::new().await;
    let mut nasty = order();
    nasty["comment"] = json!("<script>alert(1)</script>");
    merchant.post("/api/v1/payments/get-paid-link", &nasty).await;
    let url = merchant.control.payments()[0].url.clone();
    let (status, html) = page(&merchant, url.strip_prefix(&merchant.sim.url()).unwrap()).await;
    assert_eq!(status, 200);
    assert!(html.contains("$2.00") && html.contains("&lt;script&gt;alert(1)"), "{html}");
    assert!(!html.contains("<script>alert"));
}

#[tokio::test]
async fn paying_on_the_pay_page_completes_and_declining_declines() {
    let merchant = Merchant::new().await;
    let code = code(&merchant).await;
    let (status, paid) = merchant.post(&format!("/pay/{code}/pay"), &Value::Null).await;
    assert_eq!((status, &paid["data"]["status"]), (200, &json!("Completed")));
    assert_eq!(merchant.post(&format!("/pay/{code}/decline"), &Value::Null).await.0, 409);
    assert_eq!(merchant.get(&format!("/pay/{code}/status")).await.1["data"]["status"], "Completed");

    let other = merchant.link().await;
    let url = merchant.control.payment(other).unwrap().url;
    let path = url.strip_prefix(&merchant.sim.url()).unwrap();
    let (_, declined) = merchant.post(&format!("{path}/decline"), &Value::Null).await;
    assert_eq!(declined["data"]["status"], "Declined");
}

#[tokio::test]
async fn an_unknown_link_is_a_page_that_says_so() {
    let merchant = Merchant::new().await;
    let (status, html) = page(&merchant, "/pay/unknown").await;
    assert_eq!(status, 404);
    assert!(html.contains("There is no such payment"));
    assert_eq!(merchant.post("/pay/unknown/pay", &Value::Null).await.0, 404);
}

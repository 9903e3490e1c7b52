//! The loader of one version, which runs no file with another hash.

use banq_checkout_e2e::{Browser, Engine, Page, TestApp, becomes};
use serde_json::{Value, json};

use crate::engines::in_each_engine;

in_each_engine! {
    page_with_a_hash_is_paid_by_the_files_of_its_version
    changed_file_is_refused_and_the_link_opens
    changed_texts_are_refused_and_the_page_is_told
}

const FILES: [&str; 5] =
    ["banq-pinned.js", "banq-checkout.js", "banq-checkout_bg.wasm", "banq-de.json", "banq-plain.js"];

/// A page whose script tag is the given one.
fn page(app: &TestApp, script: &str, options: &str) -> String {
    let usual = format!("<script src=\"{}/widget/ecommerce.js\">", app.base());
    let html = app.html(&format!("{} {options}", app.asks()));
    assert!(html.contains(&usual), "{html}");
    app.pages.add("pinned", html.replace(&usual, script))
}

/// A page with the loader of one version from the shop's own server, where one byte of a file is another one.
fn page_with_a_change(app: &TestApp, file: &str, options: &str) -> String {
    app.put_files(&FILES);
    app.pages.change(file, |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    });
    page(app, "<script src=\"banq-pinned.js\">", options)
}

async fn page_with_a_hash_is_paid_by_the_files_of_its_version(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let list: Value = serde_json::from_slice(&app.file("integrity.json")).unwrap();
    let folder = format!("{}/widget/v{}/", app.base(), list["version"].as_str().unwrap());
    let hash = list["integrity"]["banq-pinned.js"].as_str().unwrap();
    let script = include_str!("../../docs/snippets/integrity.html").replace("sha384-…", hash);
    let script = script.replace("https://pay.your-shop.example/widget/v0.1.0-1a2b3c4d/", &folder);
    let script = script.trim().strip_suffix("</script>").unwrap();
    let page = Page::open(&browser.driver, &page(&app, script, "locale: 'de',")).await;
    page.until("root.querySelector('.pay').textContent === 'Mit banq bezahlen'").await;
    page.pay().await;
    page.link().await;
    let loaded = "return performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.includes('/widget/'))";
    let loaded: Vec<String> = serde_json::from_value(page.run(loaded).await).unwrap();
    assert!(loaded.len() >= 4 && loaded.iter().all(|address| address.starts_with(&folder)), "{loaded:?}");
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
    assert_eq!(page.calls("onError").await, Vec::<Value>::new());
    page.assert_page_healthy().await;
    browser.quit().await;
}

async fn changed_file_is_refused_and_the_link_opens(engine: Engine, _: &str) {
    for file in ["banq-checkout.js", "banq-checkout_bg.wasm"] {
        let app = TestApp::start().await;
        let browser = Browser::start_in(engine).await;
        let page = Page::open(&browser.driver, &page_with_a_change(&app, file, "")).await;
        let error = page.called("onError").await;
        assert_eq!(error["code"], json!("integrity_failed"), "{error}");
        assert_eq!(error["message"], json!(format!("{file} was changed")));
        let shop = browser.driver.window().await.unwrap();
        page.pay().await;
        let window = browser.other_window(&shop).await;
        browser.driver.switch_to_window(window).await.unwrap();
        let address = Page::current(&browser.driver).until_address("/pay/").await;
        assert_eq!(address, app.payment().await.url);
        browser.driver.close_window().await.unwrap();
        browser.driver.switch_to_window(shop).await.unwrap();
        page.assert_page_healthy().await;
        browser.quit().await;
    }
}

async fn changed_texts_are_refused_and_the_page_is_told(engine: Engine, _: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let address = page_with_a_change(&app, "banq-de.json", "locale: 'de',");
    let page = Page::open(&browser.driver, &address).await;
    let error = page.called("onError").await;
    assert_eq!(error["code"], json!("integrity_failed"), "{error}");
    assert_eq!(error["message"], json!("banq-de.json was changed"));
    page.until("root.querySelector('.pay').textContent === 'Pay with banq'").await;
    page.pay().await;
    page.link().await;
    app.accept().await;
    page.shows("Paid").await;
    becomes!(page.calls("onError").await.len(), 1, "told once");
    page.assert_page_healthy().await;
    browser.quit().await;
}

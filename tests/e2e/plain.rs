//! The button without the widget: which links it opens, as they were read, and of which order.

use banq_checkout_e2e::{Browser, Page, TestApp};
use serde_json::{Value, json};

/// A page whose widget cannot come, with a window that only notes where it is sent.
async fn page<'a>(app: &TestApp, browser: &'a Browser) -> Page<'a> {
    let html = app.own("getPaymentInfo: async () => window.answer,");
    app.pages.remove("banq-checkout_bg.wasm");
    let page = Page::open(&browser.driver, &app.pages.add("plain", html)).await;
    page.called("onError").await;
    page.run(
        "window.sent = [];
         const note = (what) => { sent.push(what); document.body.dataset.sent = sent.length; };
         window.open = () => {
           const made = {
             closed: false, focus() { note('focus'); }, close() { made.closed = true; note('closed'); },
             location: { set href(link) { note(link); } },
           };
           return made;
         };",
    )
    .await;
    page
}

#[tokio::test]
async fn what_an_answer_inherits_is_not_opened() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = page(&app, &browser).await;
    for (polluted, answer) in [
        ("url: 'https://evil.example/'", "{}"),
        ("data: { url: 'https://evil.example/' }", "{ status: 'fine' }"),
        ("data: 'https://evil.example/'", "{ url: 5 }"),
    ] {
        let before = page.calls("onError").await.len();
        // Only while the answer is read: a driver does not work in such a page.
        page.run(&format!(
            "app.update({{ getPaymentInfo: async () => {{
               Object.assign(Object.prototype, {{ {polluted} }});
               setTimeout(() => {{ delete Object.prototype.url; delete Object.prototype.data; }});
               return {answer};
             }} }})"
        ))
        .await;
        page.pay().await;
        let errors = "page.defaultView.calls.filter(([name]) => name === 'onError').length";
        page.until(&format!("{errors} === {}", before + 1)).await;
        assert_eq!(page.calls("onError").await.pop().unwrap()["code"], json!("link_invalid"), "{polluted}");
    }
    assert_eq!(page.run("return sent.filter((what) => what !== 'closed')").await, json!([]));
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn a_link_is_opened_as_it_was_read() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = page(&app, &browser).await;
    for (link, read) in [
        ("HTTPS://Link.Banq.com/Abc", "https://link.banq.com/Abc"),
        ("https://link.banq.com:443/a/../b", "https://link.banq.com/b"),
        ("https://link.banq.com?a=@b", "https://link.banq.com/?a=@b"),
        ("https:link.banq.com/abc", "closed"),
        ("https:/link.banq.com/abc", "closed"),
        ("https:///link.banq.com/abc", "closed"),
        ("https:\\\\link.banq.com\\abc", "closed"),
        ("https://link.banq.com\\@evil.example/", "closed"),
        ("https://@link.banq.com/abc", "closed"),
    ] {
        page.run(&format!("window.answer = {}; sent.length = 0", json!(link))).await;
        page.pay().await;
        page.until("page.defaultView.sent.length === 1").await;
        assert_eq!(page.run("return sent").await, json!([read]), "{link}");
        // The next press opens another window.
        page.run("app.update({ getPaymentInfo: async () => window.answer })").await;
    }
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn the_rule_for_links_is_the_servers_and_the_widgets() {
    let rule: Value = serde_json::from_str(include_str!("../../crates/wire/fixtures/links.json")).unwrap();
    let mut links = Vec::new();
    let mut expected = Vec::new();
    for entry in rule["links"].as_array().unwrap() {
        let (link, accepted) = (&entry["link"], entry["accepted"] == true);
        for environment in ["local", "sandbox", "production"] {
            if entry["environment"].as_str().is_none_or(|only| only == environment) {
                links.push(json!([link, environment]));
                let read = entry.get("href").unwrap_or(link).clone();
                expected.push(if accepted { read } else { json!("closed") });
            }
        }
    }
    for entry in ["watched", "unwatched"].iter().flat_map(|list| rule[list].as_array().unwrap()) {
        links.push(json!([entry["url"], "local"]));
        expected.push(entry["plain"].clone());
    }
    assert!(links.len() > 200, "{}", links.len());

    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = page(&app, &browser).await;
    page.run(&format!(
        "(async () => {{
           window.opened = [];
           for (const [link, environment] of {links}) {{
             app.update({{ environment, getPaymentInfo: async () => link }});
             sent.length = 0;
             app.open();
             while (!sent.length) await new Promise((done) => setTimeout(done));
             opened.push(sent[0]);
           }}
           window.walked = true;
         }})()",
        links = json!(links)
    ))
    .await;
    page.until("page.defaultView.walked").await;
    let opened = page.run("return opened").await;
    for ((link, opened), expected) in links.iter().zip(opened.as_array().unwrap()).zip(&expected) {
        assert_eq!(opened, expected, "{link}");
    }
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn a_changed_order_is_the_one_that_opens() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = page(&app, &browser).await;
    // While the first is asked for, the page sells the second.
    page.run("window.answer = new Promise((done) => (window.let_go = done))").await;
    page.pay().await;
    page.run(
        "app.update({ getPaymentInfo: async () => 'https://link.banq.com/second' });
         let_go('https://link.banq.com/first')",
    )
    .await;
    page.until("page.defaultView.sent.length === 1").await;
    assert_eq!(page.run("return sent").await, json!(["https://link.banq.com/second"]));
    // And when that is open, the third: the next press does not go back to the second.
    page.pay().await;
    page.run("app.update({ getPaymentInfo: async () => 'https://link.banq.com/third' })").await;
    page.pay().await;
    page.until("page.defaultView.sent.length === 4").await;
    let expected = json!(["https://link.banq.com/second", "focus", "closed", "https://link.banq.com/third"]);
    assert_eq!(page.run("return sent").await, expected);
    page.assert_page_healthy().await;
    browser.quit().await;
}

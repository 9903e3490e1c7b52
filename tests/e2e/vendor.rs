//! The snippet of the vendor's documentation, with only its addresses changed: its page resolves to the bare link.

use banq_checkout_e2e::{Browser, Engine, Page, TestApp, becomes};
use serde_json::{Value, json};

use crate::engines::in_each_engine;

in_each_engine! {
    paid_by_phone_the_vendors_page_knows
}

/// Notes from before the page's first script what its console says, what it is told, and every harm.
const NOTES: &str = "<script>
    window.harm = [];
    window.calls = [];
    addEventListener('error', (event) => harm.push(event.message));
    addEventListener('unhandledrejection', (event) => harm.push(`rejection: ${event.reason}`));
    for (const kind of ['log', 'warn', 'error']) {
      const write = console[kind];
      console[kind] = (...words) => {
        calls.push([kind, words.map(String).join(' ')]);
        write.apply(console, words);
        document.body.dataset.calls = calls.length;
      };
    }
    window.tell = (detail) => { calls.push(['onError', { ...detail }]); document.body.dataset.calls = calls.length; };
  </script>";

/// What the vendor's page writes when it was paid.
const PAID: &str = "this triggers after payment completed successfully";

/// The vendor's page, with these changes.
fn snippet(app: &TestApp, name: &str, changes: &[(&str, &str)]) -> String {
    let mut html = crate::snippet::vendors_page(app);
    for (from, to) in changes {
        assert!(html.contains(from), "{from}");
        html = html.replace(from, to);
    }
    app.pages.add(name, html.replacen("<script src", &format!("{NOTES}<script src"), 1))
}

/// How often the page wrote that it was paid.
async fn successes(page: &Page<'_>) -> usize {
    page.calls("log").await.iter().filter(|line| **line == json!(PAID)).count()
}

async fn paid_by_phone_the_vendors_page_knows(engine: Engine, name: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let page = Page::open(&browser.driver, &snippet(&app, "vendor", &[])).await;
    page.pay().await;
    let link = page.link().await;
    assert_eq!(link, app.payment().await.url, "Banq's link, to the byte");
    becomes!(page.codes(&format!("{name}-vendor")).await, [&*link], "the code is the link, to the byte");
    // The stream brings what the bare link does not say.
    // WebKit's browser takes its language, and so the amount's spelling, from the machine.
    page.until("/\\$\\s?2[.,]00/.test(root.querySelector('.widget').innerText)").await;
    page.until("root.querySelector('[role=timer]').innerText").await;
    app.accept().await;
    page.shows("Paid").await;
    page.until(&format!("page.defaultView.calls.some(([, said]) => said === '{PAID}')")).await;
    page.screenshot(&format!("{name}-vendor-paid")).await;
    page.press(".close").await;
    page.until("page.defaultView.calls.some(([, said]) => said === 'pop up is closed')").await;
    assert_eq!(successes(&page).await, 1);
    for (kind, lines) in [("warn", page.calls("warn").await), ("error", page.calls("error").await)] {
        assert!(lines.iter().all(|line| !line.to_string().contains("banq-checkout")), "{kind}: {lines:?}");
    }
    page.assert_page_healthy().await;
    browser.quit().await;
}

/// The page's function throws, since a refusal has no `data`. The developer reads why, the shopper what to do.
async fn refusal_is_explained(app: &TestApp, browser: &Browser, changes: &[(&str, &str)], name: &str) {
    let listens = ("onPopUpClose: () => {", "onError: window.tell, onPopUpClose: () => {");
    let changes: Vec<_> = changes.iter().copied().chain([listens]).collect();
    let page = Page::open(&browser.driver, &snippet(app, name, &changes)).await;
    page.pay().await;
    let error = page.called("onError").await;
    assert_eq!(error["code"], json!("link_request_failed"), "{error}");
    // Which function, what it threw, and what to change in it.
    let message = error["message"].as_str().unwrap();
    for part in ["getPaymentInfo", "reading 'url'", "whole answer"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let lines = page.calls("warn").await;
    assert!(lines.iter().any(|line| line.as_str().is_some_and(|line| line.contains(message))), "{lines:?}");
    page.until("/try again|contact the shop/i.test(root.querySelector('.widget').innerText)").await;
    let words = page.run(&Page::in_widget("root.querySelector('.widget').innerText")).await;
    assert!(!words.to_string().to_lowercase().contains("connection"), "{words}");
    assert_eq!(page.run(&Page::in_widget("root.querySelectorAll('canvas.qr').length")).await, json!(0));
    page.screenshot(name).await;
    page.assert_page_healthy().await;
}

#[tokio::test]
async fn an_order_that_is_paid_is_explained() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &snippet(&app, "vendor", &[])).await;
    page.pay().await;
    page.link().await;
    app.accept().await;
    page.shows("Paid").await;
    refusal_is_explained(&app, &browser, &[], "vendor-already-paid").await;
    assert_eq!(app.simulator.control().payments().len(), 1);
    browser.quit().await;
}

#[tokio::test]
async fn an_order_that_is_not_registered_is_explained() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    // With a price, the server of the tests would believe it.
    let changes = [("funds: 2 // Amount of money you want to charge", ""), ("'009221'", "'unheard-of'")];
    refusal_is_explained(&app, &browser, &changes, "vendor-not-registered").await;
    assert_eq!(app.link_requests(), 0);
    browser.quit().await;
}

#[tokio::test]
async fn page_without_the_fragment_gets_no_success_and_warns() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let cuts = [("(data) => data.data.url", "(data) => data.data.url.split('#')[0]")];
    let page = Page::open(&browser.driver, &snippet(&app, "cut", &cuts)).await;
    page.pay().await;
    assert_eq!(page.link().await, app.payment().await.url);
    app.accept().await;
    // When the server knows, a page that watched would know too.
    let ask = format!(
        "return fetch('{}/generate-payment-link', {{
           method: 'POST', headers: {{ 'Content-Type': 'application/json' }}, body: '{{\"orderId\":\"009221\",\"funds\":2}}'
         }}).then((response) => response.status)",
        app.base()
    );
    becomes!(page.run(&ask).await, json!(409), "the order is paid");
    assert_eq!(successes(&page).await, 0);
    page.shows("Waiting for your payment").await;
    let warned: Vec<Value> = page.calls("warn").await;
    let about = warned.iter().filter(|line| line.as_str().is_some_and(|line| line.contains("eventsUrl")));
    assert_eq!(about.count(), 1, "{warned:?}");
    page.assert_page_healthy().await;
    browser.quit().await;
}

//! The pages of the documents do what the documents say.

use banq_checkout_e2e::{Browser, Page, TestApp};
use banq_testkit::API_KEY;
use serde_json::{Value, json};

use crate::examples::{SEEK, pay};

/// The page of the original's documentation, with the intermediary's address in place of its own.
pub(crate) fn vendors_page(app: &TestApp) -> String {
    const SNIPPET: &str = include_str!("../../docs/snippets/original.html");
    page(&SNIPPET.replace("https://pay.your-shop.example", app.base()))
}

/// A page with this body.
fn page(body: &str) -> String {
    format!("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>A shop</title>\n{body}")
}

/// Registers the order that the documents sell, as a shop's server does. Returns the snippet with this server's address
/// and the order's token.
async fn fitted(app: &TestApp, snippet: &str) -> String {
    let order = json!({ "funds": "2.00", "currency": "USD", "comment": "Desk lamp" });
    let put = app.http.put(format!("{}/orders/A7Q2-9XKD", app.base())).bearer_auth(API_KEY).json(&order);
    let answer: Value = put.send().await.unwrap().json().await.unwrap();
    let token = answer["data"]["linkToken"].as_str().unwrap();
    assert!(snippet.contains("https://pay.your-shop.example"), "{snippet}");
    snippet.replace("https://pay.your-shop.example", app.base()).replace("q3ZBvC0mS9yF1tKx7LwPdg", token)
}

/// Opens a page of the shop's server, and waits until the widget is there.
async fn open<'a>(app: &TestApp, browser: &'a Browser, html: String) -> Page<'a> {
    app.pages.add("thanks", page("Thank you!"));
    let page = Page::open(&browser.driver, &app.pages.add("snippet", html)).await;
    page.run(SEEK).await;
    page.until("page.defaultView.seek()?.querySelector('.pay')").await;
    page
}

/// Presses the button, waits for the code, and pays; the page then goes to `/thanks`.
async fn is_thanked(app: &TestApp, browser: &Browser, page: &Page<'_>) {
    page.run("seek().querySelector('.pay').click()").await;
    page.until("page.defaultView.seek().querySelector('canvas.qr')?.dataset.link").await;
    app.accept().await;
    Page::current(&browser.driver).until_address("/thanks").await;
}

#[tokio::test]
async fn the_page_of_the_documents_is_paid() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let html = fitted(&app, include_str!("../../docs/snippets/page.html")).await;
    let page = open(&app, &browser, page(&html)).await;
    is_thanked(&app, &browser, &page).await;
    browser.quit().await;
}

#[tokio::test]
async fn the_page_with_a_request_of_its_own_is_paid_and_then_says_so() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let html = fitted(&app, include_str!("../../docs/snippets/own-request.html")).await;
    let shop = page(&html);
    let page = open(&app, &browser, shop.clone()).await;
    is_thanked(&app, &browser, &page).await;
    let page = open(&app, &browser, shop).await;
    page.run("seek().querySelector('.pay').click()").await;
    page.until("page.defaultView.seek().querySelector('dialog').innerText.includes('already paid')").await;
    browser.quit().await;
}

#[tokio::test]
async fn the_page_with_a_button_of_its_own_opens_the_dialog() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let html = fitted(&app, include_str!("../../docs/snippets/own-button.html")).await;
    let page = open(&app, &browser, page(&html)).await;
    let hidden = "return getComputedStyle(seek().querySelector('.pay')).display === 'none' || seek().querySelector('.pay').getClientRects().length === 0";
    assert_eq!(page.run(hidden).await, json!(true), "no button of the widget's");
    page.press_in_document("#buy").await;
    page.until("page.defaultView.seek().querySelector('canvas.qr')?.dataset.link").await;
    browser.quit().await;
}

#[tokio::test]
async fn the_page_with_events_asks_for_the_terms_and_names_the_order() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let html = fitted(&app, include_str!("../../docs/snippets/events.html")).await;
    let page = open(&app, &browser, page(&html)).await;
    page.run("seek().querySelector('.pay').click()").await;
    page.settled().await;
    assert_eq!(
        (app.link_requests(), page.run("return seek().querySelector('dialog').open").await),
        (0, json!(false))
    );
    page.press_in_document("[name=terms]").await;
    page.run("seek().querySelector('.pay').click()").await;
    page.until("page.defaultView.seek().querySelector('canvas.qr')?.dataset.link").await;
    app.accept().await;
    page.until("page.querySelector('[role=status]').textContent === 'Order A7Q2-9XKD is paid.'").await;
    browser.quit().await;
}

#[tokio::test]
async fn the_first_page_beside_the_demo_is_paid() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let html =
        include_str!("../../docs/snippets/demo-page.html").replace("http://127.0.0.1:8080", app.base());
    let page = open(&app, &browser, html).await;
    page.run("seek().querySelector('.pay').click()").await;
    pay(&app, &page).await;
    browser.quit().await;
}

#[tokio::test]
async fn the_headless_program_is_told_of_the_payment() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let module = fitted(&app, include_str!("../../docs/snippets/headless.js")).await;
    let html = page(&format!(
        "<p></p><script>console.log = (...words) => {{ document.querySelector('p').textContent += words.join(' ') + ';'; }};</script>
         <script type=\"module\">{module}</script>"
    ));
    let page = Page::open(&browser.driver, &app.pages.add("snippet", html)).await;
    page.until("page.querySelector('p').textContent === 'pending sse;'").await;
    app.accept().await;
    page.until("page.querySelector('p').textContent.endsWith('paid sse;')").await;
    browser.quit().await;
}

#[tokio::test]
async fn under_the_policy_of_the_documents_the_page_is_paid() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let policy = fitted(&app, include_str!("../../docs/snippets/policy.txt")).await;
    let (name, value) = policy.trim().split_once(": ").unwrap();
    assert_eq!(name, "Content-Security-Policy");
    let snippet = fitted(&app, include_str!("../../docs/snippets/page.html")).await;
    let (_, script) = snippet.split_once("<script>").unwrap();
    let (script, _) = script.split_once("</script>").unwrap();
    let watch =
        "document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        document.body.dataset.violation = `${violatedDirective} ${blockedURI}`;
    });";
    app.pages.add_file("shop.js", format!("{watch}{script}").into_bytes());
    app.pages.header("snippet", "content-security-policy", value);
    let html = page(&format!(
        "<script src=\"{}/widget/ecommerce.js\"></script><div id=\"pay-with-banq\"></div><script src=\"shop.js\"></script>",
        app.base()
    ));
    let page = open(&app, &browser, html).await;
    page.run("seek().querySelector('.pay').click()").await;
    page.until("page.defaultView.seek().querySelector('canvas.qr')?.dataset.link").await;
    assert_eq!(page.run("return document.body.dataset.violation ?? null").await, Value::Null);
    app.accept().await;
    Page::current(&browser.driver).until_address("/thanks").await;
    browser.quit().await;
}

#[tokio::test]
async fn the_themed_button_looks_as_the_documents_say() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let script = fitted(&app, include_str!("../../docs/snippets/theming.js")).await;
    let style = include_str!("../../docs/snippets/theming.css");
    let look = "return (({ backgroundColor, borderRadius }) => [seek().querySelector('.pay').textContent, backgroundColor, borderRadius])(getComputedStyle(seek().querySelector('.pay')))";
    let html = |head: &str, script: &str| {
        page(&format!(
            "<style>{head}</style><script src=\"{}/widget/ecommerce.js\"></script><div id=\"pay-with-banq\"></div><script>{script}</script>",
            app.base()
        ))
    };
    let page = open(&app, &browser, html("", &script)).await;
    assert_eq!(page.run(look).await, json!(["Buy with banq", "rgb(0, 170, 119)", "8px"]));
    let plain = script.replace("accentColor: '#0a7', buttonLabel: 'buy'", "");
    let page = open(&app, &browser, html(style, &plain)).await;
    assert_eq!(page.run(look).await, json!(["Pay with banq", "rgb(0, 170, 119)", "999px"]));
    browser.quit().await;
}

#[tokio::test]
async fn the_vendors_snippet_works_with_only_its_addresses_changed() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.pages.add("snippet", vendors_page(&app))).await;
    page.run("window.said = []; const log = console.log; console.log = (...a) => { said.push(a.join(' ')); log(...a); document.body.dataset.said = said.length; }")
        .await;
    page.pay().await;
    assert_eq!(page.link().await, app.payment().await.url);
    page.first_status_is_drawn().await;
    page.screenshot("snippet").await;

    page.press_labelled("Continue on this device").await;
    let shop = browser.driver.window().await.unwrap();
    let window = browser.other_window(&shop).await;
    browser.driver.switch_to_window(window).await.unwrap();
    app.pay_in_window(&browser.driver).await;
    browser.driver.switch_to_window(shop).await.unwrap();
    page.until("page.defaultView.said.includes('this triggers after payment completed successfully')").await;
    page.press(".close").await;
    page.until("page.defaultView.said.includes('pop up is closed')").await;
    browser.quit().await;
}

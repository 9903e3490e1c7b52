//! The headless client, on its example page.

use banq_checkout_e2e::{Browser, Page, TestApp, becomes};
use banq_simulator::Action;
use serde_json::{Value, json};

#[tokio::test]
async fn a_page_with_a_face_of_its_own_is_paid() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &format!("{}/widget/headless.html", app.base())).await;
    // Its module listens to the button when the client is there, which no load event waits for.
    becomes!(listeners(&browser, "#pay").await, 1);
    page.press_in_document("#pay").await;
    page.until("page.querySelector('#status').innerText === 'Waiting for your payment'").await;
    let link = page.until("page.querySelector('#link:not([hidden])')?.href").await;
    assert_eq!(link, app.payment().await.url);
    app.accept().await;
    page.until("page.querySelector('#status').innerText === 'Paid. Thank you!'").await;
    becomes!(page.run("return document.querySelector('#status').dataset.transport").await, json!("sse"));
    browser.quit().await;
}

/// How many listeners a control has.
async fn listeners(browser: &Browser, selector: &str) -> usize {
    let find = json!({ "expression": format!("document.querySelector('{selector}')") });
    let found = browser.cdp("Runtime.evaluate", find).await;
    let object = json!({ "objectId": found["result"]["objectId"] });
    let listeners = browser.cdp("DOMDebugger.getEventListeners", object).await;
    listeners["listeners"].as_array().map_or(0, Vec::len)
}

/// Runs a script with a client; `done` ends it.
async fn run(browser: &Browser, script: &str) -> Value {
    let script = format!(
        "const done = arguments[0];
         (async () => {{
           const {{ default: init, Client }} = await import('./banq-headless.js');
           await init();
           const client = new Client({{ server: location.origin, environment: 'local' }});
           {script}
         }})().catch((error) => done({{ code: error.code, message: error.message, recoverable: error.recoverable }}));"
    );
    browser.driver.execute_async(script, vec![]).await.unwrap().json().clone()
}

#[tokio::test]
async fn it_creates_gets_and_watches_and_stops_when_told() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    Page::open(&browser.driver, &format!("{}/widget/headless.html", app.base())).await;
    let created = run(&browser, "done(await client.createCheckout({ orderId: 'h-1', funds: 2 }));").await;
    let id = created["checkoutId"].as_str().unwrap();
    assert_eq!(created["funds"], json!("2.00"));
    let got = run(&browser, &format!("done(await client.getCheckout('{id}'));")).await;
    assert_eq!((&got["status"], &got["version"]), (&json!("pending"), &json!(1)));
    let stopped = format!(
        "const Source = EventSource; let source;
         window.EventSource = class extends Source {{ constructor(url) {{ super(url); source = this; }} }};
         const stop = client.watchCheckout('{id}', (snapshot) => {{ stop(); stop(); done([snapshot.status, source.readyState]); }});"
    );
    assert_eq!(run(&browser, &stopped).await, json!(["pending", 2]));
    app.act(Action::Decline).await;
    let ended = format!(
        "client.watchCheckout('{id}', ({{ status, version }}) => {{ if (status !== 'pending') done([status, version]); }});"
    );
    assert_eq!(run(&browser, &ended).await, json!(["declined", 2]));
    browser.quit().await;
}

#[tokio::test]
async fn its_errors_have_the_widgets_codes() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    Page::open(&browser.driver, &format!("{}/widget/headless.html", app.base())).await;
    let wrong = run(&browser, "new Client({ server: 7 });").await;
    assert_eq!(wrong["code"], json!("invalid_option"));
    assert!(wrong["message"].as_str().unwrap().contains("server: expected"), "{wrong}");
    for server in [
        "pay.shop",
        "//pay.shop",
        "https://user@pay.shop",
        "",
        "ftp://pay.shop",
        "https://",
        "https://pay.shop/?a",
        "https://pay.shop/#a",
    ] {
        let wrong =
            run(&browser, &format!("new Client({{ server: '{server}' }}); done({{ code: 'none' }});")).await;
        assert_eq!(wrong["code"], json!("invalid_option"), "{server}");
        let message = wrong["message"].as_str().unwrap();
        assert!(message.contains("server: expected") && message.contains("https://"), "{message}");
        assert!(message.ends_with(&format!("got {server}")), "{message}");
    }
    let right = "for (const server of ['https://pay.shop', 'http://127.0.0.1:8080/', 'https://pay.shop/pay/', '/pay']) \
                 new Client({ server }); done({ code: 'none' });";
    assert_eq!(run(&browser, right).await["code"], json!("none"));
    let refused = run(&browser, "done(await client.createCheckout({ orderId: '' }));").await;
    let message = refused["message"].as_str().unwrap();
    assert!(message.contains("(request id ") && message.ends_with(')'), "{message}");
    assert_eq!((&refused["code"], &refused["recoverable"]), (&json!("order_rejected"), &json!(false)));
    let unknown = run(&browser, "done(await client.getCheckout('0'.repeat(32)));").await;
    assert_eq!(unknown["code"], json!("order_rejected"));
    browser.quit().await;
}

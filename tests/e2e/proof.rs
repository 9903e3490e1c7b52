//! What was kept is shown, and told of, only where the shop names the same checkout: other orders at one address,
//! changed options, copied tabs, two places with one name.

use banq_checkout_e2e::{Browser, Page, TestApp, becomes};
use serde_json::{Value, json};

/// Nothing is listened to.
const SILENT: &str = "page.defaultView.streams.every((stream) => stream.readyState === 2)";

/// A shop whose address says which order it sells, as `/checkout?order=E`. With `down` the server is away until
/// the page says otherwise. The document counts the questions.
fn checkout(app: &TestApp) -> String {
    let base = app.base();
    app.pages.add(
        "checkout",
        app.html(&format!(
            "getPaymentInfo: async () => {{
               document.body.dataset.asked = Number(document.body.dataset.asked ?? 0) + 1;
               const query = new URLSearchParams(location.search);
               window.down ??= query.has('down');
               if (window.down) return {{ status: 503, code: 'unavailable', detail: 'away', requestId: 'r' }};
               const response = await fetch('{base}/generate-payment-link', {{
                 method: 'POST',
                 headers: {{ 'Content-Type': 'application/json' }},
                 body: JSON.stringify({{ orderId: query.get('order'), funds: 2 }}),
               }});
               return response.json();
             }},"
        )),
    )
}

/// Pays an order on a page of its own.
async fn pays(app: &TestApp, browser: &Browser, address: &str, order: &str) {
    let page = Page::paying(&browser.driver, &format!("{address}?order={order}")).await;
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
}

async fn told_nothing(page: &Page<'_>) {
    let told = page.run("return calls.map(([name]) => name)").await;
    assert_eq!(told, json!(["onReady"]));
}

#[tokio::test]
async fn a_paid_orders_page_shows_nothing_of_a_pending_one() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let address = checkout(&app);
    pays(&app, &browser, &address, "PAID").await;
    Page::paying(&browser.driver, &format!("{address}?order=E")).await;
    let page = Page::open(&browser.driver, &format!("{address}?order=PAID")).await;
    page.until("page.defaultView.sessionStorage.length === 0 && page.body.dataset.asked").await;
    page.until(SILENT).await;
    app.accept().await;
    app.completed_webhook_was_taken().await;
    page.run("return new Promise((done) => setTimeout(done))").await;
    told_nothing(&page).await;
    assert_eq!(page.run(&Page::in_widget("root.querySelectorAll('.qr').length")).await, json!(0));
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn without_an_answer_nothing_of_another_order_is_told() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let address = checkout(&app);
    Page::paying(&browser.driver, &format!("{address}?order=E")).await;
    let page = Page::open(&browser.driver, &format!("{address}?order=PAID&down")).await;
    page.until("page.body.dataset.asked").await;
    app.accept().await;
    app.completed_webhook_was_taken().await;
    // It asks again by itself, and still hears nothing of E.
    page.until("Number(page.body.dataset.asked) >= 2").await;
    assert_eq!(page.run("return streams.length").await, json!(0));
    told_nothing(&page).await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn without_an_answer_the_same_order_is_asked_for_again() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let address = checkout(&app);
    let link = {
        let page = Page::paying(&browser.driver, &format!("{address}?order=E")).await;
        page.link().await
    };
    let page = Page::open(&browser.driver, &format!("{address}?order=E&down")).await;
    page.until("page.body.dataset.asked").await;
    page.run("window.down = false").await;
    assert_eq!(page.link().await, link);
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
    assert_eq!(page.calls("onError").await.len(), 0);
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn another_order_in_an_open_dialog_shows_its_own_code() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let base = app.base();
    let endpoint = format!("{base}/generate-payment-link");
    let page = Page::paying(
        &browser.driver,
        &app.page(&format!("endpoint: '{endpoint}', order: {{ orderId: 'first', funds: 2 }},")),
    )
    .await;
    let mut link = page.link().await;
    let page_function = format!(
        "{{ endpoint: undefined, order: undefined, getPaymentInfo: () => fetch('{endpoint}', {{ method: 'POST',
            headers: {{ 'Content-Type': 'application/json' }},
            body: JSON.stringify({{ orderId: 'third', funds: 2 }}) }}).then((response) => response.json()) }}"
    );
    for change in ["{ order: { orderId: 'second', funds: 2 } }", &page_function] {
        let streams = page.run("return streams.length").await.as_u64().unwrap();
        page.run(&format!("app.update({change})")).await;
        // Of the order before nothing is left on the screen or on the wire.
        page.until(&format!(
            "root.querySelector('canvas.qr')?.dataset.link !== {} && page.defaultView.streams.length > {streams}",
            json!(link)
        ))
        .await;
        let before = app.simulator.control().payments().into_iter().find(|payment| payment.url == link);
        link = page.link().await;
        assert_eq!(app.payment().await.url, link);
        becomes!(
            page.run("return streams.filter((stream) => stream.readyState !== 2).length").await,
            json!(1)
        );
        let accept = banq_simulator::Action::Accept;
        app.simulator.control().act(before.unwrap().id, accept).await.unwrap();
        app.completed_webhook_was_taken().await;
        assert_eq!(page.calls("onPaymentSuccess").await, Vec::<Value>::new());
    }
    app.accept().await;
    let paid = page.ended_by("onPaymentSuccess").await;
    assert_eq!(paid["orderId"], json!("third"));
    assert_eq!(page.calls("onPopUpOpen").await.len(), 1, "the dialog stayed");
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn the_same_order_by_other_options_goes_on_as_it_was() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let order = "order: { orderId: 'one', funds: 2 }";
    let page = Page::paying(
        &browser.driver,
        &app.page(&format!("endpoint: '{}/generate-payment-link', {order},", app.base())),
    )
    .await;
    let streams = page.run("return streams.length").await;
    page.run(&format!("app.update({{ {order}, theme: 'dark' }})")).await;
    page.until("!!root.querySelector('.widget.dark .qr')").await;
    assert_eq!(page.run("return streams.length").await, streams, "the same order, written again");
    // A page that redraws itself at each callback, with a new function each time, does not loop endlessly.
    page.run(&format!(
        "let asked = 0;
         const again = () => app.update({{ endpoint: undefined, order: undefined, onStatusChange: again,
           getPaymentInfo: () => (document.body.dataset.asked = ++asked, fetch('{}/generate-payment-link', {{ method: 'POST',
             headers: {{ 'Content-Type': 'application/json' }},
             body: JSON.stringify({{ orderId: 'one', funds: 2 }}) }}).then((response) => response.json())) }});
         again();",
        app.base()
    ))
    .await;
    page.until("page.body.dataset.asked === '1' && !!root.querySelector('canvas.qr')").await;
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
    page.shows("Paid").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn two_places_with_one_id_keep_apart() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let address = checkout(&app);
    pays(&app, &browser, &address, "PAID").await;
    // The same page with a second place of the same name, which sells E.
    let second = format!(
        "<div id=\"pay-with-banq\"></div><script>
           window.sold = [];
           window.second = new ecommerceBanqWidget({{
             selector: document.querySelectorAll('#pay-with-banq')[1],
             onPaymentSuccess: ({{ orderId }}) => sold.push(orderId),
             endpoint: '{}/generate-payment-link', order: {{ orderId: 'E', funds: 2 }} }});
           second.bootstrapApp().then(() => (document.body.dataset.second = 1));
         </script></body>",
        app.base()
    );
    let html = app.html(
        "endpoint: undefined, getPaymentInfo: async () => {
           document.body.dataset.asked = 1;
           return { status: 409, code: 'order_already_paid', orderId: 'PAID', detail: '', requestId: 'r' };
         },",
    );
    let shop = app.pages.add("twins", html.replace("</body>", &second));
    let page = Page::open(&browser.driver, &shop).await;
    let of_second = "page.querySelectorAll('#pay-with-banq')[1].firstElementChild.shadowRoot";
    page.until("page.body.dataset.second === '1'").await;
    page.run("second.open()").await;
    let kept =
        format!("page.defaultView.sessionStorage.length === 1 && !!{of_second}.querySelector('canvas.qr')");
    page.until(&format!("setTimeout(() => (page.body.dataset.look = Math.random()), 50) && {kept}")).await;
    browser.driver.refresh().await.unwrap();
    page.until("page.body.dataset.second === '1'").await;
    page.until(&format!("setTimeout(() => (page.body.dataset.look = Math.random()), 50) && {kept}")).await;
    assert_eq!(
        page.run("return document.body.dataset.asked ?? null").await,
        json!(null),
        "the first kept nothing"
    );
    app.accept().await;
    page.until(
        "setTimeout(() => (page.body.dataset.look = Math.random()), 50) && page.defaultView.sold.length",
    )
    .await;
    told_nothing(&page).await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn a_copied_tab_that_sells_another_order_shows_nothing() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let address = checkout(&app);
    pays(&app, &browser, &address, "PAID").await;
    let page = Page::paying(&browser.driver, &format!("{address}?order=E")).await;
    let first = browser.driver.window().await.unwrap();
    page.run("window.open('?order=PAID')").await;
    let copy = browser.other_window(&first).await;
    browser.driver.switch_to_window(copy).await.unwrap();
    let page = Page::current(&browser.driver);
    page.until("page.defaultView.sessionStorage.length === 0 && page.body.dataset.asked").await;
    page.until(SILENT).await;
    app.accept().await;
    browser.driver.switch_to_window(first.clone()).await.unwrap();
    assert_eq!(page.ended_by("onPaymentSuccess").await["orderId"], json!("E"));
    let copy = browser.other_window(&first).await;
    browser.driver.switch_to_window(copy).await.unwrap();
    told_nothing(&page).await;
    browser.quit().await;
}

#[tokio::test]
async fn a_record_that_another_page_wrote_is_left_alone() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::paying(&browser.driver, &app.shop()).await;
    // As a page at the same address does, while this one waits in the browser's back-forward cache.
    page.run("const [key] = Object.keys(sessionStorage); sessionStorage[key] = 'theirs'").await;
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
    assert_eq!(page.run("return Object.values(sessionStorage)").await, json!(["theirs"]));
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn a_record_of_another_environment_is_not_asked_about() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let html = |environment| {
        let count = "document.body.dataset.asked = 1";
        let asks = app.asks().replacen("fetch(", &format!("({count}, fetch)("), 1);
        app.html(&format!("environment: '{environment}', {asks}"))
    };
    Page::paying(&browser.driver, &app.pages.add("shop", html("local"))).await;
    let page = Page::open(&browser.driver, &app.pages.add("shop", html("sandbox"))).await;
    page.called("onReady").await;
    page.run("return new Promise((done) => setTimeout(done))").await;
    assert_eq!(page.run("return document.body.dataset.asked ?? null").await, json!(null));
    browser.quit().await;
}

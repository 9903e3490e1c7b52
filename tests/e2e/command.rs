//! The page in command: its own button, its form, its events, its place.

use banq_checkout_e2e::{Browser, Page, TestApp, becomes};
use serde_json::json;

#[tokio::test]
async fn a_form_that_is_not_complete_opens_nothing() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    // Before the widget is there, and after.
    for hold in [true, false] {
        let options = format!(
            "{} onClick: async () => {{ calls.push(['onClick', null]); return window.complete; }},",
            app.asks()
        );
        let html = app.own(&options);
        if hold {
            app.pages.hold("banq-checkout_bg.wasm");
        }
        let page = Page::open(&browser.driver, &app.pages.add(&app.of_order("form"), html)).await;
        if !hold {
            page.called("onReady").await;
        }
        page.run("window.complete = false").await;
        page.pay().await;
        page.until("page.defaultView.calls.some(([name]) => name === 'onClick')").await;
        page.settled().await;
        assert_eq!(
            page.run(&Page::in_widget(
                "root.querySelector('[aria-busy=true], dialog[open]')?.outerHTML ?? null"
            ))
            .await,
            json!(null),
            "widget held: {hold}"
        );
        page.run("window.complete = true").await;
        page.pay().await;
        if hold {
            page.until("!!root.querySelector('[aria-busy=true]')").await;
            app.pages.let_go("banq-checkout_bg.wasm");
        }
        page.link().await;
        page.assert_page_healthy().await;
        app.next_order();
    }
    browser.quit().await;
}

#[tokio::test]
async fn a_disabled_or_loading_button_opens_nothing_until_the_page_says_so() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    for (option, off) in [("disabled: true,", "disabled: false"), ("loading: true,", "loading: false")] {
        let page = Page::open(&browser.driver, &app.page(&format!("{} {option}", app.asks()))).await;
        let state = Page::in_widget(
            "(pay => [pay.disabled, pay.getAttribute('aria-busy')])(root.querySelector('.pay'))",
        );
        let expected = json!([true, if option.starts_with("loading") { "true" } else { "false" }]);
        assert_eq!(page.run(&state).await, expected, "painted");
        page.called("onReady").await;
        becomes!(page.run(&state).await, expected, "the widget's");
        page.run(&format!("app.update({{ {off} }})")).await;
        page.pay().await;
        page.link().await;
        page.assert_page_healthy().await;
        app.next_order();
    }
    browser.quit().await;
}

#[tokio::test]
async fn the_pages_own_button_opens_and_events_bubble() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let options = format!("{} button: false,", app.asks());
    let html = app.html(&options).replace(
        "<h1>",
        "<button id=\"own\" onclick=\"app.open()\">Buy</button>
         <script>window.heard = []; for (const name of ['ready', 'open', 'status', 'paid', 'close', 'error'])
           document.addEventListener(`banq:${name}`, ({ detail, target }) => heard.push([name, detail.status ?? null, target.parentNode?.id]));</script><h1>",
    );
    let page = Page::open(&browser.driver, &app.pages.add("own-button", html)).await;
    page.called("onReady").await;
    assert_eq!(page.run(&Page::in_widget("root.querySelector('.pay').offsetWidth")).await, json!(0));
    page.press_in_document("#own").await;
    page.link().await;
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
    page.press_labelled("Done").await;
    page.called("onPopUpClose").await;
    let heard = page.run("return heard.filter(([name]) => name !== 'status')").await;
    let place = "pay-with-banq";
    assert_eq!(
        heard,
        json!([
            ["ready", null, place],
            ["open", null, place],
            ["paid", "paid", place],
            ["close", "paid", place]
        ])
    );
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn inline_stands_in_the_page_and_done_leads_on() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    app.pages.add("thanks", "<title>Thanks</title>".to_owned());
    let options = format!(
        "{} presentation: 'inline', shopName: 'Morning Cup', returnUrl: '{}/thanks',",
        app.asks(),
        app.pages.origin()
    );
    let page = Page::paying(&browser.driver, &app.page(&options)).await;
    let place = Page::in_widget(
        "[root.querySelector('dialog').matches(':modal'), getComputedStyle(root.querySelector('dialog')).position, root.querySelector('.pay').hidden]",
    );
    assert_eq!(page.run(&place).await, json!([false, "static", true]));
    assert_eq!(page.codes("inline").await, [page.link().await]);
    app.accept().await;
    page.shows("$2.00 to Morning Cup").await;
    page.screenshot("inline-paid").await;
    page.press_labelled("Done").await;
    page.until_address("/thanks").await;
    browser.quit().await;
}

#[tokio::test]
async fn words_on_any_accent_can_be_read() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = Page::open(&browser.driver, &app.shop()).await;
    page.called("onReady").await;
    // The lightest and the darkest, and colours around the middle.
    for accent in [
        "#fff",
        "#000",
        "yellow",
        "rgb(231, 33, 36)",
        "rgb(0, 135, 57)",
        "oklch(0.62 0.2 300)",
        "hsl(210 50% 50%)",
    ] {
        page.run(&format!("app.update({{ appearance: {{ accentColor: '{accent}' }} }})")).await;
        let ratio = Page::in_widget(
            "(() => {
               const canvas = document.createElement('canvas').getContext('2d');
               const light = (color) => {
                 canvas.fillStyle = color;
                 canvas.fillRect(0, 0, 1, 1);
                 const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((n) => (n /= 255) <= .04045 ? n / 12.92 : ((n + .055) / 1.055) ** 2.4);
                 return .2126 * r + .7152 * g + .0722 * b + .05;
               };
               const { color, backgroundColor } = getComputedStyle(root.querySelector('.pay'));
               const [one, other] = [light(color), light(backgroundColor)];
               return one > other ? one / other : other / one;
             })()",
        );
        let ratio = page.run(&ratio).await.as_f64().unwrap();
        assert!(ratio >= 4.5, "{accent}: {ratio}");
    }
    page.assert_page_healthy().await;
    browser.quit().await;
}

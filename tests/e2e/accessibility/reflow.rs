//! Small screens, large text, other spacings, the other direction, small targets.

use banq_checkout_e2e::{Browser, Page, TestApp, becomes};
use serde_json::json;

use super::nothing_wrong;
use super::states::{AS_USUAL, Change, in_each_state};

/// What sticks out of the page, or scrolls sideways, or cuts its text off.
const CUT_OFF: &str = "(() => {
    const shown = [...root.querySelectorAll('*')].filter((one) => one.checkVisibility());
    const name = (one) => `${one.localName}.${one.className}`;
    return [
      ...(document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : []),
      ...shown.filter((one) => one.getBoundingClientRect().right > innerWidth + 1 || one.getBoundingClientRect().left < -1).map(name),
      ...shown.filter((one) => getComputedStyle(one).overflowX !== 'visible' && one.scrollWidth > one.clientWidth + 1).map((one) => `${name(one)} scrolls sideways`),
    ];
  })()";

/// SC 1.4.12, with paragraphs further apart too.
const SPACING: &str = "(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }');
    if (root.adoptedStyleSheets.length < 3) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    return [];
  })()";

/// SC 2.5.8, without its exceptions.
const SMALL_TARGETS: &str = "[...root.querySelectorAll('button, a')].filter((one) => one.checkVisibility())
    .map((one) => [one.className || one.localName, one.getBoundingClientRect().width, one.getBoundingClientRect().height])
    .filter(([, width, height]) => width < 24 || height < 24)";

async fn screen(width: u32, height: u32, scale: u32) -> Browser {
    let browser = Browser::start().await;
    let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": false });
    browser.cdp("Emulation.setDeviceMetricsOverride", metrics).await;
    browser
}

async fn nothing_is_cut_off(browser: Browser, name: &str, change: Change) {
    in_each_state(&browser, change, async |page: &Page<'_>, state: &str| {
        nothing_wrong(page, state, CUT_OFF).await;
        nothing_wrong(page, state, SMALL_TARGETS).await;
        page.screenshot(&format!("{name}-{state}")).await;
        nothing_wrong(page, state, SPACING).await;
        nothing_wrong(page, state, CUT_OFF).await;
        page.screenshot(&format!("{name}-spacing-{state}")).await;
        page.run(&Page::in_widget("(root.adoptedStyleSheets = root.adoptedStyleSheets.slice(0, 2), 1)"))
            .await;
    })
    .await;
    browser.quit().await;
}

/// 1280 × 1024 at 400 %, as SC 1.4.10 asks for.
#[tokio::test]
async fn on_a_screen_of_320_pixels_nothing_is_cut_off() {
    nothing_is_cut_off(screen(320, 256, 4).await, "narrow", AS_USUAL).await;
}

#[tokio::test]
async fn right_to_left_page_at_200_percent_cuts_nothing_off() {
    // The widget's own words stay English here, which the walk through the states looks for.
    let change: Change = |html| {
        let html = html.replace("<html lang=\"en\">", "<html lang=\"ar\" dir=\"rtl\">");
        html.replace("...callbacks,", "...callbacks, locale: 'en',")
    };
    nothing_is_cut_off(screen(640, 512, 2).await, "rtl", change).await;
}

#[tokio::test]
async fn right_to_left_page_has_the_button_right_in_its_own_direction() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    for (lang, direction) in [("ar", "rtl"), ("en", "ltr")] {
        let html = app
            .own(&app.asks())
            .replace("<html lang=\"en\">", &format!("<html lang=\"{lang}\" dir=\"rtl\">"));
        let place = Page::in_widget(
            "(({ left, right }) => [innerWidth - right < left, ...[...root.querySelectorAll('.pay, dialog')].map((one) => getComputedStyle(one).direction)])(root.querySelector('.pay').getBoundingClientRect())",
        );
        app.pages.hold("banq-checkout_bg.wasm");
        let page = Page::open(&browser.driver, &app.pages.add("rtl", html)).await;
        becomes!(page.run(&place).await, json!([true, direction]), "the painted one");
        app.pages.let_go("banq-checkout_bg.wasm");
        page.called("onReady").await;
        becomes!(page.run(&place).await, json!([true, direction, direction]), "the widget's");
    }
    browser.quit().await;
}

/// A link that fits into one line.
#[tokio::test]
async fn a_short_link_is_a_target_too() {
    let browser = Browser::start().await;
    let app = TestApp::start().await;
    let shop = app.page("getPaymentInfo: async () => 'https://link.banq.com/abc',");
    let page = Page::paying(&browser.driver, &shop).await;
    nothing_wrong(&page, "pending", SMALL_TARGETS).await;
    browser.quit().await;
}

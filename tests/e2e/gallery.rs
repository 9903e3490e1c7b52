//! Each entry of the gallery: axe finds nothing, nothing is cut off, and the code can be read.

use banq_checkout_e2e::{Browser, Page, TestApp};
use serde_json::{Value, json};

/// The rules of WCAG 2.0, 2.1 and 2.2, A and AA. The frames of other origins are not the widget's.
const RUN: &str = "
    const done = arguments[0];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'], iframes: false }).then(({ violations, passes }) => done({
      passed: passes.length,
      wrong: violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => [id, html, failureSummary])),
    }), (error) => done(String(error)));";

/// What sticks out of the page or scrolls sideways.
const CUT_OFF: &str = "(() => {
    const shown = [...root.querySelectorAll('*')].filter((one) => one.checkVisibility());
    return [
      ...(document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : []),
      ...shown.filter((one) => one.getBoundingClientRect().right > innerWidth + 1 || one.getBoundingClientRect().left < -1).map((one) => `${one.localName}.${one.className}`),
    ];
  })()";

/// Looks at each entry; returns how many there were.
async fn look_at_all(app: &TestApp, browser: &Browser, query: &str, name: &str) -> usize {
    let axe = std::env::var("AXE").expect("AXE names axe.min.js; `cargo xtask test` puts it in place");
    let axe = std::fs::read_to_string(axe).unwrap();
    let page = Page::open(&browser.driver, &format!("{}/widget/gallery.html", app.base())).await;
    let entries = page.run("return window.gallery").await;
    let entries: Vec<_> =
        entries.as_array().unwrap().iter().map(|entry| entry.as_str().unwrap().to_owned()).collect();
    for entry in &entries {
        let address = format!("{}/widget/gallery.html?state={entry}&{query}", app.base());
        let page = Page::open(&browser.driver, &address).await;
        page.until(&format!("page.body.dataset.shown === '{entry}'")).await;
        page.screenshot(&format!("gallery-{name}-{entry}")).await;
        assert_eq!(page.run(&Page::in_widget(CUT_OFF)).await, json!([]), "{entry}, {query}");
        page.run(&axe).await;
        let found: Value = browser.driver.execute_async(RUN, vec![]).await.unwrap().json().clone();
        assert_eq!(found["wrong"], json!([]), "{entry}, {query}");
        assert!(found["passed"].as_u64().unwrap() > 3, "{entry}: {found}");
    }
    entries.len()
}

/// How many entries there are at least: none may get lost.
const ENTRIES: usize = 46;

#[tokio::test]
async fn light_and_english_on_a_desktop() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    assert!(look_at_all(&app, &browser, "theme=light&lang=en", "light").await >= ENTRIES);
    browser.quit().await;
}

#[tokio::test]
async fn dark_and_arabic_on_320_pixels() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let screen = json!({ "width": 320, "height": 640, "deviceScaleFactor": 2, "mobile": false });
    browser.cdp("Emulation.setDeviceMetricsOverride", screen).await;
    assert!(look_at_all(&app, &browser, "theme=dark&lang=ar", "narrow-dark").await >= ENTRIES);
    browser.quit().await;
}

#[tokio::test]
async fn long_words_on_320_pixels() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let screen = json!({ "width": 320, "height": 640, "deviceScaleFactor": 1, "mobile": false });
    browser.cdp("Emulation.setDeviceMetricsOverride", screen).await;
    assert!(look_at_all(&app, &browser, "theme=light&lang=long", "narrow-long").await >= ENTRIES);
    browser.quit().await;
}

#[tokio::test]
async fn the_code_stays_where_it_is_through_every_notice() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    for query in ["theme=light&lang=en", "theme=dark&lang=de", "theme=light&lang=he"] {
        let mut places = Vec::new();
        for entry in [
            "pending",
            "copied",
            "copy-refused",
            "connection-lost",
            "window-open",
            "window-blocked",
            "time-up",
        ] {
            let address = format!("{}/widget/gallery.html?state={entry}&{query}", app.base());
            let page = Page::open(&browser.driver, &address).await;
            page.until(&format!("page.body.dataset.shown === '{entry}'")).await;
            // After the dialog has moved into its place.
            page.until(
                "root.getAnimations().every((one) => one.effect.getComputedTiming().iterations === Infinity)",
            )
            .await;
            let place = page
                .run(&Page::in_widget(
                    "(({ x, y }) => [x, y])(root.querySelector('canvas').getBoundingClientRect())",
                ))
                .await;
            assert_eq!(page.codes(&format!("still-{entry}")).await.len(), 1, "{entry}, {query}");
            places.push((entry, place[0].as_f64().unwrap(), place[1].as_f64().unwrap()));
        }
        let (_, x, y) = places[0];
        assert!(
            places.iter().all(|(_, left, top)| (left - x).abs() <= 1.0 && (top - y).abs() <= 1.0),
            "{query}: {places:?}"
        );
    }
    browser.quit().await;
}

/// Single payments of an agreement may have been made before it ended.
#[tokio::test]
async fn of_an_ended_agreement_it_is_not_said_that_the_shopper_was_not_charged() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    for (entry, is_said) in [("canceled", true), ("agreement-ended", false)] {
        let address = format!("{}/widget/gallery.html?state={entry}&lang=en", app.base());
        let page = Page::open(&browser.driver, &address).await;
        page.until(&format!("page.body.dataset.shown === '{entry}'")).await;
        page.shows("This payment request was withdrawn.").await;
        let said =
            Page::in_widget("root.querySelector('.widget').innerText.includes('You were not charged')");
        assert_eq!(page.run(&said).await, json!(is_said), "{entry}");
    }
    browser.quit().await;
}

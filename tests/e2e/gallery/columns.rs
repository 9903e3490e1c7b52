//! Each entry in six columns of colours, language and screen: axe finds nothing, nothing is cut off, the picture is
//! the known one, and what a screen reader is given is the known tree.

use std::fmt::Write;

use banq_checkout_e2e::{Browser, Page, Sheet, TestApp};
use serde_json::json;

use super::{open, show};
use crate::accessibility::FAINT;

/// How many entries there are at least: none may get lost.
const ENTRIES: usize = 46;

/// What sticks out of the page or scrolls sideways.
const CUT_OFF: &str = "(() => {
    const shown = [...root.querySelectorAll('*')].filter((one) => one.checkVisibility());
    return [
      ...(document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : []),
      ...shown.filter((one) => one.getBoundingClientRect().right > innerWidth + 1 || one.getBoundingClientRect().left < -1).map((one) => `${one.localName}.${one.className}`),
    ];
  })()";

/// Chromium keeps a scroll bar that an earlier state of the dialog needed, until it is laid out without one.
const WITHOUT_SCROLL_BAR: &str = "(() => {
    const style = root.querySelector('dialog').style;
    style.overflow = 'hidden';
    document.body.offsetHeight;
    style.overflow = '';
  })()";

/// The controls that something else covers when they have the focus (SC 2.4.11).
const COVERED: &str = "[...root.querySelectorAll('button, a, summary, textarea, input')].filter((one) => {
    one.focus();
    if (root.activeElement !== one) return false;
    const { x, y, width, height } = one.getBoundingClientRect();
    const top = root.elementFromPoint(x + width / 2, y + height / 2);
    return top !== one && !one.contains(top);
  }).map((one) => `${one.localName}.${one.className}`)";

/// One column of the gallery.
struct Column {
    name: &'static str,
    theme: &'static str,
    lang: &'static str,
    /// Width and height in CSS pixels, and device pixels of each.
    screen: (u32, u32, u32),
    forced_colours: bool,
    /// How many times smaller the pictures are kept.
    smaller: u32,
}

const USUAL: Column =
    Column { name: "", theme: "light", lang: "en", screen: (768, 720, 1), forced_colours: false, smaller: 3 };

#[tokio::test]
async fn light_and_english_on_768_pixels() {
    look_at_all(Column { name: "light-en-768", ..USUAL }).await;
}

#[tokio::test]
async fn forced_colours_and_german_on_768_pixels() {
    look_at_all(Column { name: "forced-de-768", theme: "dark", lang: "de", forced_colours: true, ..USUAL })
        .await;
}

#[tokio::test]
async fn dark_and_japanese_at_200_percent() {
    look_at_all(Column {
        name: "dark-ja-200",
        theme: "dark",
        lang: "ja",
        screen: (640, 400, 2),
        smaller: 5,
        ..USUAL
    })
    .await;
}

#[tokio::test]
async fn dark_and_arabic_on_320_pixels() {
    look_at_all(Column {
        name: "dark-ar-320",
        theme: "dark",
        lang: "ar",
        screen: (320, 640, 2),
        smaller: 4,
        ..USUAL
    })
    .await;
}

#[tokio::test]
async fn light_and_long_words_on_320_pixels() {
    look_at_all(Column { name: "light-long-320", lang: "long", screen: (320, 640, 1), smaller: 2, ..USUAL })
        .await;
}

#[tokio::test]
async fn dark_and_german_on_a_desktop() {
    look_at_all(Column {
        name: "dark-de-1200",
        theme: "dark",
        lang: "de",
        screen: (1200, 900, 1),
        smaller: 4,
        ..USUAL
    })
    .await;
}

async fn look_at_all(column: Column) {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let fonts = app.pages.add_fonts();
    browser.bring_axe().await;
    // The fonts come from another origin, which the server's policy forbids.
    browser.cdp("Page.setBypassCSP", json!({ "enabled": true })).await;
    let (width, height, scale) = column.screen;
    let screen = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": false });
    browser.cdp("Emulation.setDeviceMetricsOverride", screen).await;
    let forced = if column.forced_colours { "active" } else { "none" };
    let features = json!([
        { "name": "forced-colors", "value": forced },
        { "name": "prefers-color-scheme", "value": column.theme },
        // Two pictures of a movement are never the same.
        { "name": "prefers-reduced-motion", "value": "reduce" },
    ]);
    browser.cdp("Emulation.setEmulatedMedia", json!({ "features": features })).await;

    let query = format!("theme={}&lang={}", column.theme, column.lang);
    let page = open(&app, &browser, "button", &query).await;
    page.use_fonts(&fonts).await;
    let entries: Vec<String> = serde_json::from_value(page.run("return gallery.states").await).unwrap();
    assert!(entries.len() >= ENTRIES, "{entries:?}");
    let mut sheet = Sheet::new(column.name, column.smaller);
    let mut trees = String::new();
    for entry in &entries {
        show(&page, entry, &query).await;
        page.run(&Page::in_widget(WITHOUT_SCROLL_BAR)).await;
        for check in [CUT_OFF, FAINT] {
            assert_eq!(page.run(&Page::in_widget(check)).await, json!([]), "{entry}, {}", column.name);
        }
        page.assert_axe_finds_nothing(&format!("{entry}, {}", column.name)).await;
        writeln!(trees, "\n# {entry}").unwrap();
        for one in browser.perceived().await {
            let role = if one.role == "StaticText" { "text" } else { &one.role };
            let words: Vec<String> =
                [format!("{role} {:?}", one.name)].into_iter().chain(one.states).collect();
            writeln!(trees, "{}{}", "  ".repeat(one.depth), words.join(", ")).unwrap();
        }
        // What the page of another origin shows, or an error of the browser, is not the widget's.
        page.run(&Page::in_widget(
            "root.querySelectorAll('iframe').forEach((one) => (one.style.visibility = 'hidden'))",
        ))
        .await;
        sheet.add(entry, &page.screenshot(&format!("gallery-{}-{entry}", column.name)).await);
        assert_eq!(page.run(&Page::in_widget(COVERED)).await, json!([]), "{entry}, {}", column.name);
    }
    browser.quit().await;
    // English, German and Arabic: the others say the same in other words.
    if ["light-en-768", "forced-de-768", "dark-ar-320"].contains(&column.name) {
        insta::assert_snapshot!(format!("tree-{}", column.lang), trees);
    }
    sheet.assert_unchanged();
}

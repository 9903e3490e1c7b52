//! The code: read from pictures of every engine, and never moved.

use banq_checkout_e2e::{Browser, Engine, Page, Screen, TestApp, becomes};
use serde_json::json;

use super::{open, show};
use crate::engines::in_each_engine;

in_each_engine! {
    is_read_on_a_screen_of_single_pixels
    is_read_on_a_screen_of_double_pixels
    is_read_on_a_screen_of_triple_pixels
}

async fn is_read_on_a_screen_of_single_pixels(engine: Engine, name: &str) {
    is_read(engine, name, 1).await;
}

async fn is_read_on_a_screen_of_double_pixels(engine: Engine, name: &str) {
    is_read(engine, name, 2).await;
}

async fn is_read_on_a_screen_of_triple_pixels(engine: Engine, name: &str) {
    is_read(engine, name, 3).await;
}

/// Every theme and direction, and links of this many bytes.
async fn is_read(engine: Engine, name: &str, scale: u32) {
    let app = TestApp::start().await;
    let browser = Browser::start_on(engine, Screen { size: (600, 760), scale }).await;
    let page = open(&app, &browser, "button", "").await;
    assert_eq!(page.run("return devicePixelRatio").await, json!(scale));
    for query in ["theme=light&lang=en", "theme=dark&lang=en", "theme=light&lang=ar", "theme=dark&lang=ar"] {
        for bytes in [20, 120, 300] {
            let link = link_of(bytes);
            show(&page, "pending", &format!("{query}&link={link}")).await;
            let picture = format!("code-{name}-{scale}");
            becomes!(page.code_now(engine, &picture).await, [link.clone()], "{bytes} bytes, {query}");
        }
    }
    browser.quit().await;
}

/// A link with letters as in a random token.
fn link_of(bytes: usize) -> String {
    let letter = |index: usize| {
        char::from(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[index * index * 31 % 61])
    };
    "https://banq.com/".chars().chain((1..).map(letter)).take(bytes).collect()
}

#[tokio::test]
async fn stays_where_it_is_through_every_notice() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let page = open(&app, &browser, "button", "").await;
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
            show(&page, entry, query).await;
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

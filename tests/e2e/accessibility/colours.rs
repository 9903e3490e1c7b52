//! Contrast, forced colours, and no motion where none is wanted.

use banq_checkout_e2e::{Browser, Page, TestApp, becomes};
use serde_json::json;

use super::nothing_wrong;
use super::states::{AS_USUAL, Change, in_each_state};

/// Every text on what is behind it (each colour of a gradient), 4.5 : 1 (SC 1.4.3), and every border of a control
/// on what is around it, 3 : 1 (SC 1.4.11).
pub(crate) const FAINT: &str = "(() => {
    const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const light = (colour) => {
      const [r, g, b] = numbers(colour).map((n) => n / 255).map((n) => (n <= .04045 ? n / 12.92 : ((n + .055) / 1.055) ** 2.4));
      return .2126 * r + .7152 * g + .0722 * b;
    };
    const ratio = (one, other) => {
      const [less, more] = [light(one), light(other)].sort((a, b) => a - b);
      return (more + .05) / (less + .05);
    };
    const around = (one) => one.parentElement ?? one.getRootNode().host;
    const behind = (one) => {
      if (!one) return ['rgb(255, 255, 255)'];
      const { backgroundColor, backgroundImage } = getComputedStyle(one);
      const gradient = backgroundImage.match(/rgb[^)]*\\)/g);
      if (gradient) return gradient;
      return (numbers(backgroundColor)[3] ?? 1) === 0 ? behind(around(one)) : [backgroundColor];
    };
    const faint = [];
    const must = (what, colour, grounds, least) => {
      for (const ground of grounds) {
        const reached = ratio(colour, ground);
        if (reached < least) faint.push([what, colour, ground, Math.round(reached * 100) / 100]);
      }
    };
    for (const one of root.querySelectorAll('*')) {
      if (!one.checkVisibility() || one.matches('canvas')) continue;
      const style = getComputedStyle(one);
      const text = [...one.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join('');
      if (text) must(text, style.color, behind(one), 4.5);
      if (one.matches('button') && parseFloat(style.borderTopWidth) && numbers(style.borderTopColor)[3] !== 0) must('border of ' + one.className, style.borderTopColor, behind(around(one)), 3);
      if (one === root.activeElement && one.matches(':focus-visible')) must('outline of ' + one.className, style.outlineColor, behind(around(one)), 3);
      if (one.matches('[aria-busy=true]')) must('spinner', getComputedStyle(one, '::after').borderTopColor, behind(one), 3);
    }
    return faint;
  })()";

/// A scanner needs the code black on white, whatever the colours around it.
const CODE: &str = "[...root.querySelectorAll('canvas')].flatMap((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const colours = new Set();
      for (let at = 0; at < data.length; at += 4) colours.add(data.slice(at, at + 4).join());
      return [...colours].sort();
    }).filter((colour, index) => colour !== ['0,0,0,255', '255,255,255,255'][index])";

async fn emulate(browser: &Browser, features: &[(&str, &str)]) {
    let features: Vec<_> =
        features.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    browser.cdp("Emulation.setEmulatedMedia", json!({ "features": features })).await;
}

async fn nothing_is_faint(features: &[(&str, &str)], change: Change) {
    let browser = Browser::start().await;
    emulate(&browser, features).await;
    in_each_state(&browser, change, async |page: &Page<'_>, state: &str| {
        nothing_wrong(page, state, FAINT).await;
        nothing_wrong(page, state, CODE).await;
    })
    .await;
    browser.quit().await;
}

#[tokio::test]
async fn in_light_colours_nothing_is_faint() {
    nothing_is_faint(&[("prefers-color-scheme", "light")], AS_USUAL).await;
}

#[tokio::test]
async fn in_dark_colours_nothing_is_faint() {
    nothing_is_faint(&[("prefers-color-scheme", "dark")], AS_USUAL).await;
}

#[tokio::test]
async fn forced_colours_keep_everything_visible_and_the_code_readable() {
    let browser = Browser::start().await;
    emulate(&browser, &[("forced-colors", "active"), ("prefers-color-scheme", "dark")]).await;
    in_each_state(&browser, AS_USUAL, async |page: &Page<'_>, state: &str| {
        page.screenshot(&format!("forced-{state}")).await;
        // The page's own ground is black here, and the script does not know.
        nothing_wrong(page, state, &FAINT.replace("'rgb(255, 255, 255)'", "'rgb(0, 0, 0)'")).await;
        nothing_wrong(page, state, CODE).await;
        let bare = "[...root.querySelectorAll('button, a.action, dialog')].filter((one) => one.checkVisibility() && getComputedStyle(one).borderTopStyle !== 'solid').map((one) => one.className)";
        nothing_wrong(page, state, bare).await;
        if state == "pending" {
            becomes!(page.codes("forced-pending").await, [page.link().await]);
        }
    })
    .await;
    browser.quit().await;
}

#[tokio::test]
async fn nothing_moves_where_no_motion_is_wanted() {
    let browser = Browser::start().await;
    for (preference, moving) in [("no-preference", true), ("reduce", false)] {
        emulate(&browser, &[("prefers-reduced-motion", preference)]).await;
        in_each_state(&browser, AS_USUAL, async |page: &Page<'_>, state: &str| {
            let running = Page::in_widget(
                "[...root.getAnimations(), ...document.getAnimations()].filter((one) => one.playState === 'running').length > 0",
            );
            becomes!(page.run(&running).await, json!(moving && ["requesting", "pending", "blocked", "processing", "asking"].contains(&state)), "{preference}, {state}");
        })
        .await;
    }
    // The loader's own spinner, before the widget is there.
    let app = TestApp::start().await;
    let html = app.own(&app.asks());
    app.pages.hold("banq-checkout_bg.wasm");
    let page = Page::open(&browser.driver, &app.pages.add("early", html)).await;
    page.pay().await;
    page.until("!!root.querySelector('.pay[aria-busy=true]')").await;
    becomes!(page.run(&Page::in_widget("root.getAnimations().length")).await, json!(0));
    browser.quit().await;
}

//! The part `page`: the timings of the widget in Chromium, beside a page in hand-written JavaScript.

use std::collections::BTreeMap;

use banq_checkout_e2e::Browser;
use serde_json::{Value, json};

use crate::figure::Figure;
use crate::shop::Shop;

/// How often each page is opened, for each kind of click.
const RUNS: usize = 10;

/// Notes when button, code and "Paid" are there: after each change of the document or of a shadow tree.
const WATCH: &str = "
    const marks = window.marks = {};
    // No page resumes the payment of the one before.
    try { sessionStorage.clear(); } catch {}
    const look = () => {
      for (const name of ['button', 'code', 'paid']) {
        if (!marks[name] && window.look?.[name]()) {
          marks[name] = performance.now();
          if (name === 'button' && location.search === '?early') press();
        }
      }
    };
    const press = window.press = () => {
      marks.click = performance.now();
      window.look.button().click();
    };
    const watch = (node) => new MutationObserver(look)
      .observe(node, { subtree: true, childList: true, attributes: true });
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function (...given) {
      const root = attach.apply(this, given);
      watch(root);
      return root;
    };
    watch(document);";

/// Returns the time of a mark when it is there.
const UNTIL: &str = "
    const [name, done] = arguments;
    const wait = () => window.marks?.[name] ? done(window.marks) : setTimeout(wait, 5);
    wait();";

/// The network and the processor of the shopper.
struct Line {
    name: &'static str,
    /// Bits a second; round trip in ms; how much slower the processor is.
    limits: Option<(f64, u32, u32)>,
    /// Milliseconds without a request after which the page counts as idle, and milliseconds from the code to the payment,
    /// in which the stream opens.
    pause: u32,
}

const LINES: [Line; 2] = [
    Line { name: "full speed", limits: None, pause: 300 },
    Line { name: "1.6 Mbit/s, 150 ms, 4x slower", limits: Some((1_600_000.0, 150, 4)), pause: 1000 },
];

/// Measures both pages, in turns, on both lines.
pub(crate) async fn measure() -> Vec<Figure> {
    let shop = Shop::start().await;
    let mut figures = Vec::new();
    for line in LINES {
        let browser = Browser::start().await;
        set(&browser, &line).await;
        let mut times: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
        // One more, which is not counted: the browser's own first page takes longer.
        for run in 0..=RUNS {
            let pages = if run % 2 == 0 { ["ours", "twin"] } else { ["twin", "ours"] };
            for page in pages {
                for early in [false, true] {
                    for (what, time) in visit(&browser, &shop.page(page), early, line.pause).await {
                        if run > 0 {
                            times.entry((what, page)).or_default().push(time);
                        }
                    }
                }
            }
        }
        browser.quit().await;
        for what in ["navigation to button", "click to code", "early click to code", "server's word to Paid"]
        {
            let mut of = |page| times.remove(&(what, page)).unwrap_or_default();
            let figure = Figure::less("page", format!("{}: {what}", line.name), "ms", of("ours"));
            figures.push(figure.beside("JavaScript", of("twin")));
        }
    }
    figures
}

/// Slows the browser down, and lets each document watch itself.
async fn set(browser: &Browser, line: &Line) {
    browser.cdp("Page.enable", json!({})).await;
    browser.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": format!("{{{WATCH}}}") })).await;
    browser.cdp("Network.enable", json!({})).await;
    if let Some((bits, round_trip, slower)) = line.limits {
        let bytes = bits / 8.0;
        let conditions = json!({
            "offline": false, "latency": round_trip, "downloadThroughput": bytes, "uploadThroughput": bytes,
        });
        browser.cdp("Network.emulateNetworkConditions", conditions).await;
        browser.cdp("Emulation.setCPUThrottlingRate", json!({ "rate": slower })).await;
    }
}

/// Opens the page, presses the button as soon as it is there (`early`) or when the page is idle, pays, and returns the
/// times.
async fn visit(browser: &Browser, url: &str, early: bool, pause: u32) -> Vec<(&'static str, f64)> {
    let driver = &browser.driver;
    driver.goto("about:blank").await.unwrap();
    browser.cdp("Network.clearBrowserCache", json!({})).await;
    let url = if early { format!("{url}?early") } else { url.to_owned() };
    driver.goto(url).await.unwrap();
    let until = async |mark: &str| -> Value {
        driver.execute_async(UNTIL, vec![json!(mark)]).await.unwrap().json().clone()
    };
    until("button").await;
    if !early {
        // The widget's files have come: the load event, and a while without a request.
        let idle = "
            const [pause, done] = arguments;
            let count = -1;
            const quiet = () => {
              const now = performance.getEntriesByType('resource').length;
              if (document.readyState === 'complete' && now === count) return done();
              count = now;
              setTimeout(quiet, pause);
            };
            quiet();";
        driver.execute_async(idle, vec![json!(pause)]).await.unwrap();
        driver.execute("window.press()", vec![]).await.unwrap();
    }
    until("code").await;
    let complete = "
        const [pause, done] = arguments;
        // The stream is open when its first event has come.
        setTimeout(() => {
          marks.word = performance.now();
          fetch('/complete', { method: 'POST' }).finally(done);
        }, pause);";
    driver.execute_async(complete, vec![json!(pause)]).await.unwrap();
    let marks = until("paid").await;
    let at = |name: &str| marks[name].as_f64().unwrap_or(f64::NAN);
    let code = at("code") - at("click");
    if early {
        return vec![("early click to code", code)];
    }
    vec![
        ("navigation to button", at("button")),
        ("click to code", code),
        ("server's word to Paid", at("paid") - at("word")),
    ]
}

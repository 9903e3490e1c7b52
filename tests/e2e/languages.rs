//! The shopper's language: chosen by option, page and browser; from the first paint on, and never English before.

use banq_checkout_e2e::{Browser, Engine, Page, TestApp};
use serde_json::{Value, json};

use crate::engines::in_each_engine;

in_each_engine! {
    a_page_in_arabic_is_never_english
}

/// Notes each text that the button ever has.
const NOTES: &str = "<script>
    window.seen = [];
    const note = () => {
      const host = document.querySelector('#pay-with-banq')?.firstElementChild;
      const pay = host?.shadowRoot?.querySelector('.pay');
      if (!pay) return;
      const text = pay.textContent;
      if (seen.at(-1) !== text) seen.push(text);
      if (!pay.noted) {
        pay.noted = true;
        new MutationObserver(note).observe(host.shadowRoot, { subtree: true, childList: true, characterData: true });
      }
    };
    new MutationObserver(note).observe(document, { subtree: true, childList: true });
  </script></head>";

fn words(code: &str) -> Value {
    let path = format!("{}/../www/languages/banq-{code}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

async fn a_page_in_arabic_is_never_english(engine: Engine, name: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let html = app.html(&app.asks()).replace("lang=\"en\"", "lang=\"ar\"").replace("</head>", NOTES);
    let page = Page::open(&browser.driver, &app.pages.add("arabic", html)).await;
    page.called("onReady").await;
    let arabic = words("ar");
    page.pay().await;
    page.link().await;
    page.shows(arabic["waiting"].as_str().unwrap()).await;
    let direction = Page::in_widget("getComputedStyle(root.querySelector('dialog')).direction");
    assert_eq!(page.run(&direction).await, json!("rtl"));
    assert_eq!(
        page.codes(&format!("{name}-arabic")).await,
        [page.link().await],
        "the code is read in this direction"
    );
    app.accept().await;
    page.ended_by("onPaymentSuccess").await;
    page.shows(arabic["paid"].as_str().unwrap()).await;
    page.screenshot(&format!("{name}-arabic-paid")).await;
    let seen = page.run("return seen").await;
    let label = arabic["pay"].as_str().unwrap().replace("{brand}", "banq");
    for text in seen.as_array().unwrap() {
        assert!(text == "banq" || *text == json!(label), "{seen}");
    }
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn the_option_comes_before_the_page_and_a_region_before_its_language() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    for (lang, option, code) in [
        ("de-AT", "", "de"),
        ("de", "locale: 'pt-BR',", "pt-br"),
        ("de", "locale: 'pt_PT',", "pt"),
        ("ZH-Hans-CN", "", "zh"),
        ("sv", "", "en"),
        ("den", "", "en"),
        ("ja", "locale: 'en-GB',", "en"),
    ] {
        let html =
            app.html(&format!("{} {option}", app.asks())).replace("lang=\"en\"", &format!("lang=\"{lang}\""));
        let page = Page::open(&browser.driver, &app.pages.add("chosen", html)).await;
        page.called("onReady").await;
        let label = words(code)["pay"].as_str().unwrap().replace("{brand}", "banq");
        let seen = "[root.querySelector('.pay').textContent, root.querySelector('.pay').lang]";
        let seen = page.run(&Page::in_widget(seen)).await;
        assert_eq!(seen, json!([label, code]), "{lang}, {option}");
    }
    browser.quit().await;
}

#[tokio::test]
async fn without_its_file_a_language_is_english_and_pays() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let html = app.own(&app.asks()).replace("lang=\"en\"", "lang=\"ko\"");
    let page = Page::paying(&browser.driver, &app.pages.add("no-file", html)).await;
    page.shows("Waiting for your payment").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

#[tokio::test]
async fn the_page_changes_language_and_single_texts() {
    let app = TestApp::start().await;
    let browser = Browser::start().await;
    let options = format!("{} messages: {{ scan: 'Scan me.', nonsense: 'x', done: 5 }},", app.asks());
    let page = Page::paying(&browser.driver, &app.page(&options)).await;
    page.shows("Scan me.").await;
    let told = page.called_times("onError", 2).await;
    let told: Vec<_> = told.iter().map(|error| error["message"].as_str().unwrap()).collect();
    assert!(told[0].contains("messages.nonsense: expected a key"), "{told:?}");
    assert!(told[1].contains("messages.done: expected a string"), "{told:?}");
    page.run("app.update({ locale: 'fr', messages: undefined })").await;
    page.shows(words("fr")["waiting"].as_str().unwrap()).await;
    page.shows("2,00").await;
    page.assert_page_healthy().await;
    browser.quit().await;
}

//! The component in a real browser, without servers: options, presses, refusals, callbacks, destruction.
//! What needs servers is in `tests/e2e/`.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, missing_docs)]

use banq_checkout::exports::{Place, Widget};
use banq_checkout::payment_info::{Environment, PaymentInfo, PaymentUrl};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, HtmlElement, ShadowRoot};

wasm_bindgen_test_configure!(run_in_browser);

/// How long anything may take, in milliseconds; machines that run tests are slow and busy.
const PATIENCE: u32 = 60_000;

/// Milliseconds between two looks.
const FRAME: u32 = 16;

/// A place in the page for one widget, and a log of what the page was told.
struct Shop {
    place: Element,
    log: Array,
}

impl Shop {
    fn new() -> Self {
        let document = web_sys::window().unwrap().document().unwrap();
        let place = document.create_element("section").unwrap();
        document.body().unwrap().append_child(&place).unwrap();
        Self { place, log: Array::new() }
    }

    /// The options that JavaScript would write, with `body` inside the braces. `log` and `place` are in scope,
    /// and every callback that is not given writes to the log.
    fn options(&self, body: &str) -> JsValue {
        let callbacks: String = [
            "onReady",
            "onPopUpOpen",
            "onPopUpClose",
            "onStatusChange",
            "onPaymentSuccess",
            "onPaymentFailed",
            "onExpired",
            "onError",
        ]
        .iter()
        .map(|name| format!("{name}: (detail) => log.push({{ name: '{name}', ...detail }}),"))
        .collect();
        let source =
            format!("return {{ selector: place.firstElementChild?.shadowRoot, {callbacks} {body} }};");
        Function::new_with_args("place, log", &source).call2(&JsValue::NULL, &self.place, &self.log).unwrap()
    }

    /// What the loader puts into the page: a shadow root, and an element for the widget in it.
    fn mount(&self) -> Place {
        let source =
            "const host = place.firstElementChild ?? place.appendChild(document.createElement('div'));
             const shadow = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
             const root = document.createElement('div');
             return { shadow, root };";
        let made = Function::new_with_args("place", source).call1(&JsValue::NULL, &self.place).unwrap();
        made.unchecked_into()
    }

    /// Draws the widget and waits until its button is there.
    async fn widget(&self, body: &str) -> Widget {
        let place = self.mount();
        let widget = Widget::new(&self.options(body), &place).unwrap();
        self.shows("Pay with banq").await;
        widget
    }

    fn root(&self) -> Option<ShadowRoot> {
        self.place.first_element_child()?.shadow_root()
    }

    fn find(&self, selector: &str) -> Option<HtmlElement> {
        self.root()?.query_selector(selector).unwrap().map(JsCast::unchecked_into)
    }

    fn press(&self, selector: &str) {
        self.find(selector).unwrap().click();
    }

    fn text(&self) -> String {
        let text = self.find(".widget").map(|widget| widget.inner_text()).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The link in the code.
    fn link(&self) -> Option<String> {
        self.find("canvas.qr")?.get_attribute("data-link")
    }

    /// Waits until the widget shows this text.
    async fn shows(&self, text: &str) {
        self.until(text, || self.text().contains(text)).await;
    }

    /// Waits, a frame at a time, until this is so.
    async fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        for _ in 0..PATIENCE / FRAME {
            if is_so() {
                return;
            }
            TimeoutFuture::new(FRAME).await;
        }
        panic!("waited in vain for {what:?}; the widget shows {:?}", self.text());
    }

    /// The details of a callback's calls so far.
    fn told(&self, name: &str) -> Vec<JsValue> {
        self.log.iter().filter(|entry| text_of(entry, "name") == name).collect()
    }

    /// Waits until a callback was called this often, proves that it was not called more often once the queue of
    /// tasks is empty, and answers with the details.
    async fn told_times(&self, name: &str, times: usize) -> Vec<JsValue> {
        self.until(name, || self.told(name).len() >= times).await;
        TimeoutFuture::new(0).await;
        TimeoutFuture::new(0).await;
        let told = self.told(name);
        assert_eq!(told.len(), times, "{name}");
        told
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.place.remove();
    }
}

fn text_of(value: &JsValue, name: &str) -> String {
    Reflect::get(value, &name.into()).unwrap().as_string().unwrap_or_default()
}

const LINK: &str = "getPaymentInfo: async () => 'https://link.banq.com/abc123',";

#[wasm_bindgen_test]
async fn a_press_shows_the_link_as_text_and_as_a_code() {
    let shop = Shop::new();
    let _widget = shop.widget(
        "getPaymentInfo: async () => ({ data: { url: 'https://link.banq.com/abc123', funds: 2, currency: 'USD',
         comment: 'Demo Widget Banq' } }), locale: 'en-US',",
    ).await;
    assert_eq!(shop.text(), "Pay with banq");
    shop.press(".pay");
    shop.shows("Waiting for your payment").await;
    assert!(shop.text().contains("$2.00") && shop.text().contains("Demo Widget Banq"), "{}", shop.text());
    let code = shop.find("canvas.qr").unwrap();
    assert_eq!(code.get_attribute("data-link").as_deref(), Some("https://link.banq.com/abc123"));
    assert_eq!(code.get_attribute("role").as_deref(), Some("img"));
    assert!(code.has_attribute("aria-label"));
    assert_eq!(text_of(&shop.told_times("onStatusChange", 1).await[0], "status"), "pending");
}

#[wasm_bindgen_test]
async fn seven_fast_presses_ask_once() {
    let shop = Shop::new();
    let _widget = shop
        .widget(
            "getPaymentInfo: () => { log.push({ name: 'asked' }); return new Promise((done) =>
         setTimeout(done, 100, 'https://link.banq.com/abc123')); },",
        )
        .await;
    for _ in 0..7 {
        shop.press(".pay");
    }
    shop.shows("Preparing your payment").await;
    shop.press(".pay");
    shop.shows("Waiting for your payment").await;
    assert_eq!(shop.told("asked").len(), 1);
}

#[wasm_bindgen_test]
async fn an_unsafe_link_is_an_error_without_link_or_code() {
    for link in [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        " javascript:alert(1)",
        "java\\nscript:alert(1)",
        "http://link.banq.com/abc",
        "http://localhost.evil.example/",
        "http://10.0.0.5/",
        "data:text/html,x",
        "//link.banq.com/abc",
        "/pay/abc",
        "https://user:password@link.banq.com/abc",
        "",
    ] {
        let shop = Shop::new();
        let _widget = shop.widget(&format!("getPaymentInfo: async () => '{link}',")).await;
        shop.press(".pay");
        shop.shows("This order cannot be paid here").await;
        assert!(shop.find("a").is_none() && shop.find("canvas").is_none(), "{link}");
        assert_eq!(text_of(&shop.told_times("onError", 1).await[0], "code"), "link_invalid", "{link}");
    }
}

#[wasm_bindgen_test]
fn the_rule_for_links_is_the_servers_and_the_loaders() {
    let list = |name: &str| -> Vec<JsValue> {
        let all = js_sys::JSON::parse(include_str!("../crates/wire/fixtures/links.json")).unwrap();
        let list: Vec<_> = Array::from(&Reflect::get(&all, &name.into()).unwrap()).iter().collect();
        assert!(!list.is_empty(), "{name}");
        list
    };
    let environments = [Environment::Local, Environment::Sandbox, Environment::Production];
    for entry in list("links") {
        let (link, only) = (text_of(&entry, "link"), text_of(&entry, "environment"));
        let accepted = Reflect::get(&entry, &"accepted".into()).unwrap().is_truthy();
        for environment in environments.iter().filter(|one| only.is_empty() || one.as_str() == only) {
            let read = PaymentUrl::parse(&link, *environment).ok().map(|url| url.as_str().to_owned());
            let href = text_of(&entry, "href");
            let expected = if href.is_empty() { link.clone() } else { href };
            assert_eq!(read, accepted.then_some(expected), "{link:?} in {environment:?}");
        }
    }
    for entry in list("watched").into_iter().chain(list("unwatched")) {
        let url = text_of(&entry, "url");
        if let Ok(info) = PaymentInfo::from_js(&url.as_str().into(), Environment::Local) {
            assert_eq!(info.url.as_str(), text_of(&entry, "plain"), "{url}");
            assert_eq!(info.events_url.unwrap_or_default(), text_of(&entry, "eventsUrl"), "{url}");
        } else {
            panic!("{url} is refused");
        }
    }
}

#[wasm_bindgen_test]
async fn answer_without_a_link_is_an_error_naming_what_is_expected() {
    for answer in ["undefined", "null", "7", "{}", "[]", "{ data: {} }", "{ url: 5 }", "{ data: null }"] {
        let shop = Shop::new();
        let _widget = shop.widget(&format!("getPaymentInfo: async () => ({answer}),")).await;
        shop.press(".pay");
        shop.shows("This order cannot be paid here").await;
        assert_eq!(text_of(&shop.told_times("onError", 1).await[0], "code"), "link_invalid", "{answer}");
    }
}

#[wasm_bindgen_test]
async fn a_failed_request_offers_another_try_which_works() {
    let shop = Shop::new();
    let _widget = shop.widget(
        "getPaymentInfo: () => { log.push({ name: 'asked' }); if (log.filter((e) => e.name === 'asked').length < 2)
         throw new Error('no network'); return 'https://link.banq.com/abc123'; },",
        )
        .await;
    shop.press(".pay");
    shop.shows("The shop could not be reached").await;
    let error = &shop.told_times("onError", 1).await[0];
    assert_eq!(text_of(error, "code"), "link_request_failed");
    assert!(text_of(error, "message").contains("no network"));
    shop.press(".action");
    shop.shows("Waiting for your payment").await;
}

#[wasm_bindgen_test]
async fn a_problem_that_the_page_passes_on_is_read_as_such() {
    let shop = Shop::new();
    let _widget = shop.widget(
        "getPaymentInfo: async () => ({ status: 409, code: 'order_already_paid', detail: 'paid', requestId: 'r' }),",
    )
    .await;
    shop.press(".pay");
    shop.shows("This order is already paid").await;
    assert_eq!(text_of(&shop.told_times("onError", 1).await[0], "code"), "order_already_paid");
    assert!(!shop.text().contains("Try again") && shop.text().contains("Done"), "{}", shop.text());
}

#[wasm_bindgen_test]
async fn a_callback_that_throws_or_rejects_harms_nothing() {
    let shop = Shop::new();
    let _widget = shop
        .widget(&format!(
            "{LINK} onReady: () => {{ throw 1 }}, onPopUpOpen: () => {{ throw new Error('mine') }},
         onStatusChange: async () => {{ throw new Error('mine, later') }},"
        ))
        .await;
    shop.press(".pay");
    shop.shows("Waiting for your payment").await;
    shop.press(".close");
    shop.told_times("onPopUpClose", 1).await;
    assert_eq!(shop.told("onError").len(), 0);
}

#[wasm_bindgen_test]
async fn closing_tells_why_and_where_the_payment_stood() {
    let shop = Shop::new();
    let widget = shop.widget(LINK).await;
    shop.press(".pay");
    shop.shows("Waiting for your payment").await;
    shop.press(".close");
    shop.told_times("onPopUpClose", 1).await;
    widget.open();
    shop.shows("Waiting for your payment").await;
    widget.close();
    widget.close();
    let closes: Vec<_> = shop
        .told_times("onPopUpClose", 2)
        .await
        .iter()
        .map(|d| (text_of(d, "reason"), text_of(d, "status")))
        .collect();
    let expected = [("user", "pending"), ("api", "pending")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(closes, expected);
}

#[wasm_bindgen_test]
fn each_wrong_option_is_named() {
    for (body, expected) in [
        ("getPaymentInfo: undefined,", "getPaymentInfo is missing"),
        ("getPaymentInfo: 'x',", "getPaymentInfo: expected a function, got string"),
        ("getPaymentInfo: () => {}, endpoint: '/x',", "give one of them"),
        ("endpoint: '/x',", "order: expected an object"),
        ("endpoint: 7, order: {},", "endpoint: expected a string, got number"),
    ] {
        let shop = Shop::new();
        let error = Widget::new(&shop.options(body), &shop.mount()).unwrap_err();
        let message = text_of(&error, "message");
        assert!(message.contains(expected), "{body}: {message}");
        assert_eq!(text_of(&error, "code"), "invalid_option");
        assert_eq!(shop.root().unwrap().child_element_count(), 0);
        assert_eq!(shop.told("onError").len(), 1, "{body}");
    }
    assert!(Widget::new(&JsValue::UNDEFINED, &Shop::new().mount()).is_err());
}

#[wasm_bindgen_test]
async fn a_default_stands_in_for_each_other_wrong_option() {
    for (body, expected) in [
        ("environment: 'prod',", "environment: expected one of local, sandbox, production; got prod"),
        ("theme: 'blue',", "theme: expected one of auto, light, dark; got blue"),
        ("theme: 3,", "theme: expected one of auto, light, dark; got number"),
        ("theme: {},", "theme: expected one of auto, light, dark; got object"),
        (
            "presentation: 'window',",
            "presentation: expected one of popup, iframe, redirect, inline; got window",
        ),
        ("locale: 5,", "locale: expected a string, got number"),
        ("locale: 'C.UTF-8',", "locale: expected a language tag such as en-US, got C.UTF-8"),
        ("graceSeconds: 'x',", "graceSeconds: expected 0 to 86400 seconds, got x"),
        ("graceSeconds: -1,", "graceSeconds: expected 0 to 86400 seconds, got -1"),
        ("graceSeconds: NaN,", "graceSeconds: expected 0 to 86400 seconds, got NaN"),
        ("onExpired: 'later',", "onExpired: expected a function, got string"),
    ] {
        let shop = Shop::new();
        let _widget = shop.widget(&format!("{LINK} {body}")).await;
        let mistake = &shop.told_times("onError", 1).await[0];
        assert_eq!(text_of(mistake, "code"), "invalid_option", "{body}");
        assert_eq!(text_of(mistake, "message"), expected);
        assert_eq!(Reflect::get(mistake, &"recoverable".into()).unwrap(), JsValue::TRUE, "{body}");
        shop.press(".pay");
        shop.shows("Waiting for your payment").await;
    }
}

#[wasm_bindgen_test]
async fn a_locale_in_the_spelling_of_posix_is_understood() {
    let shop = Shop::new();
    let _widget = shop.widget(
        "getPaymentInfo: async () => ({ url: 'https://link.banq.com/abc', funds: '1234.50', currency: 'EUR' }),
         locale: 'de_DE',",
    ).await;
    shop.press(".pay");
    shop.shows("1.234,50").await;
    assert_eq!(shop.told("onError").len(), 0);
}

#[wasm_bindgen_test]
async fn other_options_do_not_disturb_a_running_payment() {
    let shop = Shop::new();
    let widget = shop.widget(LINK).await;
    shop.press(".pay");
    shop.shows("Waiting for your payment").await;
    widget.update(&shop.options(&format!("{LINK} theme: 'dark',")), None).unwrap();
    shop.until("the dark theme", || shop.find(".widget.dark").is_some()).await;
    assert!(shop.text().contains("Waiting for your payment"));
    assert!(widget.update(&shop.options("theme: 'pink',"), None).is_err());
    assert!(shop.find(".widget.dark").is_some(), "wrong options leave the old ones");
}

#[wasm_bindgen_test]
async fn destroyed_twice_it_leaves_nothing_and_says_so_once() {
    let shop = Shop::new();
    let widget = shop.widget(LINK).await;
    shop.press(".pay");
    shop.shows("Waiting for your payment").await;
    widget.destroy();
    widget.destroy();
    widget.open();
    widget.close();
    shop.until("an empty place", || shop.place.child_element_count() == 0).await;
    let closes = shop.told_times("onPopUpClose", 1).await;
    assert_eq!(text_of(&closes[0], "reason"), "destroyed");
}

#[wasm_bindgen_test]
async fn what_is_inherited_is_nobodys_option_and_nobodys_answer() {
    let pollute = |body: &str| Function::new_no_args(body).call0(&JsValue::NULL).unwrap();
    for (polluted, answer) in [
        ("url: 'https://evil.example/'", "({})"),
        ("url: 'https://evil.example/'", "({ data: {} })"),
        ("data: { url: 'https://evil.example/' }", "({ status: 'fine' })"),
    ] {
        let shop = Shop::new();
        let _widget = shop.widget(&format!("getPaymentInfo: async () => {answer},")).await;
        pollute(&format!("Object.assign(Object.prototype, {{ {polluted} }})"));
        shop.press(".pay");
        shop.shows("This order cannot be paid here").await;
        pollute("delete Object.prototype.url; delete Object.prototype.data");
        assert!(shop.find("a").is_none(), "{polluted}");
        assert_eq!(text_of(&shop.told("onError")[0], "code"), "link_invalid", "{polluted}");
    }
    // A code that is inherited makes no problem of an answer, and no status of a checkout.
    let shop = Shop::new();
    let _widget = shop.widget(LINK).await;
    pollute("Object.assign(Object.prototype, { code: 'order_already_paid', status: 409 })");
    shop.press(".pay");
    shop.shows("Waiting for your payment").await;
    pollute("delete Object.prototype.code; delete Object.prototype.status");

    let shop = Shop::new();
    pollute("Object.assign(Object.prototype, { endpoint: 'https://evil.example/', order: {} })");
    let error = Widget::new(&shop.options(""), &shop.mount()).unwrap_err();
    pollute("delete Object.prototype.endpoint; delete Object.prototype.order");
    assert!(text_of(&error, "message").contains("getPaymentInfo is missing"));
}

#[wasm_bindgen_test]
async fn a_link_whose_host_depends_on_the_reader_is_an_error() {
    for link in [
        "https:link.banq.com/abc",
        "https:/link.banq.com/abc",
        "https:///link.banq.com/abc",
        "https:\\\\\\\\link.banq.com\\\\abc",
        "https://link.banq.com\\\\@evil.example/",
        "https://user@link.banq.com/abc",
    ] {
        let shop = Shop::new();
        let _widget = shop.widget(&format!("getPaymentInfo: async () => '{link}',")).await;
        shop.press(".pay");
        shop.shows("This order cannot be paid here").await;
        assert!(shop.find("a").is_none() && shop.find("canvas").is_none(), "{link}");
        assert_eq!(text_of(&shop.told("onError")[0], "code"), "link_invalid", "{link}");
    }
}

#[wasm_bindgen_test]
async fn a_link_is_shown_and_opened_as_it_was_read() {
    for (link, read) in [
        ("HTTPS://Link.Banq.com/Abc", "https://link.banq.com/Abc"),
        ("https://link.banq.com:443/a/../b", "https://link.banq.com/b"),
        ("https://link.ban\\u00adq.com/a", "https://link.banq.com/a"),
        ("https://link.banq.com/a?b=c&d=%20#e", "https://link.banq.com/a?b=c&d=%20#e"),
    ] {
        let shop = Shop::new();
        let _widget = shop.widget(&format!("getPaymentInfo: async () => '{link}',")).await;
        shop.press(".pay");
        shop.shows("Waiting for your payment").await;
        let code = shop.find("canvas.qr").unwrap();
        assert_eq!(code.get_attribute("data-link").as_deref(), Some(read));
    }
}

#[wasm_bindgen_test]
async fn an_answer_to_the_order_before_is_not_shown() {
    let shop = Shop::new();
    let widget = shop
        .widget("getPaymentInfo: () => new Promise((answer) => log.push({ name: 'asked', answer })),")
        .await;
    shop.press(".pay");
    shop.shows("Preparing your payment").await;
    widget
        .update(&shop.options("getPaymentInfo: async () => 'https://link.banq.com/second',"), None)
        .unwrap();
    shop.until("the second link", || shop.link().as_deref() == Some("https://link.banq.com/second")).await;
    let answer: Function =
        Reflect::get(&shop.told("asked")[0], &"answer".into()).unwrap().dyn_into().unwrap();
    answer.call1(&JsValue::NULL, &"https://link.banq.com/first".into()).unwrap();
    TimeoutFuture::new(50).await;
    assert_eq!(shop.link().as_deref(), Some("https://link.banq.com/second"));
}

#[wasm_bindgen_test]
async fn money_in_question_is_told_and_not_asked_for_again() {
    for (code, told, words) in [
        ("order_paid_other_amount", "order_paid_other_amount", "a different price from the one it has now"),
        ("order_payment_in_question", "order_payment_in_question", "needs to be checked by the shop"),
        ("order_withdrawn", "order_rejected", "cannot be paid here"),
    ] {
        let shop = Shop::new();
        let _widget = shop
            .widget(&format!(
                "getPaymentInfo: async () => ({{ status: 409, code: '{code}', requestId: 'r' }}),"
            ))
            .await;
        shop.press(".pay");
        shop.shows(words).await;
        let error = &shop.told("onError")[0];
        assert_eq!(text_of(error, "code"), told);
        assert_eq!(Reflect::get(error, &"recoverable".into()).unwrap(), JsValue::FALSE);
        assert!(shop.find(".first").is_none(), "{code}");
    }
}

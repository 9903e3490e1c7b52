//! `PayWithBanq` in a real browser, without servers: what a Yew application gives, gets and takes away.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, missing_docs)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use banq_checkout::error::{ErrorCode, Failure};
use banq_checkout::pay_with_banq::{CloseReason, PayWithBanq, PayWithBanqProps, PaymentSource, Texts};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, HtmlElement};
use yew::{AppHandle, Callback, Renderer, props};

wasm_bindgen_test_configure!(run_in_browser);

/// How often a state is looked for, a frame apart; machines that run tests are slow and busy.
const LOOKS: u32 = 4_000;

async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..LOOKS {
        if holds() {
            return;
        }
        TimeoutFuture::new(16).await;
    }
    panic!("waited in vain: {what}");
}

fn js(body: &str) -> JsValue {
    Function::new_no_args(body).call0(&JsValue::NULL).unwrap()
}

/// Lets `fetch` answer with a payment link, and keep what was posted.
fn shop_answers() {
    js("window.posted = [];
        window.fetch = async (request) => {
          posted.push(await request.text());
          return Response.json({ data: { url: 'https://link.banq.com/' + posted.length } }, { status: 201 });
        };");
}

fn posted() -> Vec<String> {
    serde_wasm_bindgen::from_value(js("return posted")).unwrap()
}

/// A component in a place of its own, and what its callbacks were told.
struct Page {
    place: Element,
    app: AppHandle<PayWithBanq>,
    told: Rc<RefCell<Vec<String>>>,
}

/// Returns properties whose callbacks write to `told`.
fn properties(source: PaymentSource, told: &Rc<RefCell<Vec<String>>>) -> PayWithBanqProps {
    let log = |name: &'static str| {
        let told = told.clone();
        Callback::from(move |()| told.borrow_mut().push(name.to_owned()))
    };
    let (closed, failed) = (told.clone(), told.clone());
    props!(PayWithBanqProps {
        source,
        on_ready: log("ready"),
        on_popup_open: log("open"),
        on_popup_close: Callback::from(move |(reason, _): (CloseReason, _)| {
            closed.borrow_mut().push(format!("closed {reason:?}"));
        }),
        on_error: Callback::from(move |error: Failure| {
            failed.borrow_mut().push(format!("{} {}", error.code.as_str(), error.cause));
        }),
    })
}

impl Page {
    async fn with(source: PaymentSource, change: impl FnOnce(&mut PayWithBanqProps)) -> Self {
        let document = web_sys::window().unwrap().document().unwrap();
        let place = document.create_element("section").unwrap();
        document.body().unwrap().append_child(&place).unwrap();
        let told = Rc::default();
        let mut given = properties(source, &told);
        change(&mut given);
        let app = Renderer::<PayWithBanq>::with_root_and_props(place.clone(), given).render();
        let page = Self { place, app, told };
        until("the button", || page.find(".pay").is_some()).await;
        page
    }

    fn find(&self, selector: &str) -> Option<HtmlElement> {
        let host = self.place.first_element_child()?.first_element_child()?;
        Some(host.shadow_root()?.query_selector(selector).ok()??.unchecked_into())
    }

    fn press(&self) {
        self.find(".pay").unwrap().click();
    }

    fn was_told(&self, line: &str) -> bool {
        self.told.borrow().iter().any(|told| told == line)
    }

    async fn hears(&self, line: &str) {
        until(line, || self.was_told(line)).await;
    }
}

fn order(id: &str) -> PaymentSource {
    PaymentSource::endpoint(
        "https://pay.shop.example/generate-payment-link",
        &BTreeMap::from([("orderId", id)]),
    )
}

#[wasm_bindgen_test]
async fn an_order_of_any_shape_is_posted_and_another_one_is_asked_for() {
    shop_answers();
    let mut page = Page::with(order("A7"), |_| {}).await;
    page.hears("ready").await;
    page.press();
    until("a request", || posted() == [r#"{"orderId":"A7"}"#]).await;
    page.hears("open").await;
    until("the code", || page.find("canvas.qr").is_some()).await;
    // A rendering with an equal order, and then one with another.
    page.app.update(properties(order("A7"), &page.told));
    page.app.update(properties(order("B8"), &page.told));
    until("another request", || posted().len() > 1).await;
    assert_eq!(posted(), [r#"{"orderId":"A7"}"#, r#"{"orderId":"B8"}"#]);
    page.app.destroy();
}

#[wasm_bindgen_test]
async fn a_component_that_is_taken_away_leaves_nothing_and_says_so() {
    shop_answers();
    let page = Page::with(order("A7"), |_| {}).await;
    page.press();
    page.hears("open").await;
    let (place, told) = (page.place.clone(), page.told.clone());
    page.app.destroy();
    until("an empty place", || place.children().length() == 0).await;
    assert_eq!(told.borrow().last().unwrap(), "closed Destroyed");
}

#[wasm_bindgen_test]
async fn a_click_that_the_page_declines_asks_for_nothing() {
    shop_answers();
    let clicks = Rc::new(RefCell::new(0));
    let counted = clicks.clone();
    let page = Page::with(order("A7"), |props| {
        props.on_click = Some(Callback::from(move |()| {
            *counted.borrow_mut() += 1;
            *counted.borrow() > 1
        }));
    })
    .await;
    page.press();
    until("a click", || *clicks.borrow() == 1).await;
    TimeoutFuture::new(0).await;
    assert!(posted().is_empty() && !page.was_told("open"));
    page.press();
    page.hears("open").await;
    page.app.destroy();
}

#[wasm_bindgen_test]
async fn a_function_of_the_page_gets_the_requests_id() {
    let ids = Rc::new(RefCell::new(Vec::new()));
    let seen = ids.clone();
    let source = PaymentSource::function(move |id| {
        seen.borrow_mut().push(id);
        Promise::resolve(&JsValue::from("https://link.banq.com/abc"))
    });
    let page = Page::with(source, |_| {}).await;
    page.press();
    until("the code", || page.find("canvas.qr").is_some()).await;
    assert!(ids.borrow().len() == 1 && ids.borrow()[0].len() > 8, "{ids:?}");
    page.app.destroy();
}

#[wasm_bindgen_test]
async fn texts_are_those_of_the_language() {
    let json = include_str!("../www/languages/banq-de.json");
    let page = Page::with(order("A7"), |props| props.texts = Some(Texts { code: "de", json })).await;
    assert_eq!(page.find(".pay").unwrap().text_content().unwrap(), "Mit banq bezahlen");
    page.app.destroy();
}

#[wasm_bindgen_test]
async fn wrong_values_are_told_and_the_button_works() {
    /// Has no form in JSON.
    struct Never;
    impl serde::Serialize for Never {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("never"))
        }
    }
    let source = PaymentSource::endpoint("https://pay.shop.example/generate-payment-link", &Never);
    let page = Page::with(source, |props| {
        props.texts = Some(Texts { code: "de", json: "{" });
        props.grace_seconds = 90_000;
        props.support_url = Some("javascript:alert(1)".into());
        props.locale = Some("C.UTF-8".into());
    })
    .await;
    page.hears("ready").await;
    until("all mistakes", || page.told.borrow().len() > 5).await;
    let told = page.told.borrow().join("\n");
    for name in ["order", "texts", "grace_seconds", "support_url", "locale"] {
        assert!(
            told.contains(&format!("{} {name}: expected", ErrorCode::InvalidOption.as_str())),
            "{name}: {told}"
        );
    }
    assert_eq!(page.find(".pay").unwrap().text_content().unwrap(), "Pay with banq");
    page.app.destroy();
}

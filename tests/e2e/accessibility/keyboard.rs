//! A payment without a pointer, in each engine.

use banq_checkout_e2e::{Browser, Engine, Page, TestApp, becomes};
use banq_simulator::Action;
use serde_json::json;
use thirtyfour::prelude::*;

use super::colours::FAINT;
use super::nothing_wrong;
use crate::engines::in_each_engine;

in_each_engine! {
    paid_by_keyboard_alone
}

async fn press(browser: &Browser, keys: &[Key]) {
    let chain = keys.iter().fold(browser.driver.action_chain(), |chain, key| chain.key_down(key.clone()));
    let chain = keys.iter().rev().fold(chain, |chain, key| chain.key_up(key.clone()));
    chain.perform().await.unwrap();
}

/// The dialog's controls in the order in which they are read.
const CONTROLS: [&str; 3] = ["close", "action", "small"];

/// Whether what has the focus shows it.
const SEEN: &str = "(one => !one || one.matches(':focus-visible') && getComputedStyle(one).outlineStyle !== 'none')(root.activeElement)";

/// Where the focus is: the class or text of the widget's control, or what the page has.
async fn focus(page: &Page<'_>) -> String {
    let script = "const page = document.activeElement, one = page.shadowRoot?.activeElement ?? page; \
                  return one.className || one.id || one.localName";
    page.run(script).await.as_str().unwrap().to_owned()
}

async fn paid_by_keyboard_alone(engine: Engine, name: &str) {
    let app = TestApp::start().await;
    let browser = Browser::start_in(engine).await;
    let html = app.html(&app.asks()).replace("<h1>", "<button id=\"before\">Before</button><h1>").replace(
        "<div id=\"pay-with-banq\"></div>",
        "<div id=\"pay-with-banq\"></div><button id=\"after\">After</button>",
    );
    let page = Page::open(&browser.driver, &app.pages.add("keyboard", html)).await;
    page.called("onReady").await;
    for expected in ["before", "pay", "after"] {
        press(&browser, &[Key::Tab]).await;
        becomes!(focus(&page).await, expected, "the page's order");
    }
    press(&browser, &[Key::Shift, Key::Tab]).await;
    becomes!(focus(&page).await, "pay", "backwards");
    becomes!(page.run(&Page::in_widget(SEEN)).await, json!(true), "the focus is seen");
    nothing_wrong(&page, "button", FAINT).await;
    page.screenshot(&format!("{name}-focus-button")).await;
    press(&browser, &[Key::Space]).await;
    page.link().await;

    // Round the dialog, in the order in which it is read, and never behind it. After the last control Firefox goes to
    // its own, from where the driver's keys do not bring it back.
    let (round, back) = if engine == Engine::Firefox { (2, 2) } else { (10, 10) };
    page.until("root.activeElement?.closest('dialog')").await;
    let mut seen = vec![focus(&page).await];
    for step in 0..round + back {
        becomes!(page.run(&Page::in_widget(SEEN)).await, json!(true), "{seen:?}: the focus is seen");
        nothing_wrong(&page, "pending", FAINT).await;
        press(&browser, if step < round { &[Key::Tab] } else { &[Key::Shift, Key::Tab] }).await;
        page.settled().await;
        seen.push(focus(&page).await);
    }
    // Between its end and its beginning a browser may stop at the dialog itself, or at controls of its own.
    let (round, back) = seen.split_at(round + 1);
    let controls = |seen: &[String]| {
        seen.iter().filter(|one| *one != "body" && *one != "dialog").cloned().collect::<Vec<_>>()
    };
    let (round, back) = (controls(round), controls(back));
    assert!(round.iter().zip(CONTROLS.iter().cycle()).all(|(one, control)| one == control), "{seen:?}");
    assert!(
        back.iter().zip(round.iter().rev().skip(1)).all(|(one, other)| one == other),
        "{seen:?}: backwards"
    );
    assert!(engine == Engine::Firefox || round.len() > 5, "{seen:?}: round");
    page.screenshot(&format!("{name}-focus-dialog")).await;

    // Out and in again.
    press(&browser, &[Key::Escape]).await;
    page.until("!root.querySelector('dialog').open").await;
    becomes!(focus(&page).await, "pay", "the focus returns");
    press(&browser, &[Key::Enter]).await;
    page.link().await;

    // The control that has the focus goes, and the next thing to do takes it.
    app.act(Action::AcceptOnly).await;
    page.shows("Payment accepted").await;
    press(&browser, &[Key::Escape]).await;
    page.shows("Your payment will continue").await;
    page.until("root.activeElement?.closest('dialog')").await;
    press(&browser, &[Key::Tab]).await;
    becomes!(focus(&page).await, "action first");
    press(&browser, &[Key::Enter]).await;
    page.until("!root.querySelector('[role=alert]')").await;
    page.until("root.activeElement?.closest('dialog')").await;
    app.act(Action::Complete).await;
    page.ended_by("onPaymentSuccess").await;
    page.until("[...root.querySelectorAll('button')].some((one) => one.innerText === 'Done')").await;
    // The control that had the focus may have become this one.
    if focus(&page).await != "action first" {
        press(&browser, &[Key::Tab]).await;
    }
    becomes!(focus(&page).await, "action first", "Done");
    press(&browser, &[Key::Enter]).await;
    page.called("onPopUpClose").await;
    becomes!(focus(&page).await, "pay", "the focus returns");
    page.assert_page_healthy().await;
    browser.quit().await;
}

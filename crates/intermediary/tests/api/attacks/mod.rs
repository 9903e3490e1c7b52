//! One test per attack. Each is refused, and afterwards the server is healthy and an order can be paid.
//!
//! - [`signatures`], [`replays`]: webhooks by somebody else, or again
//! - [`ids`], [`bodies`], [`prices`], [`orders`]: what is in a request
//! - [`guessing`], [`origins`], [`paths`], [`confusion`]: what is asked for, and from where
//! - [`slow`], [`floods`], [`smuggling`]: how it is sent
//! - [`banq`]: a Banq that has been taken over, its [`payment_links`] and [`redirects`]
//! - [`secrets`]: what leaks

mod banq;
mod bodies;
mod confusion;
mod floods;
mod guessing;
mod ids;
mod orders;
mod origins;
mod paths;
mod payment_links;
mod prices;
mod redirects;
mod replays;
mod secrets;
mod signatures;
mod slow;
mod smuggling;

use serde_json::Value;

use crate::helpers::{Answer, TestApp};

const HOOK: &str = "/your-web-hooks/payment-status";

/// A payment that nobody made.
const SOMEBODY: &str = "9bf48226-79c3-43d2-9be5-264bfef4660d";

/// Asks for a link as the shop's page, with any body.
async fn ask_raw(app: &TestApp, body: impl Into<reqwest::Body>) -> Answer {
    app.ask_with(&[("content-type", "application/json")], body).await
}

/// Nothing was written, and nothing was asked of Banq.
async fn assert_nothing_happened(app: &TestApp) {
    assert_eq!(app.database().await.everything().await, "");
    assert!(app.control.requests().is_empty());
}

/// The status of a raw answer, `0` for a connection that was closed without one.
fn status(answer: &str) -> u16 {
    let word = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.split(' ').next());
    word.map_or(0, |word| word.parse().unwrap())
}

/// How many answers there are in what a connection brought.
fn answers(text: &str) -> usize {
    text.matches("HTTP/1.1 ").count()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

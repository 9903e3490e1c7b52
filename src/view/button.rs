//! The button in the page.

use yew::Html;

use super::Scene;
use super::element::{button, el};
use crate::checkout::Message;
use crate::state::{Event, Phase};

pub(super) fn view(scene: &Scene<'_>) -> Html {
    let busy = matches!(scene.state.phase, Phase::Requesting);
    button("pay", "Pay with ", scene.link, || Message::Event(Event::Open))
        .attr("part", "button")
        .attr("aria-haspopup", "dialog")
        .attr("aria-busy", if busy { "true" } else { "false" })
        .child(el("span", "tag").text("banq".into()).done())
        .child_if(busy, spinner)
        .done()
}

/// Says "working" to the eye; the words say it to everybody else.
pub(super) fn spinner() -> Html {
    el("span", "spinner").attr("aria-hidden", "true").done()
}

//! The dialog: heading, what is being paid, and whatever the phase shows.

use yew::Html;

use super::button::spinner;
use super::element::{On, button, el, line};
use super::{Scene, amount, outcome, pay};
use crate::checkout::Message;
use crate::state::{CloseReason, Dialog, Event, Phase};
use crate::words;

pub(super) fn view(scene: &Scene<'_>) -> Html {
    let close = || Message::Event(Event::Close(CloseReason::User));
    // Not a `<header>`, which a screen reader would offer as the page's.
    let header = el("div", "header")
        .child(
            el("h2", "")
                .attr("id", "title")
                .text("Pay with ".into())
                .child(el("b", "").text("banq".into()).done())
                .done(),
        )
        .child(button("close", "×", scene.link, close).attr("aria-label", "Close").done());
    let shown = scene.state.dialog != Dialog::Closed;
    el("dialog", "")
        .reference(&scene.nodes.dialog)
        .attr("part", "dialog")
        .attr("aria-labelledby", "title")
        // Escape asks to close, and asked twice it closes at once: the state machine hears of both.
        .on(On::Cancel, scene.link, close)
        .on(On::Close, scene.link, || Message::DialogClosed)
        .child(header.done())
        // Stays in place while its text changes, so that a screen reader reads each change.
        .child(el("div", "body").attr("role", "status").child_if(shown, || body(scene)).done())
        .child_if(shown, || actions(scene))
        .done()
}

/// Whether it is really to be closed while the payment is being confirmed.
fn asking(scene: &Scene<'_>) -> Html {
    el("div", "")
        .attr("role", "alert")
        .child(line("hint", words::CLOSE_ANYWAY))
        .child(button("action", "Keep this open", scene.link, || Message::Event(Event::Stay)).done())
        .child(button("copy", "Close", scene.link, || Message::Event(Event::Close(CloseReason::User))).done())
        .done()
}

/// What is read out.
fn body(scene: &Scene<'_>) -> Html {
    match &scene.state.phase {
        Phase::Idle | Phase::Destroyed => Html::default(),
        Phase::Requesting => el("p", "wait").child(spinner()).text("Preparing your payment…".into()).done(),
        Phase::Refused(failure) => line("problem", words::error(failure.code)),
        Phase::Active(checkout) => {
            el("div", "").child(amount::view(scene, checkout)).child(outcome::view(scene, checkout)).done()
        }
    }
}

/// What can be done.
fn actions(scene: &Scene<'_>) -> Html {
    if scene.state.dialog == Dialog::Asking {
        return asking(scene);
    }
    match &scene.state.phase {
        Phase::Idle | Phase::Destroyed => Html::default(),
        Phase::Requesting => pay::requesting(scene),
        Phase::Refused(failure) if failure.code.is_recoverable() => pay::retry(scene, "Try again"),
        Phase::Refused(_) => Html::default(),
        Phase::Active(checkout) => pay::view(scene, checkout),
    }
}

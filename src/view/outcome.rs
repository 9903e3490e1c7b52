//! Where the payment stands, in words.

use banq_checkout_wire::Status;
use yew::Html;

use super::Scene;
use super::element::{el, line};
use crate::error::ErrorCode;
use crate::options::Presentation;
use crate::state::{Channel, Checkout, PayWindow};
use crate::words;

pub(super) fn view(scene: &Scene<'_>, checkout: &Checkout) -> Html {
    let (headline, mut sentence) =
        checkout.issue.map_or_else(|| words::status(checkout.status, checkout.fail_reason), words::issue);
    let pending = checkout.is_payable();
    if scene.touch && pending {
        sentence = words::PENDING_ON_PHONE;
    }
    let window_open =
        scene.state.window == PayWindow::Open && scene.options.presentation == Presentation::Popup;
    let waiting = !checkout.status.is_terminal();
    let (tone, mark) = match checkout.issue {
        // Neither good nor bad yet, and no green.
        Some(_) => ("outcome waiting", "!"),
        None => (tone(checkout.status), mark(checkout.status)),
    };
    let mark = el("span", "mark").attr("aria-hidden", "true").text(mark.into());
    el("div", tone)
        .attr("data-status", checkout.status.as_str())
        .child(el("p", "headline").child(mark.done()).text(headline.into()).done())
        .child(line("", sentence))
        .child_if(waiting && scene.state.channel == Channel::Lost, || line("hint", words::CONNECTION_LOST))
        .child_if(waiting && window_open, || line("hint", words::WINDOW_OPEN))
        // Afterwards there is no link to open.
        .child_if(pending && scene.state.window == PayWindow::Blocked, || {
            line("problem", words::error(ErrorCode::WindowBlocked))
        })
        .done()
}

/// Colour follows meaning; the words carry it too.
const fn tone(status: Status) -> &'static str {
    match status {
        Status::Pending | Status::Processing | Status::OnHold => "outcome waiting",
        Status::Paid => "outcome good",
        Status::Declined | Status::Failed | Status::Canceled | Status::Expired | Status::Reversed => {
            "outcome bad"
        }
    }
}

const fn mark(status: Status) -> &'static str {
    match status {
        Status::Pending | Status::Processing => "…",
        Status::OnHold => "‖",
        Status::Paid => "✓",
        Status::Declined | Status::Failed | Status::Canceled => "✕",
        Status::Expired => "!",
        Status::Reversed => "↺",
    }
}

//! Where the payment stands, in words.

use banq_checkout_wire::Status;
use yew::{Html, html};

use super::Scene;
use crate::error::ErrorCode;
use crate::state::{Channel, Checkout, PayWindow};
use crate::words;

pub(super) fn view(scene: &Scene<'_>, checkout: &Checkout) -> Html {
    let (headline, sentence) = words::status(checkout.status, checkout.fail_reason);
    let waiting = !checkout.status.is_terminal();
    html! {
        <div class={["outcome ", tone(checkout.status)].concat()} data-status={checkout.status.as_str()}>
            <p class="headline"><span class="mark" aria-hidden="true">{ mark(checkout.status) }</span>{ headline }</p>
            <p>{ sentence }</p>
            if waiting && scene.state.channel == Channel::Lost {
                <p class="hint">{ "Connection lost. Trying again; your payment is safe." }</p>
            }
            if waiting && scene.state.window == PayWindow::Open {
                <p class="hint">{ "Finish the payment in the window that opened." }</p>
            }
            if waiting && scene.state.window == PayWindow::Blocked {
                <p class="problem">{ words::error(ErrorCode::WindowBlocked) }</p>
            }
        </div>
    }
}

/// Colour follows meaning; the words carry it too.
const fn tone(status: Status) -> &'static str {
    match status {
        Status::Pending | Status::Processing | Status::OnHold => "waiting",
        Status::Paid => "good",
        Status::Declined | Status::Failed | Status::Canceled | Status::Expired | Status::Reversed => "bad",
    }
}

const fn mark(status: Status) -> &'static str {
    match status {
        Status::Pending | Status::Processing => "…",
        Status::OnHold => "‖",
        Status::Paid => "✓",
        Status::Declined | Status::Failed | Status::Canceled => "✕",
        Status::Expired => "⧗",
        Status::Reversed => "↺",
    }
}

//! Draws the status of the payment, in words.

use banq_checkout_wire::Status;
use yew::{Html, html};

use super::{ViewProps, hint, problem};
use crate::messages;
use crate::options::Presentation;
use crate::state::{Channel, Checkout, PayWindow};

pub(super) fn view(props: &ViewProps<'_>, checkout: &Checkout) -> Html {
    let (headline, mut sentence) = checkout
        .issue
        .map_or_else(|| messages::status(checkout.status, checkout.fail_reason), messages::issue);
    let pending = checkout.is_payable();
    if props.touch && pending {
        sentence = messages::PENDING_ON_PHONE;
    }
    let window_open =
        props.state.window == PayWindow::Open && props.options.presentation == Presentation::Popup;
    let waiting = !checkout.status.is_terminal();
    let (tone, mark) = match checkout.issue {
        // The money is in question: the mark is neither good nor bad, and not green.
        Some(_) => ("held", "!"),
        None => (tone(checkout.status), mark(checkout.status)),
    };
    html! {
        <div class="outcome" data-status={checkout.status.as_str()} data-tone={tone}>
            <p key={headline} class="headline">
                <span class="mark" aria-hidden="true">{ mark }</span>
                { headline }
            </p>
            <p key={sentence}>{ sentence }</p>
            if waiting && props.state.channel == Channel::Lost { { hint(messages::CONNECTION_LOST) } }
            if waiting && window_open { { hint(messages::WINDOW_OPEN) } }
            // After that, there is no link to open.
            if pending && props.state.window == PayWindow::Blocked { { problem(messages::WINDOW_BLOCKED) } }
        </div>
    }
}

/// Returns the colour of a status. The words say the same as the colour.
const fn tone(status: Status) -> &'static str {
    match status {
        Status::Pending | Status::Processing => "waiting",
        Status::OnHold => "held",
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
        Status::Expired => "!",
        Status::Reversed => "↺",
    }
}

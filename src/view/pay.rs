//! What the shopper can do at each status.

use banq_checkout_wire::Status;
use yew::Html;

use super::element::{button, el};
use super::{Scene, link, qr};
use crate::checkout::Message;
use crate::state::{Checkout, CloseReason, Event, PayWindow};

pub(super) fn view(scene: &Scene<'_>, checkout: &Checkout) -> Html {
    match checkout.status {
        Status::Pending => {
            let url = &checkout.info.url;
            let label = match scene.state.window {
                PayWindow::Open => "Go to the payment window",
                PayWindow::Closed | PayWindow::Blocked => "Pay in the browser",
            };
            el("div", "")
                .child(qr::view(url.as_str()))
                .child(button("action", label, scene.link, || Message::OpenWindow).done())
                .child(link::view(scene, url.as_str()))
                .done()
        }
        // Paying twice is the last thing to invite now: no code, no link.
        Status::Processing | Status::OnHold => Html::default(),
        Status::Paid => {
            button("action", "Done", scene.link, || Message::Event(Event::Close(CloseReason::User))).done()
        }
        Status::Expired => retry(scene, "Get a new code"),
        Status::Declined | Status::Failed | Status::Canceled | Status::Reversed => retry(scene, "Try again"),
    }
}

/// Asks for another link.
pub(super) fn retry(scene: &Scene<'_>, label: &'static str) -> Html {
    button("action", label, scene.link, || Message::Event(Event::Retry)).done()
}

//! What the shopper can do at each status.

use banq_checkout_wire::Status;
use yew::{Html, html};

use super::{Scene, link, qr};
use crate::checkout::Message;
use crate::state::{Checkout, CloseReason, Event, PayWindow};

pub(super) fn view(scene: &Scene<'_>, checkout: &Checkout, retry: impl Fn(&'static str) -> Html) -> Html {
    match checkout.status {
        Status::Pending => {
            let url = &checkout.info.url;
            let onclick = scene.link.callback(|_| Message::OpenWindow);
            let label = match scene.state.window {
                PayWindow::Open => "Go to the payment window",
                PayWindow::Closed | PayWindow::Blocked => "Pay in the browser",
            };
            html! {
                <>
                    { qr::view(url.as_str()) }
                    <button class="action" type="button" {onclick}>{ label }</button>
                    { link::view(scene, url.as_str()) }
                </>
            }
        }
        // Paying twice is the last thing to invite now: no code, no link.
        Status::Processing | Status::OnHold => html! {},
        Status::Paid => {
            let onclick = scene.link.callback(|_| Message::Event(Event::Close(CloseReason::User)));
            html! { <button class="action" type="button" {onclick}>{ "Done" }</button> }
        }
        Status::Expired => retry("Get a new code"),
        Status::Declined | Status::Failed | Status::Canceled | Status::Reversed => retry("Try again"),
    }
}

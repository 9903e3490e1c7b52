//! What the shopper can do at each status.

use banq_checkout_wire::Status;
use yew::Html;

use super::element::{button, el};
use super::{Scene, link, qr};
use crate::checkout::Message;
use crate::options::Presentation;
use crate::state::{Checkout, CloseReason, Event, PayWindow};

/// What the hosted page can do in the frame: run its own script in its own origin (its login, its session, and the
/// cookies for which the browser asks the shopper), send its forms, and open a bank's page or an app. It cannot
/// leave the frame: no navigation of the shop's page, and what it opens is held to the same.
const SANDBOX: &str =
    "allow-scripts allow-same-origin allow-storage-access-by-user-activation allow-forms allow-popups";

pub(super) fn view(scene: &Scene<'_>, checkout: &Checkout) -> Html {
    if checkout.issue.is_some() {
        // A person has to look at it: nothing here can help.
        return Html::default();
    }
    match checkout.status {
        Status::Pending => pending(scene, checkout),
        // Paying twice is the last thing to invite now: no code, no link.
        Status::Processing | Status::OnHold => Html::default(),
        Status::Paid => {
            button("action", "Done", scene.link, || Message::Event(Event::Close(CloseReason::User))).done()
        }
        Status::Expired => retry(scene, "Get a new code"),
        Status::Declined | Status::Failed | Status::Canceled | Status::Reversed => retry(scene, "Try again"),
    }
}

/// The browser lets a window open in the click only, so that need not wait for the link. The button stays the
/// same element when the link arrives: a click at that moment is not lost.
pub(super) fn requesting(scene: &Scene<'_>) -> Html {
    if scene.options.presentation != Presentation::Popup || scene.touch {
        return el("div", "").done();
    }
    // Room for the countdown and the code, which push nothing away when they come.
    el("div", "")
        .child(el("p", "hint").attr("role", "timer").done())
        .child(Html::default())
        .child(el("div", "qr").done())
        .child(hosted_page(scene))
        .done()
}

fn pending(scene: &Scene<'_>, checkout: &Checkout) -> Html {
    let url = checkout.info.url.as_str();
    if scene.options.presentation == Presentation::Frame && scene.state.window == PayWindow::Open {
        return el("iframe", "")
            .reference(&scene.nodes.frame)
            .attr("title", "banq")
            .attr("allow", "payment")
            .attr("sandbox", SANDBOX)
            // The shop's origin, which the page tells its end to, and not the address with the order in it.
            .attr("referrerpolicy", "strict-origin")
            .set("src", url.to_owned().into())
            .done();
    }
    let code = qr::view(url);
    let hosted = hosted_page(scene);
    // On the phone itself the app comes first: nobody can scan a code on the screen that shows it. The hosted
    // page stays where the shop asked for it, or where only its word can reach this page.
    let wanted = scene.options.presentation != Presentation::Popup || checkout.info.events_url.is_none();
    let [first, second, third] = match (scene.touch, wanted) {
        (true, true) => [app(url), code, hosted],
        (true, false) => [app(url), code, Html::default()],
        (false, _) => [Html::default(), code, hosted],
    };
    el("div", "")
        .child(clock(scene, checkout))
        .child(first)
        .child(second)
        .child(third)
        .child(link::view(scene, url))
        .done()
}

/// Counts down outside of what is read out: a screen reader would say every second.
fn clock(scene: &Scene<'_>, checkout: &Checkout) -> Html {
    if checkout.expires_at.is_none() {
        return Html::default();
    }
    el("p", "hint").reference(&scene.nodes.clock).attr("role", "timer").done()
}

/// The link opens the app where there is one, and the hosted page where there is none.
fn app(url: &str) -> Html {
    el("a", "action")
        .set("href", url.to_owned().into())
        .attr("target", "_blank")
        .attr("rel", "noopener noreferrer")
        .text("Open the banq app".into())
        .done()
}

/// Opens the hosted payment page.
pub(super) fn hosted_page(scene: &Scene<'_>) -> Html {
    let label = match scene.state.window {
        PayWindow::Open => "Go to the payment window",
        PayWindow::Closed | PayWindow::Blocked => "Pay in the browser",
    };
    button("action", label, scene.link, || Message::OpenHostedPage).done()
}

/// Asks for another link.
pub(super) fn retry(scene: &Scene<'_>, label: &'static str) -> Html {
    button("action", label, scene.link, || Message::Event(Event::Retry)).done()
}

//! Draws the actions that the shopper can take at each status.

use banq_checkout_wire::Status;
use yew::{Html, html};

use super::{ViewProps, action, copy_link, qr};
use crate::checkout::Message;
use crate::messages;
use crate::options::Presentation;
use crate::state::{Checkout, CloseReason, Event, PayWindow};

/// The permissions of the hosted page in the frame: it may run scripts in its own origin (its login, its session, and
/// the cookies for which the browser asks the shopper), send its forms, and open a bank's page or an app. It cannot
/// leave the frame or navigate the shop's page, and pages that it opens have the same limits.
const SANDBOX: &str =
    "allow-scripts allow-same-origin allow-storage-access-by-user-activation allow-forms allow-popups";

pub(super) fn view(props: &ViewProps<'_>, checkout: &Checkout) -> Html {
    if checkout.issue.is_some() {
        // A person has to look at this payment; no action of the shopper can help.
        return Html::default();
    }
    match checkout.status {
        Status::Pending => pending(props, checkout),
        // No code and no link: the shopper must not be invited to pay twice.
        Status::Processing | Status::OnHold => Html::default(),
        Status::Paid => action(props, messages::DONE, || Message::Event(Event::Close(CloseReason::User))),
        Status::Expired => retry(props, messages::NEW_CODE),
        Status::Declined | Status::Failed | Status::Canceled | Status::Reversed => {
            retry(props, messages::TRY_AGAIN)
        }
    }
}

/// Draws the room for the link, and the button for the hosted page: the browser lets a window open only in a click, and
/// that need not wait for the link. The button stays the same element when the link arrives, in [`link`], so that a
/// click at that moment is not lost.
pub(super) fn requesting(props: &ViewProps<'_>) -> Html {
    if props.options.presentation != Presentation::Popup || props.touch {
        return html! { <div /> };
    }
    link(props, None)
}

fn pending(props: &ViewProps<'_>, checkout: &Checkout) -> Html {
    if props.options.presentation == Presentation::Iframe && props.state.window == PayWindow::Open {
        return html! {
            <iframe
                ref={&props.nodes.frame}
                title="banq"
                allow="payment"
                sandbox={SANDBOX}
                // Sends only the shop's origin, to which the hosted page reports its end, and not the address with the
                // order in it.
                referrerpolicy="strict-origin"
                src={checkout.info.url.as_str().to_owned()}
            />
        };
    }
    link(props, Some(checkout))
}

/// Draws the countdown, the code and the buttons; before the link is there, empty space for them, so that nothing moves
/// when they come.
fn link(props: &ViewProps<'_>, checkout: Option<&Checkout>) -> Html {
    let url = checkout.map(|checkout| checkout.info.url.as_str());
    let code = url.map_or_else(|| html! { <div class="qr" /> }, |_| qr::view(props));
    // On a phone the app comes first: a phone cannot scan the code on its own screen. The button for the hosted page is
    // drawn if the shop asked for that page, or if only its messages can reach this page.
    let app = url.filter(|_| props.touch).map(app);
    let heard = checkout.is_none_or(|checkout| checkout.info.events_url.is_some());
    let wanted = !props.touch || props.options.presentation != Presentation::Popup || !heard;
    let hosted = wanted.then(|| hosted_page(props));
    html! {
        <div>
            // The seconds are written outside of the part that a screen reader reads out: it would read each second.
            if checkout.is_none_or(|checkout| checkout.expires_at().is_some()) {
                <p class="hint" role="timer" ref={&props.nodes.clock} />
            }
            { app.unwrap_or_default() }
            { code }
            { hosted.unwrap_or_default() }
            { url.map(|url| copy_link::view(props, url)).unwrap_or_default() }
        </div>
    }
}

/// Draws a link that opens the app, or the hosted page if there is no app.
fn app(url: &str) -> Html {
    html! {
        <a class="action" href={url.to_owned()} target="_blank" rel="noopener noreferrer">{ messages::OPEN_APP }</a>
    }
}

/// Draws the button that opens the hosted payment page.
fn hosted_page(props: &ViewProps<'_>) -> Html {
    let label = match props.state.window {
        PayWindow::Open => messages::GO_TO_WINDOW,
        PayWindow::Closed | PayWindow::Blocked => messages::PAY_IN_BROWSER,
    };
    action(props, label, || Message::OpenHostedPage)
}

/// Draws the button that requests another link.
pub(super) fn retry(props: &ViewProps<'_>, label: &'static str) -> Html {
    action(props, label, || Message::Event(Event::Retry))
}

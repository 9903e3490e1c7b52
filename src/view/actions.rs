//! What the shopper can do at each status.

use banq_checkout_wire::Status;
use yew::{Html, html};

use super::{ViewProps, action, copy_link, qr};
use crate::checkout::Message;
use crate::messages;
use crate::options::Presentation;
use crate::state::{Checkout, CloseReason, Event, PayWindow};

/// What the hosted page can do in the frame: run its own script in its own origin (its login, its session, and the
/// cookies for which the browser asks the shopper), send its forms, and open a bank's page or an app. It cannot
/// leave the frame: no navigation of the shop's page, and what it opens is held to the same.
const SANDBOX: &str =
    "allow-scripts allow-same-origin allow-storage-access-by-user-activation allow-forms allow-popups";

pub(super) fn view(props: &ViewProps<'_>, checkout: &Checkout) -> Html {
    if checkout.issue.is_some() {
        // A person has to look at it: nothing here can help.
        return Html::default();
    }
    match checkout.status {
        Status::Pending => pending(props, checkout),
        // Paying twice is the last thing to invite now: no code, no link.
        Status::Processing | Status::OnHold => Html::default(),
        Status::Paid => action(props, messages::DONE, || Message::Event(Event::Close(CloseReason::User))),
        Status::Expired => retry(props, messages::NEW_CODE),
        Status::Declined | Status::Failed | Status::Canceled | Status::Reversed => {
            retry(props, messages::TRY_AGAIN)
        }
    }
}

/// The browser lets a window open in the click only, so that need not wait for the link. The button stays the
/// same element when the link arrives, in [`link`]: a click at that moment is not lost.
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
                // The shop's origin, which the page tells its end to, and not the address with the order in it.
                referrerpolicy="strict-origin"
                src={checkout.info.url.as_str().to_owned()}
            />
        };
    }
    link(props, Some(checkout))
}

/// The countdown, the code and the buttons; before the link is there, the room for them, so that they push nothing away
/// when they come.
fn link(props: &ViewProps<'_>, checkout: Option<&Checkout>) -> Html {
    let url = checkout.map(|checkout| checkout.info.url.as_str());
    let code = url.map_or_else(|| html! { <div class="qr" /> }, |_| qr::view(props));
    // On the phone itself the app comes first: the screen that shows a code cannot scan it. The hosted page stays
    // where the shop asked for it, or where only its word can reach this page.
    let app = url.filter(|_| props.touch).map(app);
    let heard = checkout.is_none_or(|checkout| checkout.info.events_url.is_some());
    let wanted = !props.touch || props.options.presentation != Presentation::Popup || !heard;
    let hosted = wanted.then(|| hosted_page(props));
    html! {
        <div>
            // Its seconds are written outside of what is read out: a screen reader would say each.
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

/// The link opens the app where there is one, and the hosted page where there is none.
fn app(url: &str) -> Html {
    html! {
        <a class="action" href={url.to_owned()} target="_blank" rel="noopener noreferrer">{ messages::OPEN_APP }</a>
    }
}

/// Opens the hosted payment page.
fn hosted_page(props: &ViewProps<'_>) -> Html {
    let label = match props.state.window {
        PayWindow::Open => messages::GO_TO_WINDOW,
        PayWindow::Closed | PayWindow::Blocked => messages::PAY_IN_BROWSER,
    };
    action(props, label, || Message::OpenHostedPage)
}

/// Requests another link.
pub(super) fn retry(props: &ViewProps<'_>, label: &'static str) -> Html {
    action(props, label, || Message::Event(Event::Retry))
}

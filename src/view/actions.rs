//! Draws the buttons that lead to a payment: the app's, and the hosted page's.

use yew::{Html, html};

use super::{ViewProps, action, anchor, waiting};
use crate::checkout::Message;
use crate::messages::Text;
use crate::state::{Checkout, PayWindow};

/// The permissions of the hosted page in the frame: it may run scripts in its own origin (its login, its session, and
/// the cookies for which the browser asks the shopper), send its forms, and open a bank's page or an app. It cannot
/// leave the frame or navigate the shop's page, and pages that it opens have the same limits.
const SANDBOX: &str =
    "allow-scripts allow-same-origin allow-storage-access-by-user-activation allow-forms allow-popups";

/// Draws the hosted page in a frame.
pub(super) fn frame(props: &ViewProps<'_>, checkout: &Checkout) -> Html {
    html! {
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
    }
}

/// Draws what a phone needs: the app first, then the hosted page, and the code for another phone.
pub(super) fn for_phone(props: &ViewProps<'_>, checkout: &Checkout) -> Html {
    html! {
        <div class="choices">
            { waiting::time(props) }
            { anchor("action first", checkout.info.url.as_str(), props.say(Text::OpenApp)) }
            { hosted_page(props, Some(checkout)) }
            <details>
                <summary>{ props.say(Text::OtherPhone) }</summary>
                { waiting::code(props, Some(checkout)) }
            </details>
        </div>
    }
}

/// Draws the button that opens the hosted payment page. The browser lets a window open only in a click, and that need
/// not wait for the link. If the browser blocked the window, the button becomes the link.
pub(super) fn hosted_page(props: &ViewProps<'_>, checkout: Option<&Checkout>) -> Html {
    let label = match (props.state.window, checkout) {
        (PayWindow::Open, _) => Text::Window,
        (PayWindow::Blocked, Some(checkout)) => {
            return anchor("action first", checkout.info.url.as_str(), props.say(Text::OpenPage));
        }
        (PayWindow::Closed | PayWindow::Blocked, _) if props.touch => Text::Browser,
        (PayWindow::Closed | PayWindow::Blocked, _) => Text::Here,
    };
    action(props, "action", label, || Message::OpenHostedPage)
}

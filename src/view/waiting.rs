//! Draws the way to pay: amount, code and remaining time; before the link is there, a sketch of them of the same size, so
//! that nothing moves when they come.

use yew::{Html, html};

use super::{ViewProps, line, qr};
use crate::messages::Text;
use crate::state::{Channel, Checkout, PayWindow};

/// Draws the code; before the link is there, its empty place.
pub(super) fn code(props: &ViewProps<'_>, checkout: Option<&Checkout>) -> Html {
    html! {
        <div class="frame" part="code">
            { checkout.map_or_else(|| html! { <div class="qr bone" /> }, |checkout| qr::view(props, checkout)) }
        </div>
    }
}

/// Draws the place of the remaining time. It is outside of what a screen reader reads out at a change: that would be
/// each second.
pub(super) fn time(props: &ViewProps<'_>) -> Html {
    html! { <p class="time" role="timer" aria-label={props.text(Text::TimeLeft)} ref={&props.nodes.clock} /> }
}

/// Draws the state, and below it what to do, or what is in the way. The second line has its own room, so that the code
/// above stays where it is while somebody holds a camera at it.
pub(super) fn words(props: &ViewProps<'_>, checkout: Option<&Checkout>) -> Html {
    let headline = if checkout.is_some() { Text::Waiting } else { Text::Preparing };
    let is_blocked = props.options.presentation.opens_window() && props.state.window == PayWindow::Blocked;
    let (class, notice) = match trouble(props) {
        _ if props.time_is_up => ("soft", Some(Text::Checking)),
        _ if is_blocked => ("problem", Some(Text::WindowBlocked)),
        Some((class, text)) => (class, Some(text)),
        None if props.touch || checkout.is_none() => ("soft", None),
        None => ("soft", Some(Text::Scan)),
    };
    html! {
        <div class="state">
            <p key={headline as u32} class="headline"><span class="dot" aria-hidden="true" />{ props.say(headline) }</p>
            if let Some(notice) = notice { { line(class, &props.text(notice)) } }
        </div>
    }
}

/// Returns what keeps the shopper from seeing the payment here: a broken connection, or another window in front.
pub(super) fn trouble(props: &ViewProps<'_>) -> Option<(&'static str, Text)> {
    if props.state.channel == Channel::Lost {
        return Some(("problem", Text::Lost));
    }
    let in_window = props.options.presentation.opens_window() && props.state.window == PayWindow::Open;
    in_window.then_some(("soft", Text::WindowOpen))
}

/// Draws the places of the amount and the comment.
pub(super) fn sketch() -> Html {
    html! { <><p class="amount bone" /><p class="soft bone" /></> }
}

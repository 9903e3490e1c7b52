//! Draws the line below the code: what to do, or what is in the way. It has its own room, so that the code above it stays
//! where it is while somebody holds a camera at it.

use yew::{Html, html};

use super::{ViewProps, line};
use crate::messages::Text;
use crate::state::{Channel, Checkout, PayWindow};

pub(super) fn view(props: &ViewProps<'_>, checkout: Option<&Checkout>) -> Html {
    let window = props.options.presentation.opens_window().then_some(props.state.window);
    let (class, text) = match (props.state.channel, window) {
        _ if props.time_is_up => ("soft", Some(Text::Checking)),
        (_, Some(PayWindow::Blocked)) => ("problem", Some(Text::WindowBlocked)),
        (Channel::Lost, _) => ("problem", Some(Text::Lost)),
        (_, Some(PayWindow::Open)) => ("soft", Some(Text::WindowOpen)),
        _ if props.touch || checkout.is_none() => ("soft", None),
        _ => ("soft", Some(Text::Scan)),
    };
    html! {
        <div class="notice">
            if let Some(text) = text { { line(class, &props.text(text)) } }
        </div>
    }
}

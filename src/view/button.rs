//! Draws the button in the page.

use yew::{Html, html};

use super::ViewProps;
use crate::checkout::Message;
use crate::messages;
use crate::state::{Event, Phase};

pub(super) fn view(props: &ViewProps<'_>) -> Html {
    let busy = matches!(props.state.phase, Phase::Requesting);
    html! {
        <button
            type="button"
            class="pay"
            part="button"
            aria-haspopup="dialog"
            aria-busy={if busy { "true" } else { "false" }}
            onclick={props.link.callback(|_| Message::Event(Event::Open))}
        >
            { messages::PAY_WITH }
            <span class="tag">{ messages::BRAND }</span>
            if busy { { spinner() } }
        </button>
    }
}

/// Draws a spinner, for the eye only; the text tells a screen reader that the widget is working.
pub(super) fn spinner() -> Html {
    html! { <span class="spinner" aria-hidden="true" /> }
}

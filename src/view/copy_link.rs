//! Draws the payment link as text, with a button that copies it.

use yew::{Html, html};

use super::ViewProps;
use crate::checkout::{CopyState, Message};
use crate::messages;

pub(super) fn view(props: &ViewProps<'_>, url: &str) -> Html {
    let label = match props.copied {
        CopyState::Ready => messages::COPY,
        CopyState::Copied => messages::COPIED,
        CopyState::Refused => messages::COPY_BY_HAND,
    };
    html! {
        <div class="link">
            <a href={url.to_owned()} target="_blank" rel="noopener noreferrer">{ url }</a>
            <button
                type="button"
                class="copy"
                aria-live="polite"
                onclick={props.link.callback(|_| Message::Copy)}
            >
                <span key={label}>{ label }</span>
            </button>
        </div>
    }
}

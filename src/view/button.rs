//! Draws the button in the page.

use yew::{Html, html};

use super::{ViewProps, direction, language, press};
use crate::checkout::Message;
use crate::options::{Button, Presentation};
use crate::state::{Dialog, Phase};

pub(super) fn view(props: &ViewProps<'_>) -> Html {
    let Button { label, disabled, loading } = props.options.button;
    let replaced = props.options.presentation == Presentation::Inline && props.state.dialog != Dialog::Closed;
    let busy = loading || matches!(props.state.phase, Phase::Requesting);
    html! {
        <button
            type="button"
            class="pay"
            part="button"
            lang={language(props)}
            dir={direction(props)}
            hidden={replaced}
            disabled={disabled || loading}
            aria-haspopup="dialog"
            aria-busy={if busy { "true" } else { "false" }}
            onclick={press(props, || Message::Pressed)}
        >
            { props.branded(label) }
        </button>
    }
}

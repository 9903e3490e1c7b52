//! Draws the dialog: the heading, the purchase, and the content of the phase.

use yew::{Html, html};

use super::button::spinner;
use super::{ViewProps, action, actions, amount, hint, problem, status_panel};
use crate::checkout::Message;
use crate::messages;
use crate::state::{CloseReason, Dialog, Event, Phase};

pub(super) fn view(props: &ViewProps<'_>) -> Html {
    let shown = props.state.dialog != Dialog::Closed;
    // Escape only asks to close; the state machine decides. At a second Escape the browser closes the dialog at once,
    // which is reported too.
    let oncancel = props.link.callback(|event: yew::Event| {
        event.prevent_default();
        close()
    });
    let onclose = props.link.callback(|_| Message::DialogClosed);
    html! {
        <dialog ref={&props.nodes.dialog} part="dialog" aria-labelledby="title" {oncancel} {onclose}>
            // Not a `<header>`: a screen reader would present it as the page's.
            <div class="header">
                <h2 id="title">{ messages::PAY_WITH }<b>{ messages::BRAND }</b></h2>
                <button
                    type="button"
                    class="close"
                    aria-label={messages::CLOSE}
                    onclick={props.link.callback(|_| close())}
                >
                    { "×" }
                </button>
            </div>
            // This element stays while its text changes, so that a screen reader reads each change.
            <div class="body" role="status">
                if shown { { body(props) } }
            </div>
            if shown { { choices(props) } }
        </dialog>
    }
}

fn close() -> Message {
    Message::Event(Event::Close(CloseReason::User))
}

/// Draws the part that a screen reader reads out.
fn body(props: &ViewProps<'_>) -> Html {
    match &props.state.phase {
        Phase::Idle | Phase::Destroyed => Html::default(),
        Phase::Requesting => html! { <p class="wait">{ spinner() }{ messages::PREPARING }</p> },
        Phase::Refused(failure) => problem(messages::error(failure)),
        Phase::Active(checkout) => html! {
            <div>{ amount::view(props, checkout) }{ status_panel::view(props, checkout) }</div>
        },
    }
}

/// Draws the actions.
fn choices(props: &ViewProps<'_>) -> Html {
    if props.state.dialog == Dialog::ConfirmingClose {
        return confirm_close(props);
    }
    match &props.state.phase {
        Phase::Idle | Phase::Destroyed => Html::default(),
        Phase::Requesting => actions::requesting(props),
        Phase::Refused(failure) if failure.recoverable => actions::retry(props, messages::TRY_AGAIN),
        Phase::Refused(_) => Html::default(),
        Phase::Active(checkout) => actions::view(props, checkout),
    }
}

/// Draws the question before closing while the payment is being confirmed.
fn confirm_close(props: &ViewProps<'_>) -> Html {
    html! {
        <div role="alert">
            { hint(messages::CLOSE_ANYWAY) }
            { action(props, messages::KEEP_OPEN, || Message::Event(Event::Stay)) }
            <button type="button" class="copy" onclick={props.link.callback(|_| close())}>{ messages::CLOSE }</button>
        </div>
    }
}

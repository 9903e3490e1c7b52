//! The dialog: heading, what is being paid, and whatever the phase shows.

use yew::{Html, html};

use super::{Scene, amount, outcome, pay};
use crate::checkout::Message;
use crate::error::ErrorCode;
use crate::state::{CloseReason, Dialog, Event, Phase};
use crate::words;

pub(super) fn view(scene: &Scene<'_>) -> Html {
    let close = scene.link.callback(|_| Message::Event(Event::Close(CloseReason::User)));
    // Escape: the state decides, and the dialog follows.
    let oncancel = scene.link.callback(|event: yew::Event| {
        event.prevent_default();
        Message::Event(Event::Close(CloseReason::User))
    });
    // A second Escape closes without asking.
    let onclose = scene.link.callback(|_: yew::Event| Message::Event(Event::Close(CloseReason::User)));
    let shown = scene.state.dialog == Dialog::Open;
    html! {
        <dialog ref={scene.dialog.clone()} part="dialog" aria-labelledby="title" {oncancel} {onclose}>
            <header>
                <h2 id="title">{ "Pay with " }<b>{ "banq" }</b></h2>
                <button class="close" type="button" aria-label="Close" onclick={close.clone()}>{ "×" }</button>
            </header>
            // Stays in place while its text changes, so that a screen reader reads each change.
            <div class="body" role="status">
                if shown { { body(scene) } }
            </div>
            if shown { { actions(scene) } }
        </dialog>
    }
}

/// What is read out.
fn body(scene: &Scene<'_>) -> Html {
    match &scene.state.phase {
        Phase::Idle | Phase::Destroyed => html! {},
        Phase::Requesting => html! {
            <p class="wait"><span class="spinner" aria-hidden="true" />{ "Preparing your payment…" }</p>
        },
        Phase::Refused(failure) => html! {
            <p class="problem">{ words::error(failure.code) }</p>
        },
        Phase::Active(checkout) => html! {
            <>
                { amount::view(scene, checkout) }
                { outcome::view(scene, checkout) }
            </>
        },
    }
}

/// What can be done.
fn actions(scene: &Scene<'_>) -> Html {
    let retry = |label: &'static str| {
        let onclick = scene.link.callback(|_| Message::Event(Event::Retry));
        html! { <button class="action" type="button" {onclick}>{ label }</button> }
    };
    match &scene.state.phase {
        Phase::Idle | Phase::Requesting | Phase::Destroyed => html! {},
        Phase::Refused(failure) => {
            if failure.code.is_recoverable() || failure.code == ErrorCode::LinkInvalid {
                retry("Try again")
            } else {
                html! {}
            }
        }
        Phase::Active(checkout) => pay::view(scene, checkout, retry),
    }
}

//! Draws the dialog: the heading, and below it the content of the phase.

use yew::{Html, html};

use super::outcome::{self, Outcome};
use super::{ViewProps, close, direction, footer, header, language, purchase, waiting};
use crate::checkout::Message;
use crate::messages::Text;
use crate::payment_url::Environment;
use crate::state::{Dialog, Phase};

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
        <dialog
            ref={&props.nodes.dialog}
            part="dialog"
            lang={language(props)}
            dir={direction(props)}
            aria-labelledby="title"
            {oncancel}
            {onclose}
        >
            if props.options.environment != Environment::Production {
                <p class="ribbon" part="ribbon">{ props.say(Text::Test) }</p>
            }
            { header::view(props) }
            <div class="body" part="body">{ body(props) }</div>
            if shown { { footer::view(props) } }
        </dialog>
    }
}

/// Draws the purchase, the code, and how the payment goes. A screen reader reads out the first and the last, which stay
/// while their content changes.
fn body(props: &ViewProps<'_>) -> Html {
    let shown = props.state.dialog != Dialog::Closed && !props.is_framed();
    let (mut purchase, mut code) = (Html::default(), None);
    let mut outcome = Outcome::default();
    if shown {
        match &props.state.phase {
            Phase::Idle | Phase::Destroyed => {}
            Phase::Requesting => {
                purchase = waiting::sketch();
                code = Some(None);
                outcome = Outcome { words: waiting::words(props, None), ..outcome };
            }
            Phase::Refused(failure) => outcome = outcome::refused(props, failure),
            Phase::Active(checkout) => {
                purchase = purchase::view(props, checkout);
                outcome = outcome::view(props, checkout);
                code = checkout.is_payable().then_some(Some(checkout));
            }
        }
    }
    html! {
        <>
            <div class="purchase" role="status">{ purchase }</div>
            // A phone cannot scan the code on its own screen.
            if let Some(checkout) = code.filter(|_| !props.touch) {
                { waiting::code(props, checkout) }
                { waiting::time(props) }
            }
            <div class="outcome" role="status" data-status={outcome.status} data-tone={outcome.tone}>{ outcome.words }</div>
        </>
    }
}

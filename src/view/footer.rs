//! Draws the end of the dialog: the next actions, and a line with small links.

use banq_checkout_wire::Status;
use yew::{Html, html};

use super::{ViewProps, action, actions, anchor, line, press};
use crate::checkout::{CopyState, Message};
use crate::error::ErrorCode;
use crate::messages::Text;
use crate::state::{Checkout, Dialog, Event, Phase};

pub(super) fn view(props: &ViewProps<'_>) -> Html {
    if props.state.dialog == Dialog::ConfirmingClose {
        return confirm_close(props);
    }
    let framed = props.state.checkout().filter(|_| props.is_framed());
    html! {
        <>
            { framed.map(|checkout| actions::frame(props, checkout)).unwrap_or_default() }
            <div class="foot" part="footer">
                { choices(props) }
                <div class="row">{ links(props) }<span class="secured">{ props.branded(Text::Secured) }</span></div>
            </div>
        </>
    }
}

/// Draws the next actions. Each state has one, besides the × of the heading.
fn choices(props: &ViewProps<'_>) -> Html {
    match &props.state.phase {
        Phase::Idle | Phase::Destroyed => Html::default(),
        Phase::Requesting if props.touch || !props.options.presentation.opens_window() => Html::default(),
        Phase::Requesting => actions::hosted_page(props, None),
        Phase::Refused(failure) if failure.recoverable => retry(props, Text::TryAgain),
        Phase::Refused(failure) if failure.code == ErrorCode::OrderAlreadyPaid => done(props),
        Phase::Refused(_) => close(props),
        Phase::Active(checkout) => of_checkout(props, checkout),
    }
}

fn of_checkout(props: &ViewProps<'_>, checkout: &Checkout) -> Html {
    if checkout.issue.is_some() {
        // A person has to look at this payment; no action of the shopper can help.
        return close(props);
    }
    match checkout.status {
        Status::Pending if props.is_framed() => action(props, "action", Text::Back, || Message::BackToCode),
        Status::Pending if props.touch => actions::for_phone(props, checkout),
        Status::Pending => actions::hosted_page(props, Some(checkout)),
        Status::Processing if checkout.is_agreed() => done(props),
        // No code and no link: the shopper must not be invited to pay twice.
        Status::Processing | Status::OnHold => close(props),
        Status::Paid => done(props),
        Status::Expired => retry(props, Text::NewCode),
        Status::Declined | Status::Failed | Status::Canceled | Status::Reversed => {
            retry(props, Text::TryAgain)
        }
    }
}

fn retry(props: &ViewProps<'_>, label: Text) -> Html {
    action(props, "action first", label, || Message::Event(Event::Retry))
}

fn done(props: &ViewProps<'_>) -> Html {
    action(props, "action first", Text::Done, || Message::Done)
}

fn close(props: &ViewProps<'_>) -> Html {
    action(props, "action", Text::Close, super::close)
}

/// Draws the question before closing while the payment is being confirmed.
fn confirm_close(props: &ViewProps<'_>) -> Html {
    html! {
        <div class="foot" role="alert">
            { line("sentence", &props.text(Text::CloseNow)) }
            { action(props, "action first", Text::KeepOpen, || Message::Event(Event::Stay)) }
            { close(props) }
        </div>
    }
}

/// Draws the small links that fit the state.
fn links(props: &ViewProps<'_>) -> Html {
    let stuck = match &props.state.phase {
        Phase::Idle | Phase::Destroyed | Phase::Requesting => false,
        Phase::Refused(failure) => failure.code != ErrorCode::OrderAlreadyPaid,
        Phase::Active(checkout) if checkout.is_payable() => return payment_link(props, checkout),
        Phase::Active(checkout) => {
            checkout.issue.is_some() || (checkout.status != Status::Paid && !checkout.is_agreed())
        }
    };
    match &props.options.support_url {
        Some(url) if stuck => anchor("small", url, props.say(Text::Contact)),
        _ if stuck || props.state.checkout().is_none() => Html::default(),
        _ => small(props, Text::Print, || Message::Print),
    }
}

/// Draws the button that copies the payment link, and the link itself if the browser refuses to copy, or if the hosted
/// page stands in a frame, which may stay empty.
fn payment_link(props: &ViewProps<'_>, checkout: &Checkout) -> Html {
    let url = checkout.info.url.as_str();
    if props.is_framed() {
        return anchor("small", url, props.say(Text::Frame));
    }
    match props.copied {
        CopyState::Ready => small(props, Text::Copy, || Message::Copy),
        CopyState::Copied => small(props, Text::Copied, || Message::Copy),
        CopyState::Refused => html! {
            <input class="link" readonly={true} dir="ltr" aria-label={props.text(Text::CopyFailed)} value={url.to_owned()} />
        },
    }
}

fn small(props: &ViewProps<'_>, label: Text, message: fn() -> Message) -> Html {
    html! {
        <button key="small" type="button" class="small" aria-live="polite" onclick={press(props, message)}>
            <span key={label as u32}>{ props.say(label) }</span>
        </button>
    }
}

//! Draws how the payment went: an icon, a headline, and what it means for the shopper.

use banq_checkout_wire::Status;
use yew::{Html, html};

use super::icon::{self, Icon};
use super::{ViewProps, line, receipt, waiting};
use crate::error::{ErrorCode, Failure};
use crate::messages::{self, Text};
use crate::state::Checkout;

/// The words of a state, with the state's own word and tone for the stylesheet.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) status: Option<&'static str>,
    pub(super) tone: Option<&'static str>,
    pub(super) words: Html,
}

pub(super) fn view(props: &ViewProps<'_>, checkout: &Checkout) -> Outcome {
    let status = Some(checkout.status.as_str());
    if checkout.is_payable() {
        return Outcome { status, tone: Some("waiting"), words: waiting::words(props, Some(checkout)) };
    }
    let (headline, sentences) = match checkout.issue {
        Some(issue) => messages::issue(issue),
        None if checkout.is_agreed() => messages::AGREED,
        None => messages::status(checkout.status, checkout.fail_reason),
    };
    let (tone, icon) = match checkout.issue {
        // The money is in question: neither good nor bad.
        Some(_) => ("held", Icon::Attention),
        None if checkout.is_agreed() => ("good", Icon::Check),
        None => look(checkout.status),
    };
    let words = html! {
        <>
            { told(props, icon, headline, sentences, checkout.schedule().is_none()) }
            if let Some((class, text)) = waiting::trouble(props).filter(|_| !checkout.status.is_terminal()) {
                { line(class, &props.text(text)) }
            }
            if checkout.is_settled() { { receipt::view(props, checkout) } }
        </>
    };
    Outcome { status, tone: Some(tone), words }
}

/// Draws why there is no link.
pub(super) fn refused(props: &ViewProps<'_>, failure: &Failure) -> Outcome {
    let (tone, icon) = match failure.code {
        ErrorCode::OrderAlreadyPaid => ("good", Icon::Check),
        code if code.is_about_money() => ("held", Icon::Attention),
        _ => ("bad", Icon::Attention),
    };
    let (headline, sentences) = messages::error(failure);
    Outcome { status: None, tone: Some(tone), words: told(props, icon, headline, sentences, true) }
}

/// Draws icon, headline and sentences. Of a payment that repeats, earlier ones may have been made: there it is not said
/// that the shopper was not charged.
fn told(props: &ViewProps<'_>, icon: Icon, headline: Text, sentences: &[Text], is_single: bool) -> Html {
    let sentences = sentences.iter().filter(|sentence| is_single || **sentence != Text::NotCharged);
    html! {
        <div key={headline as u32} class="told">
            { icon::view(icon) }
            <h3 class="headline">{ props.say(headline) }</h3>
            { for sentences.map(|sentence| line("sentence", &props.text(*sentence))) }
        </div>
    }
}

/// Returns the colour of a status, and its icon. The words say the same.
const fn look(status: Status) -> (&'static str, Icon) {
    match status {
        Status::Pending | Status::Processing => ("waiting", Icon::Clock),
        Status::OnHold => ("held", Icon::Pause),
        Status::Paid => ("good", Icon::Check),
        Status::Expired => ("held", Icon::Clock),
        Status::Declined | Status::Failed | Status::Canceled => ("bad", Icon::Cross),
        Status::Reversed => ("held", Icon::Back),
    }
}

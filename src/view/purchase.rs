//! Draws the amount, how often it is paid, and the comment.

use yew::{Html, html};

use super::{ViewProps, line, receipt};
use crate::locale::format_money;
use crate::messages::{self, Text};
use crate::state::Checkout;

/// Returns the amount as the shopper writes it.
fn amount(props: &ViewProps<'_>, checkout: &Checkout) -> Option<String> {
    let funds = checkout.funds()?;
    Some(match checkout.currency() {
        Some(currency) => format_money(funds, currency, props.options.messages.locale.as_ref()),
        None => funds.to_owned(),
    })
}

/// Returns the amount with its frequency, if the payment repeats.
fn price(props: &ViewProps<'_>, checkout: &Checkout) -> Option<String> {
    let amount = amount(props, checkout)?;
    Some(match checkout.schedule() {
        Some(schedule) => {
            props.options.messages.filled(messages::frequency(schedule.frequency), &[("{amount}", &amount)])
        }
        None => amount,
    })
}

/// Returns the line of the amount: after a payment, it says to whom it went.
fn heading(props: &ViewProps<'_>, checkout: &Checkout) -> Option<Html> {
    let shop = props.options.shop.as_ref().filter(|_| checkout.is_settled());
    Some(match shop {
        Some(shop) => {
            let values = [("{amount}", &*amount(props, checkout)?), ("{shop}", &shop.name)];
            line("soft", &props.options.messages.filled(Text::PaidTo, &values))
        }
        None => line("amount", &price(props, checkout)?),
    })
}

pub(super) fn view(props: &ViewProps<'_>, checkout: &Checkout) -> Html {
    let comment = checkout.comment().filter(|comment| !comment.is_empty());
    html! {
        <>
            { heading(props, checkout).unwrap_or_default() }
            // The shop's own words, whose direction is their own.
            if let Some(comment) = comment { <p key={comment} class="soft" dir="auto">{ comment }</p> }
            if let Some(schedule) = checkout.schedule() { { receipt::dates(props, schedule) } }
        </>
    }
}

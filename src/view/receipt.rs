//! Draws the receipt of a payment.

use banq_checkout_wire::Schedule;
use yew::{Html, html};

use super::ViewProps;
use crate::locale::{format_day, format_moment};
use crate::messages::Text;
use crate::state::Checkout;

/// The first digits of the checkout's id, by which the shop finds the payment. The whole id is a key.
const REFERENCE_LENGTH: usize = 8;

pub(super) fn view(props: &ViewProps<'_>, checkout: &Checkout) -> Html {
    let locale = props.options.messages.locale.as_ref();
    let date = checkout.changed_at().map(|moment| format_moment(moment, locale));
    let id = checkout.info.checkout_id.as_deref();
    let reference = id.and_then(|id| id.get(..REFERENCE_LENGTH)).map(str::to_owned);
    let rows = [
        (Text::Order, checkout.order_id().map(str::to_owned)),
        (Text::Date, date),
        (Text::Reference, reference),
    ];
    lines(props, "receipt", rows)
}

/// Draws the first and the last day of a payment that repeats.
pub(super) fn dates(props: &ViewProps<'_>, schedule: &Schedule) -> Html {
    let locale = props.options.messages.locale.as_ref();
    let last = schedule.end_date.as_ref();
    let last = last.map_or_else(|| props.text(Text::Endless), |day| format_day(day, locale));
    let first = format_day(&schedule.start_date, locale);
    lines(props, "dates", [(Text::First, Some(first)), (Text::Last, Some(last)), (Text::Date, None)])
}

/// Draws the rows that have a value.
fn lines(props: &ViewProps<'_>, class: &'static str, rows: [(Text, Option<String>); 3]) -> Html {
    let rows = rows.into_iter().filter_map(|(name, value)| {
        Some(html! { <div><dt>{ props.say(name) }</dt><dd><bdi>{ value? }</bdi></dd></div> })
    });
    html! { <dl ~className={class} part="receipt">{ for rows }</dl> }
}

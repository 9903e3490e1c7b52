//! Draws the amount and the comment.

use yew::{Html, html};

use super::ViewProps;
use crate::locale::format_money;
use crate::state::Checkout;

pub(super) fn view(props: &ViewProps<'_>, checkout: &Checkout) -> Html {
    let funds = checkout.funds().map(|funds| match checkout.currency() {
        Some(currency) => format_money(funds, currency, props.options.locale.as_ref()),
        None => funds.to_owned(),
    });
    let comment = checkout.comment().filter(|comment| !comment.is_empty());
    html! {
        <div>
            if let Some(funds) = funds { <p key={&*funds} class="amount">{ funds }</p> }
            if let Some(comment) = comment { <p key={comment} class="comment">{ comment }</p> }
        </div>
    }
}

//! Draws the heading of the dialog: the shop and its order, or the brand.

use yew::{Html, html};

use super::{ViewProps, close, icon, press};
use crate::messages::Text;
use crate::options::Shop;
use crate::state::Checkout;

pub(super) fn view(props: &ViewProps<'_>) -> Html {
    let order = props.state.checkout().and_then(Checkout::order_id);
    html! {
        // Not a `<header>`: a screen reader would present it as the page's.
        <div class="header" part="header">
            if let Some(shop) = &props.options.shop { { logo(shop) } }
            <h2 id="title">{ title(props, order) }</h2>
            <button
                type="button"
                class="close"
                part="close"
                aria-label={props.text(Text::Close)}
                onclick={press(props, close)}
            >
                { icon::cross() }
            </button>
        </div>
    }
}

fn title(props: &ViewProps<'_>, order: Option<&str>) -> Html {
    match &props.options.shop {
        Some(shop) => html! {
            <>
                <span class="name">{ &shop.name }</span>
                if let Some(order) = order {
                    <span class="soft" key={order}>{ props.say(Text::Order) }{ " " }<bdi>{ order }</bdi></span>
                }
            </>
        },
        None => props.branded(Text::Pay),
    }
}

/// Draws the shop's logo, or else its initial. Both say what the name beside them says.
fn logo(shop: &Shop) -> Html {
    match &shop.logo {
        Some(logo) => html! { <img class="logo" part="logo" src={logo.clone()} alt="" /> },
        None => {
            let initial = shop.name.chars().next().map(String::from);
            html! { <span class="logo" part="logo" aria-hidden="true">{ initial }</span> }
        }
    }
}

//! A shop in Yew that sells lamps by `<PayWithBanq>`.

use banq_checkout::error::Failure;
use banq_checkout::pay_with_banq::{ButtonLabel, Environment, PayWithBanq, PaymentSource};
use serde::Serialize;
use web_sys::UrlSearchParams;
use yew::prelude::*;

/// What the widget posts to the intermediary. The demo takes the price from the page. A shop's own server sets it, and
/// its page sends the order's `token` in place of the price: see ../../shop-node.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    order_id: String,
    comment: &'static str,
    funds: u32,
}

#[component]
fn Cart() -> Html {
    let first_order = use_memo((), |()| format!("yew-{}", js_sys::Date::now()));
    let lamps = use_state(|| 1);
    let status = use_state(String::new);

    let add = {
        let lamps = lamps.clone();
        move |_| lamps.set(*lamps + 1)
    };
    // The functions and the source are new at each rendering; the widget stays.
    let order =
        Order { order_id: format!("{first_order}-{}", *lamps), comment: "Desk lamps", funds: 2 * *lamps };
    let paid = {
        let (status, lamps) = (status.clone(), lamps.clone());
        move |_| status.set(format!("Paid for {} lamps. Thank you!", *lamps))
    };
    let failed = {
        let status = status.clone();
        move |error: Failure| status.set(error.code.as_str().to_owned())
    };
    html! {
        <>
            <h1>{ format!("Desk lamps, ${}.00", 2 * *lamps) }</h1>
            <button type="button" onclick={add}>{ "One more lamp" }</button>
            <PayWithBanq
                id="pay"
                source={PaymentSource::endpoint(format!("{}/generate-payment-link", server()), &order)}
                environment={Environment::Local}
                shop_name="Lamps"
                label={ButtonLabel::Buy}
                on_payment_success={paid}
                on_error={failed}
            />
            <p role="status">{ &*status }</p>
        </>
    }
}

/// Returns the intermediary's address: the query parameter `server` of the page, or that of the demo.
fn server() -> String {
    web_sys::window()
        .and_then(|window| window.location().search().ok())
        .and_then(|search| UrlSearchParams::new_with_str(&search).ok())
        .and_then(|parameters| parameters.get("server"))
        .unwrap_or_else(|| "http://localhost:8080".to_owned())
}

fn main() {
    yew::Renderer::<Cart>::new().render();
}

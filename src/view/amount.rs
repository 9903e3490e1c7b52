//! What is being paid: the amount in the shopper's way of writing it, and the comment.

use js_sys::{Array, Function};
use wasm_bindgen::JsCast;
use yew::Html;

use super::Scene;
use super::element::{el, line};
use crate::js::{self, object};
use crate::state::Checkout;

pub(super) fn view(scene: &Scene<'_>, checkout: &Checkout) -> Html {
    let info = &checkout.info;
    let funds = info.funds.as_ref().map(|funds| match &info.currency {
        Some(currency) => format_money(funds, currency, scene.options.locale.as_deref()),
        None => funds.clone(),
    });
    let comment = info.comment.as_ref().filter(|comment| !comment.is_empty());
    el("div", "")
        .child(funds.map(|funds| line("amount", funds)).unwrap_or_default())
        .child(comment.map(|comment| line("comment", comment.clone())).unwrap_or_default())
        .done()
}

/// `"12.50"`, `USD` → `$12.50`. The decimal string itself goes to the browser, which reads it exactly.
/// Where it does not know the currency or the locale, the plain figures are shown.
fn format_money(funds: &str, currency: &str, locale: Option<&str>) -> String {
    let plain = || [funds, " ", currency].concat();
    // `new Intl.NumberFormat` throws on an unknown locale or currency; called by hand so that it is caught.
    let options = object(&[("style", "currency".into()), ("currency", currency.into())]);
    let arguments = Array::of2(&js::optional(locale), &options);
    let constructor = js::get(&js::get(&js_sys::global(), "Intl"), "NumberFormat");
    let Some(constructor) = constructor.dyn_ref::<Function>() else { return plain() };
    let Ok(format) = js_sys::Reflect::construct(constructor, &arguments) else { return plain() };
    // A getter: the function it gives is bound to its formatter.
    let text = js::call_method(&format, "format", &funds.into());
    text.ok().and_then(|text| text.as_string()).unwrap_or_else(plain)
}

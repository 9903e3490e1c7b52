//! What is drawn: one small file for each thing, no state of its own.

mod amount;
mod button;
mod dialog;
mod link;
mod outcome;
mod pay;
mod qr;

use yew::html::Scope;
use yew::{Html, NodeRef, html};

use crate::checkout::{CheckoutView, Copied};
use crate::options::{Options, Theme};
use crate::state::State;

/// Everything that the view is drawn from.
#[derive(Debug)]
pub struct Scene<'a> {
    /// Where the checkout stands.
    pub state: &'a State,
    /// The page's options.
    pub options: &'a Options,
    /// What became of "Copy link".
    pub copied: Copied,
    /// The `<dialog>`.
    pub dialog: &'a NodeRef,
    /// Where presses go.
    pub link: &'a Scope<CheckoutView>,
}

/// The button and its dialog.
pub fn widget(scene: &Scene<'_>) -> Html {
    let theme = match scene.options.theme {
        Theme::Auto => "auto",
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    html! {
        <div class={["widget ", theme].concat()}>
            { button::view(scene) }
            { dialog::view(scene) }
        </div>
    }
}

//! What is drawn: one small file for each thing, no state of its own.

mod amount;
mod button;
mod dialog;
mod element;
mod link;
mod outcome;
mod pay;
mod qr;

use yew::Html;
use yew::html::Scope;

use self::element::el;
use crate::checkout::{CheckoutView, Copied, Nodes};
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
    /// The elements that are more than drawn.
    pub nodes: &'a Nodes,
    /// Whether this is a device that is touched, most likely the one with the banq app.
    pub touch: bool,
    /// Where presses go.
    pub link: &'a Scope<CheckoutView>,
}

/// The button and its dialog.
pub fn widget(scene: &Scene<'_>) -> Html {
    let class = match scene.options.theme {
        Theme::Auto => "widget auto",
        Theme::Light => "widget light",
        Theme::Dark => "widget dark",
    };
    // The words are English, whatever the page around them is; the stylesheet gives button and dialog their direction.
    el("div", class).attr("lang", "en").child(button::view(scene)).child(dialog::view(scene)).done()
}

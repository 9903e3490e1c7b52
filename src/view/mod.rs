//! Draws the widget: one file for each part of the screen.

mod actions;
mod amount;
mod button;
mod copy_link;
mod dialog;
pub mod qr;
mod status_panel;

use yew::html::Scope;
use yew::{Html, html};

use crate::checkout::{CheckoutView, CopyState, Message, NodeRefs};
use crate::options::{Options, Theme};
use crate::state::State;

/// The data that the widget is drawn from.
#[derive(Debug)]
pub struct ViewProps<'a> {
    /// The state of the checkout.
    pub state: &'a State,
    /// The page's options.
    pub options: &'a Options,
    /// The result of copying the link.
    pub copied: CopyState,
    /// The elements that the component needs after drawing them.
    pub nodes: &'a NodeRefs,
    /// Whether this is a touch device, most likely the one with the payment app.
    pub touch: bool,
    /// The receiver of the shopper's presses.
    pub link: &'a Scope<CheckoutView>,
}

/// Draws the button and its dialog. The texts are English, whatever the page's language; the stylesheet sets the
/// direction of button and dialog.
pub fn widget(props: &ViewProps<'_>) -> Html {
    let class = match props.options.theme {
        Theme::Auto => "widget auto",
        Theme::Light => "widget light",
        Theme::Dark => "widget dark",
    };
    // Set as a property: an attribute would ship Yew's sets of classes.
    html! { <div ~className={class} lang="en">{ button::view(props) }{ dialog::view(props) }</div> }
}

/// Draws a line of advice.
fn hint(text: &'static str) -> Html {
    line("hint", text)
}

/// Draws a line about an error.
fn problem(text: &'static str) -> Html {
    line("problem", text)
}

/// Draws a line. A new text gets a new element: page translators replace text nodes by elements of their own, and a new
/// text in the old element would not appear.
fn line(class: &'static str, text: &'static str) -> Html {
    html! { <p key={text} ~className={class}>{ text }</p> }
}

/// Draws the button of the next action. It stays the same element when its label changes, so that a press is not lost.
fn action(props: &ViewProps<'_>, label: &'static str, message: fn() -> Message) -> Html {
    let onclick = props.link.callback(move |_| message());
    html! { <button type="button" class="action" {onclick}><span key={label}>{ label }</span></button> }
}

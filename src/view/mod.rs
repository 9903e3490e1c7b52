//! Draws the widget: one file for each thing on the screen.

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

/// Everything that the widget is drawn from.
#[derive(Debug)]
pub struct ViewProps<'a> {
    /// Where the checkout stands.
    pub state: &'a State,
    /// The page's options.
    pub options: &'a Options,
    /// Whether the link was copied.
    pub copied: CopyState,
    /// The elements that are more than drawn.
    pub nodes: &'a NodeRefs,
    /// Whether this is a touch device, most likely the one with the payment app.
    pub touch: bool,
    /// Where presses go.
    pub link: &'a Scope<CheckoutView>,
}

/// Draws the button and its dialog. The texts are English, whatever the page is; the stylesheet gives button and
/// dialog their direction.
pub fn widget(props: &ViewProps<'_>) -> Html {
    let class = match props.options.theme {
        Theme::Auto => "widget auto",
        Theme::Light => "widget light",
        Theme::Dark => "widget dark",
    };
    // The property: the attribute would ship Yew's sets of classes.
    html! { <div ~className={class} lang="en">{ button::view(props) }{ dialog::view(props) }</div> }
}

/// A line that helps.
fn hint(text: &'static str) -> Html {
    line("hint", text)
}

/// A line that says what went wrong.
fn problem(text: &'static str) -> Html {
    line("problem", text)
}

/// Its element goes with its text, as that of each text that changes: page translators replace text nodes by elements
/// of their own, in which a new text would not arrive.
fn line(class: &'static str, text: &'static str) -> Html {
    html! { <p key={text} ~className={class}>{ text }</p> }
}

/// The button of what to do next. It stays the same element when its label changes, as a press needs it.
fn action(props: &ViewProps<'_>, label: &'static str, message: fn() -> Message) -> Html {
    let onclick = props.link.callback(move |_| message());
    html! { <button type="button" class="action" {onclick}><span key={label}>{ label }</span></button> }
}

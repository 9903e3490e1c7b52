//! Draws the widget: one file for each thing on the screen.

mod actions;
mod amount;
mod button;
mod copy_link;
mod dialog;
mod qr;
mod status_panel;

use yew::html::Scope;
use yew::{AttrValue, Classes, Html, html};

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
    /// Whether this is a touch device, most likely the one with the banq app.
    pub touch: bool,
    /// Where presses go.
    pub link: &'a Scope<CheckoutView>,
}

/// Draws the button and its dialog.
pub fn widget(props: &ViewProps<'_>) -> Html {
    let theme = match props.options.theme {
        Theme::Auto => "auto",
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    html! {
        // The texts are English, whatever the page is; the stylesheet gives button and dialog their direction.
        <div class={classes("widget", theme)} lang="en">
            { button::view(props) }
            { dialog::view(props) }
        </div>
    }
}

fn classes(first: &'static str, second: &'static str) -> Classes {
    [first, second].into_iter().collect()
}

/// A paragraph. Its element goes with its text: page translators replace text nodes by elements of their own, in which
/// a new text would not arrive.
fn line(class: &'static str, text: impl Into<AttrValue>) -> Html {
    let text = text.into();
    html! { <p key={text.as_str()} {class}>{ text }</p> }
}

/// A button, which stays the same element when its label changes, as a press needs it.
fn press(props: &ViewProps<'_>, class: &'static str, label: &'static str, message: fn() -> Message) -> Html {
    let onclick = props.link.callback(move |_| message());
    html! { <button type="button" {class} {onclick}><span key={label}>{ label }</span></button> }
}

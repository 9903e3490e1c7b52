//! Draws the widget: one file for each part of the screen.

mod actions;
mod button;
mod dialog;
mod footer;
mod header;
mod icon;
mod outcome;
mod purchase;
pub mod qr;
mod receipt;
mod waiting;

use yew::html::Scope;
use yew::{Callback, Html, MouseEvent, html};

use crate::checkout::{CheckoutView, CopyState, Message, NodeRefs};
use crate::messages::{BRAND, Text};
use crate::options::{Options, Presentation, Theme};
use crate::state::{Checkout, CloseReason, Event, PayWindow, State};

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
    /// The colours.
    pub theme: Theme,
    /// Whether the countdown has ended, and the server is being asked.
    pub time_is_up: bool,
    /// Whether this is a touch device, most likely the one with the payment app.
    pub touch: bool,
    /// The receiver of the shopper's presses.
    pub link: &'a Scope<CheckoutView>,
}

impl ViewProps<'_> {
    fn text(&self, text: Text) -> String {
        self.options.messages.text(text)
    }

    /// Draws a text with the brand's name in it.
    fn branded(&self, text: Text) -> Html {
        let (before, after) = self.options.messages.around_brand(text);
        html! { <>{ before }<span class="tag">{ BRAND }</span>{ after }</> }
    }

    /// Returns a text as a child of an element.
    fn say(&self, text: Text) -> Html {
        self.text(text).into()
    }

    /// Returns whether the hosted page stands in a frame of the dialog.
    fn is_framed(&self) -> bool {
        self.options.presentation == Presentation::Iframe
            && self.state.window == PayWindow::Open
            && self.state.checkout().is_some_and(Checkout::is_payable)
    }
}

/// Draws the button and its dialog.
pub fn widget(props: &ViewProps<'_>) -> Html {
    let class = match (props.theme, props.options.presentation) {
        (Theme::Auto, Presentation::Inline) => "widget auto inline",
        (Theme::Light, Presentation::Inline) => "widget light inline",
        (Theme::Dark, Presentation::Inline) => "widget dark inline",
        (Theme::Auto, _) => "widget auto",
        (Theme::Light, _) => "widget light",
        (Theme::Dark, _) => "widget dark",
    };
    // Set as a property: an attribute would ship Yew's sets of classes.
    html! { <div ~className={class}>{ button::view(props) }{ dialog::view(props) }</div> }
}

/// Returns the language of the texts, for an element's `lang`.
fn language(props: &ViewProps<'_>) -> String {
    props.options.messages.language.clone()
}

/// Returns the direction of the language, for an element's `dir`.
fn direction(props: &ViewProps<'_>) -> &'static str {
    if props.options.messages.is_right_to_left() { "rtl" } else { "ltr" }
}

/// Draws a link that opens in another tab.
fn anchor(class: &'static str, url: &str, label: Html) -> Html {
    html! {
        <a key="link" ~className={class} href={url.to_owned()} target="_blank" rel="noopener noreferrer">{ label }</a>
    }
}

/// Draws a line. A new text gets a new element: page translators replace text nodes by elements of their own, and a new
/// text in the old element would not appear.
fn line(class: &'static str, text: &str) -> Html {
    html! { <p key={text} ~className={class}>{ text }</p> }
}

/// Returns the listener that sends a message when an element is pressed.
fn press(props: &ViewProps<'_>, message: fn() -> Message) -> Callback<MouseEvent> {
    props.link.callback(move |_| message())
}

/// The message that asks to close the dialog.
fn close() -> Message {
    Message::Event(Event::Close(CloseReason::User))
}

/// Draws the button of the next action. It stays the same element when its label changes, so that a press is not lost.
fn action(props: &ViewProps<'_>, class: &'static str, label: Text, message: fn() -> Message) -> Html {
    html! {
        <button type="button" ~className={class} part="action" onclick={press(props, message)}>
            <span key={label as u32}>{ props.say(label) }</span>
        </button>
    }
}

//! The payment link as text, with a button that copies it.

use yew::{Html, html};

use super::Scene;
use crate::checkout::{Copied, Message};

pub(super) fn view(scene: &Scene<'_>, url: &str) -> Html {
    let onclick = scene.link.callback(|_| Message::Copy);
    let label = match scene.copied {
        Copied::No => "Copy link",
        Copied::Yes => "Copied",
        Copied::Refused => "Select the link to copy it",
    };
    html! {
        <div class="link">
            <a href={url.to_owned()} target="_blank" rel="noopener noreferrer">{ url.to_owned() }</a>
            <button class="copy" type="button" aria-live="polite" {onclick}>{ label }</button>
        </div>
    }
}

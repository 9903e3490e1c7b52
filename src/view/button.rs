//! The button in the page.

use yew::{Html, html};

use super::Scene;
use crate::checkout::Message;
use crate::state::{Event, Phase};

pub(super) fn view(scene: &Scene<'_>) -> Html {
    let busy = scene.state.phase == Phase::Requesting;
    let onclick = scene.link.callback(|_| Message::Event(Event::Open));
    html! {
        <button class="pay" part="button" type="button" aria-haspopup="dialog" aria-busy={busy.to_string()} {onclick}>
            <span>{ "Pay with" }</span>{ " " }<span class="tag">{ "banq" }</span>
            if busy { <span class="spinner" aria-hidden="true" /> }
        </button>
    }
}

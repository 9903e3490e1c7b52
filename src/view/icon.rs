//! Draws the icons. The words beside them say the same.

use yew::{Html, html};

/// What an icon shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Icon {
    /// A check mark, which draws itself.
    Check,
    /// A clock.
    Clock,
    /// Two bars.
    Pause,
    /// An exclamation mark.
    Attention,
    /// A cross.
    Cross,
    /// An arrow back.
    Back,
}

/// Draws an icon in a circle, in the colour of its surroundings.
pub(super) fn view(icon: Icon) -> Html {
    let path = match icon {
        Icon::Check => "M27 45l12 12 23-26",
        Icon::Clock => "M44 22v22l14 9",
        Icon::Pause => "M35 30v28M53 30v28",
        Icon::Attention => "M44 26v24M44 61v1",
        Icon::Cross => "M31 31l26 26M57 31L31 57",
        Icon::Back => "M40 30L27 43l13 13M28 43h22a10 10 0 0 1 0 20",
    };
    html! {
        // On paper there is no stylesheet.
        <svg class="icon" viewBox="0 0 88 88" width="88" fill="none" stroke="currentColor" aria-hidden="true"><circle cx="44" cy="44" r="40" /><path d={path} /></svg>
    }
}

/// Draws the cross of the close button.
pub(super) fn cross() -> Html {
    html! { <svg viewBox="0 0 18 18" aria-hidden="true"><path d="M3 3l12 12M15 3L3 15" /></svg> }
}

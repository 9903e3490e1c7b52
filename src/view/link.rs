//! The payment link as text, with a button that copies it.

use yew::Html;

use super::Scene;
use super::element::{button, el};
use crate::checkout::{Copied, Message};

pub(super) fn view(scene: &Scene<'_>, url: &str) -> Html {
    let label = match scene.copied {
        Copied::No => "Copy link",
        Copied::Yes => "Copied",
        Copied::Refused => "Select the link to copy it",
    };
    let anchor = el("a", "")
        .set("href", url.to_owned().into())
        .attr("target", "_blank")
        .attr("rel", "noopener noreferrer")
        .text(url.to_owned().into());
    let copy = button("copy", label, scene.link, || Message::Copy).attr("aria-live", "polite");
    el("div", "link").child(anchor.done()).child(copy.done()).done()
}

//! Shows the `<dialog>` as a modal above everything else, wherever the page has put the widget.

use gloo_events::{EventListener, EventListenerOptions, EventListenerPhase};
use wasm_bindgen::prelude::*;
use web_sys::{Element, Event, HtmlDialogElement, HtmlElement, Node, ResizeObserver, ShadowRoot};
use yew::html::Scope;

use super::effects::send_later;
use super::{CheckoutView, Message};
use crate::browser;

/// The events that must not leave the dialog, because the page around it could act on them: its own dialog would close
/// on the shopper's Escape, a card with a link would be followed, a shortcut would act.
const OWN_EVENTS: [&str; 19] = [
    "auxclick",
    "click",
    "contextmenu",
    "copy",
    "cut",
    "dblclick",
    "dragstart",
    "focusin",
    "focusout",
    "keydown",
    "keypress",
    "keyup",
    "mousedown",
    "mouseup",
    "pointerdown",
    "pointerup",
    "touchend",
    "touchstart",
    "wheel",
];

/// The custom property that hides the button: `none`.
const BUTTON: &str = "--banq-button";

/// The dialog, with the listeners that keep it usable. Dropping it removes them.
#[derive(Debug)]
pub(super) struct ModalDialog {
    dialog: HtmlDialogElement,
    /// The original place of the shadow root's host, while the host stands elsewhere.
    home: Option<Home>,
    resized: Option<(ResizeObserver, Closure<dyn FnMut()>)>,
    _own_events: Vec<EventListener>,
}

/// A place in the page.
#[derive(Debug)]
struct Home {
    parent: Element,
    before: Option<Node>,
    /// The value of [`BUTTON`] there.
    button: String,
}

impl ModalDialog {
    /// Adds the listeners to a dialog of the component.
    pub(super) fn new(dialog: HtmlDialogElement, component: Scope<CheckoutView>) -> Self {
        let own_events = OWN_EVENTS.map(|name| {
            // A listener that prevents the click cannot be passive; all others are, so that scrolling does not wait for
            // them.
            let options =
                EventListenerOptions { phase: EventListenerPhase::Bubble, passive: !name.ends_with("click") };
            EventListener::new_with_options(&dialog, name, options, keep_inside)
        });
        let call = Closure::<dyn FnMut()>::new(move || {
            // Not in the observer's own call: a change of sizes during that is an error of the page.
            send_later(&component, 0, Message::DialogResized).forget();
        });
        let observer = ResizeObserver::new(call.as_ref().unchecked_ref()).ok();
        if let Some(observer) = &observer {
            observer.observe(&dialog);
        }
        Self {
            dialog,
            home: None,
            resized: observer.map(|observer| (observer, call)),
            _own_events: own_events.into(),
        }
    }

    /// Shows the dialog above everything else, and keeps the focus in it.
    ///
    /// A dialog in an element that the page hides would be modal and invisible: the page would not respond to anything.
    /// In that case the host moves out of the hidden element until the dialog closes.
    pub(super) fn show(&mut self) {
        if !self.dialog.is_connected() {
            // The page has removed the widget, which the loader notices too.
            return;
        }
        self.show_modal();
        if !self.is_rendered() && self.home.is_none() && self.is_host_hidden() {
            self.leave_home();
            self.show_modal();
        }
        if self.is_rendered() {
            self.keep_focus();
        } else {
            // The whole page is hidden, or the loader still shows its own button: the dialog must not be modal before
            // it is visible.
            self.leave_modality();
        }
    }

    /// Shows the dialog as a part of the page.
    pub(super) fn show_inline(&self) {
        if !self.dialog.open() {
            self.dialog.show();
        }
    }

    /// Closes the dialog, and moves the host back to its place.
    pub(super) fn close(&mut self) {
        if self.dialog.open() {
            self.dialog.close();
        }
        self.return_home();
    }

    /// Returns whether the browser shows the dialog.
    pub(super) fn is_open(&self) -> bool {
        self.dialog.open()
    }

    fn show_modal(&self) {
        if self.dialog.open() {
            if self.dialog.matches(":modal").unwrap_or(true) {
                return;
            }
            // The page has moved the dialog: it is still open, but no longer above everything.
            self.leave_modality();
        }
        // Throws only if the dialog has just been removed from the page.
        let _ = self.dialog.show_modal();
    }

    /// Not `close()`: that would report that the shopper closed the dialog.
    fn leave_modality(&self) {
        let _ = self.dialog.remove_attribute("open");
    }

    fn is_rendered(&self) -> bool {
        self.dialog.get_client_rects().length() > 0
    }

    fn is_host_hidden(&self) -> bool {
        self.host().is_some_and(|host| host.get_client_rects().length() == 0)
    }

    fn host(&self) -> Option<HtmlElement> {
        self.dialog.get_root_node().dyn_into::<ShadowRoot>().ok()?.host().dyn_into().ok()
    }

    fn leave_home(&mut self) {
        let Some(host) = self.host() else { return };
        let (Some(parent), Some(page)) = (host.parent_element(), host.owner_document()) else { return };
        let before = host.next_sibling();
        let Some(root) = page.document_element() else { return };
        self.leave_modality();
        // The button stays hidden in its place. Custom properties reach the stylesheet of the shadow root.
        let button = host.style().get_property_value(BUTTON).unwrap_or_default();
        let _ = host.style().set_property(BUTTON, "none");
        if root.append_child(&host).is_ok() {
            self.home = Some(Home { parent, before, button });
        }
    }

    fn return_home(&mut self) {
        let (Some(home), Some(host)) = (self.home.take(), self.host()) else { return };
        let _ = host.style().set_property(BUTTON, &home.button);
        // The next sibling is gone: the host moves to the end of its container.
        if home.parent.insert_before(&host, home.before.as_ref()).is_err() {
            let _ = home.parent.append_child(&host);
        }
    }

    /// If the control that had the focus was removed, moves the focus to the next action.
    fn keep_focus(&self) {
        let root: &ShadowRoot = &self.dialog.get_root_node().unchecked_into();
        if root.active_element().is_none()
            && let Ok(Some(next)) = self.dialog.query_selector(".action, .close")
        {
            // Fails only if the element was removed too.
            let _ = next.unchecked_ref::<HtmlElement>().focus();
        }
    }
}

impl Drop for ModalDialog {
    fn drop(&mut self) {
        if let Some((observer, _)) = &self.resized {
            observer.disconnect();
        }
        self.return_home();
    }
}

/// Keeps an event from the page around the dialog. Also prevents a click from activating an element around the widget,
/// such as a label or a link; the widget's own links work.
fn keep_inside(event: &Event) {
    event.stop_propagation();
    if event.type_() == "keydown"
        && is_escape(event)
        && let Some(window) = web_sys::window()
    {
        // The shopper releases the key after the dialog has closed.
        let options = EventListenerOptions::run_in_capture_phase();
        let release = |event: &Event| {
            if is_escape(event) {
                event.stop_propagation();
            }
        };
        EventListener::once_with_options(&window, "keyup", options, release).forget();
    }
    if matches!(event.type_().as_str(), "click" | "auxclick") && !has_own_action(event) {
        event.prevent_default();
    }
}

fn is_escape(event: &Event) -> bool {
    browser::get_text(event, "key").as_deref() == Some("Escape")
}

/// Returns whether the browser itself acts on a click at this place.
fn has_own_action(event: &Event) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.closest("a, summary, input").is_ok_and(|found| found.is_some()))
}

//! Elements built by plain calls. `html!` unrolls some 300 bytes of WebAssembly for every tag; this way a
//! shopper on a phone pays about 40.

use std::rc::Rc;

use yew::html::Scope;
use yew::virtual_dom::{AttrValue, AttributeOrProperty, Attributes, Listener, ListenerKind, VTag, VText};
use yew::{Html, NodeRef};

use crate::checkout::{CheckoutView, Message};
use crate::js;

/// Every attribute in use. All elements share the one list, so that Yew compares them value by value and
/// needs no map.
const ATTRIBUTES: &[&str] = &[
    "allow",
    "aria-busy",
    "aria-haspopup",
    "aria-hidden",
    "aria-label",
    "aria-labelledby",
    "aria-live",
    "class",
    "d",
    "data-status",
    "href",
    "id",
    "lang",
    "part",
    "referrerpolicy",
    "rel",
    "role",
    "sandbox",
    "shape-rendering",
    "src",
    "target",
    "title",
    "type",
    "viewBox",
];

/// An element under construction; boxed, so that passing it from call to call is cheap.
pub(super) struct Element(Box<Parts>);

struct Parts {
    tag: VTag,
    attributes: Vec<Option<AttributeOrProperty>>,
}

/// What is listened to.
#[derive(Clone, Copy)]
pub(super) enum On {
    Press,
    /// Escape in a dialog.
    Cancel,
    /// A dialog closed.
    Close,
}

/// `<tag class="class">`; no class for `""`.
#[inline(never)]
pub(super) fn el(tag: &'static str, class: &'static str) -> Element {
    let attributes = vec![None; ATTRIBUTES.len()];
    let element = Element(Box::new(Parts { tag: VTag::new(tag), attributes }));
    if class.is_empty() { element } else { element.attr("class", class) }
}

/// A line of text with a look.
pub(super) fn line(class: &'static str, text: impl Into<AttrValue>) -> Html {
    el("p", class).text(text.into()).done()
}

/// A button with a label.
pub(super) fn button(
    class: &'static str,
    label: &'static str,
    link: &Scope<CheckoutView>,
    message: fn() -> Message,
) -> Element {
    el("button", class).attr("type", "button").on(On::Press, link, message).text(label.into())
}

impl Element {
    pub(super) fn attr(self, name: &'static str, value: &'static str) -> Self {
        self.set(name, value.into())
    }

    /// Sets an attribute of [`ATTRIBUTES`].
    #[inline(never)]
    pub(super) fn set(mut self, name: &'static str, value: AttrValue) -> Self {
        let place = ATTRIBUTES.iter().position(|known| *known == name);
        debug_assert!(place.is_some(), "{name} is not in ATTRIBUTES");
        if let Some(attribute) = place.and_then(|place| self.0.attributes.get_mut(place)) {
            *attribute = Some(AttributeOrProperty::Attribute(value));
        }
        self
    }

    pub(super) fn text(self, text: AttrValue) -> Self {
        self.child(VText::new(text).into())
    }

    #[inline(never)]
    pub(super) fn child(mut self, child: Html) -> Self {
        self.0.tag.add_child(child);
        self
    }

    /// A child that is there only under a condition. An empty one keeps its place, so that the others stay
    /// the same elements and keep their focus.
    pub(super) fn child_if(self, condition: bool, child: impl FnOnce() -> Html) -> Self {
        self.child(if condition { child() } else { Html::default() })
    }

    /// What an event on this element means.
    #[inline(never)]
    pub(super) fn on(mut self, on: On, link: &Scope<CheckoutView>, message: fn() -> Message) -> Self {
        self.0.tag.add_listener(Rc::new(Handler { on, link: link.clone(), message }));
        self
    }

    pub(super) fn reference(mut self, reference: &NodeRef) -> Self {
        self.0.tag.node_ref = reference.clone();
        self
    }

    #[inline(never)]
    pub(super) fn done(self) -> Html {
        let Parts { mut tag, attributes } = *self.0;
        tag.set_attributes(Attributes::Dynamic { keys: ATTRIBUTES, values: attributes.into() });
        tag.into()
    }
}

struct Handler {
    on: On,
    link: Scope<CheckoutView>,
    message: fn() -> Message,
}

impl Listener for Handler {
    fn kind(&self) -> ListenerKind {
        match self.on {
            On::Press => ListenerKind::onclick,
            On::Cancel => ListenerKind::oncancel,
            On::Close => ListenerKind::onclose,
        }
    }

    fn handle(&self, event: web_sys::Event) {
        // The browser's own answer to Escape would close the dialog behind the state machine's back; nothing
        // else that is listened to has one.
        event.prevent_default();
        // A dialog that was closed and shown again in one task says late that it was closed.
        if matches!(self.on, On::Close) && js::get(&js::get(&event, "target"), "open").is_truthy() {
            return;
        }
        self.link.send_message((self.message)());
    }

    fn passive(&self) -> bool {
        false
    }
}

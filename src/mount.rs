//! Puts the widget into the page: a host element with a shadow root, the stylesheet, and Yew in it.

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CssStyleSheet, Element, ShadowRoot, ShadowRootInit, ShadowRootMode};
use yew::{AppHandle, Renderer};

use crate::checkout::{CheckoutView, Props};

const STYLE: &str = include_str!(concat!(env!("OUT_DIR"), "/widget.css"));

/// A mounted widget. [`Mounted::destroy`] takes it out of the page.
#[derive(Debug)]
pub struct Mounted {
    host: Element,
    app: AppHandle<CheckoutView>,
}

impl Mounted {
    /// Draws the widget as the last child of `target`.
    ///
    /// # Errors
    /// What the browser threw; nothing is left in the page then.
    pub fn new(target: &Element, props: Props) -> Result<Self, JsValue> {
        let document = target.owner_document().ok_or("the target is not part of a document")?;
        let host = document.create_element("div")?;
        let shadow = host.attach_shadow(&ShadowRootInit::new(ShadowRootMode::Open))?;
        add_style(&shadow)?;
        let root = document.create_element("div")?;
        shadow.append_child(&root)?;
        target.append_child(&host)?;
        let app = Renderer::<CheckoutView>::with_root_and_props(root, props).render();
        Ok(Self { host, app })
    }

    /// The component, for messages.
    #[must_use]
    pub fn app(&self) -> &AppHandle<CheckoutView> {
        &self.app
    }

    /// Removes the widget; what it listened to and waited for ends with it.
    pub fn destroy(self) {
        self.host.remove();
        self.app.destroy();
    }
}

/// A constructed stylesheet needs no `style-src` exception in the page's policy.
fn add_style(shadow: &ShadowRoot) -> Result<(), JsValue> {
    let sheet = CssStyleSheet::new()?;
    crate::js::call_method(&sheet, "replaceSync", &STYLE.into())?;
    Reflect::set(shadow.unchecked_ref(), &"adoptedStyleSheets".into(), &Array::of1(&sheet))?;
    Ok(())
}

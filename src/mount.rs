//! Puts the widget into the page: a host element with a shadow root, the stylesheet, and Yew in it.

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CssStyleSheet, Element, ShadowRoot, ShadowRootInit, ShadowRootMode};
use yew::{AppHandle, Renderer};

use crate::checkout::{CheckoutView, Props};

/// The loader has the button's rules too: it paints the same button before this module is there.
const STYLE: &str = concat!(include_str!("view/button.css"), include_str!("widget.css"));

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
    pub fn new(target: &Element, nonce: Option<&str>, props: Props) -> Result<Self, JsValue> {
        let document = target.owner_document().ok_or("the target is not part of a document")?;
        let host = document.create_element("div")?;
        let shadow = host.attach_shadow(&ShadowRootInit::new(ShadowRootMode::Open))?;
        let mounted = draw(host, &shadow, &document.create_element("div")?, nonce, props)?;
        target.append_child(&mounted.host)?;
        Ok(mounted)
    }

    /// Draws the widget into a shadow root that is there, beside the button that the loader has painted. Hidden,
    /// because Yew may let the browser draw a frame before it says `onReady`: then the loader takes its own button
    /// away and shows this one, in one task.
    ///
    /// # Errors
    /// What the browser threw.
    pub fn into_shadow(shadow: &ShadowRoot, nonce: Option<&str>, props: Props) -> Result<Self, JsValue> {
        let host = shadow.host();
        let document = host.owner_document().ok_or("the shadow root is not part of a document")?;
        let root = document.create_element("div")?;
        root.set_attribute("hidden", "")?;
        draw(host, shadow, &root, nonce, props)
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

fn draw(
    host: Element,
    shadow: &ShadowRoot,
    root: &Element,
    nonce: Option<&str>,
    props: Props,
) -> Result<Mounted, JsValue> {
    if add_style(shadow).is_err() {
        add_style_element(shadow, root, nonce)?;
    }
    shadow.append_child(root)?;
    let app = Renderer::<CheckoutView>::with_root_and_props(root.clone(), props).render();
    Ok(Mounted { host, app })
}

/// A constructed stylesheet needs no `style-src` exception in the page's policy.
fn add_style(shadow: &ShadowRoot) -> Result<(), JsValue> {
    let sheet = CssStyleSheet::new()?;
    crate::js::call_method(&sheet, "replaceSync", &STYLE.into())?;
    Reflect::set(shadow.unchecked_ref(), &"adoptedStyleSheets".into(), &Array::of1(&sheet))?;
    Ok(())
}

/// For Safari before 16.4, which cannot construct one. The nonce is the page's permission.
fn add_style_element(shadow: &ShadowRoot, root: &Element, nonce: Option<&str>) -> Result<(), JsValue> {
    let document = root.owner_document().ok_or("an element without a document")?;
    let style = document.create_element("style")?;
    style.set_attribute("nonce", nonce.unwrap_or_default())?;
    style.set_text_content(Some(STYLE));
    shadow.append_child(&style)?;
    Ok(())
}

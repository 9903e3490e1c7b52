//! Puts the widget into the page: the stylesheet, and Yew, in a shadow root.

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{CssStyleSheet, Element, ShadowRoot, ShadowRootInit, ShadowRootMode};
use yew::{AppHandle, Renderer};

use crate::checkout::{CheckoutView, Props};

/// All rules except the button's, which the loader has already put into the shadow root.
const STYLE: &str = include_str!(concat!(env!("OUT_DIR"), "/widget.css"));
/// The button's rules, for a page without the loader. Their source is the loader.
const BUTTON_STYLE: &str = include_str!(concat!(env!("OUT_DIR"), "/button.css"));

/// A mounted widget. [`Mounted::destroy`] removes it from the page.
#[derive(Debug)]
pub struct Mounted {
    host: Element,
    app: AppHandle<CheckoutView>,
}

impl Mounted {
    /// Draws the widget as the last child of `target`, for a Rust program, which has no loader.
    ///
    /// # Errors
    /// What the browser threw; nothing is left in the page then.
    pub fn new(target: &Element, props: Props) -> Result<Self, JsValue> {
        let document = target.owner_document().ok_or("the target is not part of a document")?;
        let host = document.create_element("div")?;
        let shadow = host.attach_shadow(&ShadowRootInit::new(ShadowRootMode::Open))?;
        if add_style(&shadow, BUTTON_STYLE).and_then(|()| add_style(&shadow, STYLE)).is_err() {
            // Safari before 16.4 cannot construct a stylesheet.
            let style = document.create_element("style")?;
            style.set_text_content(Some(&format!("{BUTTON_STYLE}{STYLE}")));
            shadow.append_child(&style)?;
        }
        let root = document.create_element("div")?;
        shadow.append_child(&root)?;
        target.append_child(&host)?;
        Ok(draw(host, &root, props))
    }

    /// Draws the widget into `root`, and puts that beside the button that the loader has painted in `shadow`. The
    /// loader keeps it hidden until `onReady`, and then replaces its own button by this one in one task. `style` holds
    /// the button's rules if the browser cannot construct a stylesheet.
    ///
    /// # Errors
    /// What the browser threw.
    pub fn beside_button(
        shadow: &ShadowRoot,
        root: &Element,
        style: Option<&Element>,
        props: Props,
    ) -> Result<Self, JsValue> {
        match style {
            Some(style) => {
                let rules = style.text_content().unwrap_or_default() + STYLE;
                style.set_text_content(Some(&rules));
            }
            None => add_style(shadow, STYLE)?,
        }
        shadow.append_child(root)?;
        Ok(draw(shadow.host(), root, props))
    }

    /// Returns the component, to send messages to.
    #[must_use]
    pub fn app(&self) -> &AppHandle<CheckoutView> {
        &self.app
    }

    /// Removes the widget; its listeners and timers end with it.
    pub fn destroy(self) {
        self.host.remove();
        self.app.destroy();
    }
}

fn draw(host: Element, root: &Element, props: Props) -> Mounted {
    let app = Renderer::<CheckoutView>::with_root_and_props(root.clone(), props).render();
    Mounted { host, app }
}

/// Adds rules by a constructed stylesheet, which needs no `style-src` exception in the page's policy.
fn add_style(shadow: &ShadowRoot, rules: &str) -> Result<(), JsValue> {
    let sheet = CssStyleSheet::new()?;
    sheet.unchecked_ref::<ConstructedSheet>().replace_sync(rules)?;
    let shadow: &AdoptingRoot = shadow.unchecked_ref();
    let sheets = Array::from(&shadow.adopted_style_sheets());
    sheets.push(&sheet);
    shadow.set_adopted_style_sheets(&sheets);
    Ok(())
}

// An interface that web-sys does not have.
#[wasm_bindgen]
extern "C" {
    type ConstructedSheet;
    #[wasm_bindgen(method, js_name = replaceSync, catch)]
    fn replace_sync(this: &ConstructedSheet, rules: &str) -> Result<(), JsValue>;

    type AdoptingRoot;
    #[wasm_bindgen(method, getter, js_name = adoptedStyleSheets)]
    fn adopted_style_sheets(this: &AdoptingRoot) -> JsValue;
    #[wasm_bindgen(method, setter, js_name = adoptedStyleSheets)]
    fn set_adopted_style_sheets(this: &AdoptingRoot, sheets: &Array);
}

#[cfg(test)]
mod tests {
    use super::BUTTON_STYLE;

    #[test]
    fn the_loader_and_a_rust_program_have_the_same_button() {
        let loader = include_str!("../www/ecommerce.js");
        assert!(loader.contains(&format!("const BUTTON_CSS = `{BUTTON_STYLE}`;")));
        assert!(BUTTON_STYLE.contains(".pay {"));
    }
}

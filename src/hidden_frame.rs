//! An empty, invisible frame. It stands at the end of the document and not in the widget's container, which the page
//! can move or remove. Dropping it removes it from the page.

use wasm_bindgen::JsCast;
use web_sys::{HtmlIFrameElement, Window};

/// The frame.
#[derive(Debug)]
pub struct HiddenFrame(HtmlIFrameElement);

impl HiddenFrame {
    /// Puts the frame into the page, with a style that makes it invisible. Returns `None` if the page has no document.
    #[must_use]
    pub fn new(style: &str) -> Option<Self> {
        let page = web_sys::window()?.document()?;
        let frame: HtmlIFrameElement = page.create_element("iframe").ok()?.unchecked_into();
        // Set by script, which the page's policy allows.
        frame.style().set_css_text(style);
        page.document_element()?.append_child(&frame).ok()?;
        Some(Self(frame))
    }

    /// Returns the window in the frame.
    #[must_use]
    pub fn window(&self) -> Option<Window> {
        self.0.content_window()
    }
}

impl Drop for HiddenFrame {
    fn drop(&mut self) {
        self.0.remove();
    }
}

//! What the browser does not let be drawn: a dialog that is open, and where the focus is.

use wasm_bindgen::JsValue;
use web_sys::HtmlDialogElement;

use crate::js;

/// Shows the dialog above everything else. One whose place in the page was moved is still open, but not above
/// everything any more.
pub(super) fn show(dialog: &HtmlDialogElement) {
    if dialog.open() {
        if dialog.matches(":modal").unwrap_or(true) {
            return;
        }
        // Not `close()`, which would say that the shopper closed it.
        let _ = dialog.remove_attribute("open");
    }
    // Throws only for a dialog that has just been taken out of the page.
    let _ = dialog.show_modal();
}

/// The control that had the focus may have gone with its state: then the next thing to do has it.
pub(super) fn keep_focus(dialog: &HtmlDialogElement) {
    if js::get_some(&dialog.get_root_node(), "activeElement").is_none()
        && let Ok(Some(next)) = dialog.query_selector(".action, .close")
    {
        // Fails only for an element that has just gone too.
        let _ = js::call_method(&next, "focus", &JsValue::UNDEFINED);
    }
}

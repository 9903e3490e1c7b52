//! Prints the receipt, and nothing else of the page.

use gloo_timers::callback::Timeout;
use web_sys::Element;

use super::CheckoutView;
use crate::hidden_frame::HiddenFrame;

/// The style of the frame that is printed. Browsers print no frame without a box.
const FRAME: &str = "position:fixed!important;width:0;border:0";

/// Milliseconds after which the frame goes: some browsers print only after `print()` has returned.
const PRINTING: u32 = 60_000;

impl CheckoutView {
    /// Copies the receipt into an empty frame, and prints that.
    pub(super) fn print_receipt(&self) {
        // Each step fails only if the page has removed the widget.
        let _ = self.nodes.dialog.cast::<Element>().and_then(|dialog| print(&dialog));
    }
}

fn print(dialog: &Element) -> Option<()> {
    let frame = HiddenFrame::new(FRAME)?;
    let window = frame.window()?;
    let paper = window.document()?.body()?;
    paper.set_dir(&dialog.get_attribute("dir")?);
    let receipt = dialog.query_selector(".body").ok()??;
    paper.append_child(&receipt.clone_node_with_deep(true).ok()?).ok()?;
    let _ = window.print();
    Timeout::new(PRINTING, move || drop(frame)).forget();
    Some(())
}

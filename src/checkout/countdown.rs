//! Counts down the remaining seconds, by the server's clock.

use web_sys::Element;
use yew::Context;

use super::CheckoutView;
use crate::locale::format_duration;
use crate::state::Event;

impl CheckoutView {
    /// Returns when the shown link ends, if it can still be paid.
    pub(super) fn deadline(&self) -> Option<&str> {
        let checkout = self.state.checkout().filter(|checkout| checkout.is_payable())?;
        checkout.expires_at()
    }

    fn seconds_left(&self) -> Option<u32> {
        self.clock_offset.seconds_until(self.deadline()?)
    }

    pub(super) fn write_clock(&self) {
        if let (Some(clock), Some(seconds)) = (self.nodes.clock.cast::<Element>(), self.seconds_left()) {
            let text = format_duration(seconds, self.options.messages.locale.as_ref());
            clock.set_text_content(Some(&text));
        }
    }

    pub(super) fn count_down(&mut self, context: &Context<Self>) -> bool {
        self.write_clock();
        if self.seconds_left() != Some(0) || self.over.as_deref() == self.deadline() {
            return false;
        }
        self.over = self.deadline().map(str::to_owned);
        self.dispatch(context, Event::TimeIsUp);
        true
    }
}

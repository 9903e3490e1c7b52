//! The "Pay with banq" widget: one button that asks for a payment link, shows it as a QR code and in a
//! window, and tells the page, once and truthfully, how it ended.
//!
//! The modules in the order in which a click travels:
//!
//! 1. [`api`]: what the loader (`www/ecommerce.js`) calls; the only exports.
//! 2. [`options`]: the page's options, each mistake named.
//! 3. [`mount`]: a shadow root with the stylesheet, and Yew in it.
//! 4. [`checkout`]: the component; carries out the effects that [`state`] asks for.
//! 5. [`state`]: what happens when; pure.
//! 6. [`merchant`]: asks the shop for a payment link.
//! 7. [`payment_info`]: what the shop answered, and which links are safe to show.
//! 8. [`view`]: one file for each thing that is drawn, with the words of [`words`].
//! 9. [`popup`]: the payment window and what it says.
//! 10. [`listener`]: the status stream, until it ends.
//! 11. [`callbacks`]: what the page is told; [`error`]: what can go wrong.
//!
//! Beside them: [`js`], JavaScript's values, and [`decimal`], numbers as text.

pub mod api;
pub mod callbacks;
pub mod checkout;
pub mod clock;
pub mod decimal;
pub mod error;
pub mod js;
pub mod listener;
pub mod merchant;
pub mod mount;
pub mod options;
pub mod payment_info;
pub mod popup;
pub mod session;
pub mod state;
pub mod view;
pub mod words;

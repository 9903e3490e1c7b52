//! The "Pay with banq" widget: one button that asks for a payment link, shows it as a QR code and in a
//! window, and tells the page, once and truthfully, how it ended.
//!
//! The modules in the order in which a click travels:
//!
//! 1. [`api`]: what the loader (`www/ecommerce.js`) calls; the only exports.
//! 2. [`options`]: the page's options, each mistake named; [`appearance`]: those that only change the look.
//! 3. [`mount`]: a shadow root with the stylesheet, and Yew in it.
//! 4. [`checkout`]: the component; carries out the effects that [`state`] asks for.
//! 5. [`state`]: what happens when; pure.
//! 6. [`merchant`]: asks the shop for a payment link.
//! 7. [`payment_info`]: what the shop answered, and which links are safe to show.
//! 8. [`view`]: one file for each thing that is drawn, with the words of [`words`].
//! 9. [`popup`]: the hosted payment page and what it says; [`clock`]: the countdown; [`session`]: what a reload
//!    needs to go on.
//! 10. [`listener`]: the status stream, until it ends.
//! 11. [`callbacks`]: what the page is told; [`error`]: what can go wrong.
//!
//! [`client`] is the same core without a face, in a bundle of its own.
//!
//! Beside them: [`js`], JavaScript's values, and [`decimal`], numbers as text.

#[cfg(feature = "widget")]
pub mod api;
#[cfg(feature = "widget")]
pub mod appearance;
pub mod callbacks;
#[cfg(feature = "widget")]
pub mod checkout;
#[cfg(feature = "headless")]
pub mod client;
#[cfg(feature = "widget")]
pub mod clock;
pub mod decimal;
pub mod error;
pub mod js;
pub mod listener;
pub mod merchant;
#[cfg(feature = "widget")]
pub mod mount;
pub mod options;
pub mod payment_info;
#[cfg(feature = "widget")]
pub mod popup;
#[cfg(feature = "widget")]
pub mod session;
pub mod state;
#[cfg(feature = "widget")]
pub mod view;
#[cfg(feature = "widget")]
pub mod words;

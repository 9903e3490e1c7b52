//! The "Pay with banq" widget: one button that requests a payment link, shows it as a QR code and in a window, and
//! tells the page, exactly once and truthfully, how the payment ended.
//!
//! The modules in the order in which a click passes through them:
//!
//! 1. [`exports`]: the functions that the loader (`www/ecommerce.js`) calls; the only exports.
//! 2. [`options`]: reads the page's options, and names each mistake; [`appearance`]: those that only change the look.
//! 3. [`mount`]: a shadow root with the stylesheet, and Yew in it.
//! 4. [`checkout`]: the component; runs the effects that [`state`] asks for.
//! 5. [`state`]: the pure state machine of a checkout.
//! 6. [`link_request`]: requests a payment link from the shop.
//! 7. [`payment_info`]: the shop's answer; [`payment_url`]: decides which links are safe to show.
//! 8. [`view`]: one file for each part of the screen, with the texts of [`messages`] and the amounts of [`locale`].
//! 9. [`hosted_page`]: the hosted payment page and its messages; [`hidden_frame`]: what opens its window;
//!    [`server_clock`]: the countdown; [`resume_storage`]: the record that a reload needs to resume.
//! 10. [`status_channel`]: receives the checkout's status, by SSE or by polling; a pure state machine in a thin shell.
//! 11. [`callbacks`]: calls the page; [`error`]: the list of errors.
//!
//! [`pay_with_banq`] is the widget as a component of a Yew application.
//!
//! [`headless`] is the same core in a bundle of its own, which draws nothing. The others use [`browser`], the page's
//! values, and [`http`], requests to the merchant's server.

pub mod appearance;
pub mod browser;
pub mod callbacks;
#[cfg(feature = "view")]
pub mod checkout;
pub mod error;
#[cfg(feature = "widget")]
pub mod exports;
#[cfg(feature = "headless")]
pub mod headless;
#[cfg(feature = "view")]
pub mod hidden_frame;
#[cfg(feature = "view")]
pub mod hosted_page;
pub mod http;
pub mod link_request;
pub mod locale;
pub mod messages;
#[cfg(feature = "view")]
pub mod mount;
pub mod options;
#[cfg(feature = "component")]
pub mod pay_with_banq;
pub mod payment_info;
pub mod payment_url;
#[cfg(feature = "view")]
pub mod resume_storage;
#[cfg(feature = "view")]
pub mod server_clock;
pub mod state;
pub mod status_channel;
#[cfg(feature = "view")]
pub mod view;

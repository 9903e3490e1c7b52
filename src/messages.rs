//! All texts that a shopper reads.

use banq_checkout_wire::{FailReason, Issue, Status};

use crate::error::{ErrorCode, Failure};

/// The beginning of the dialog's heading and of the button's text, before the brand's name.
pub const PAY_WITH: &str = "Pay with ";
/// The brand's name.
pub const BRAND: &str = "banq";
/// The label of the dialog's close button, for screen readers.
pub const CLOSE: &str = "Close";
/// Shown while the link is being requested.
pub const PREPARING: &str = "Preparing your payment…";
/// The button that keeps the dialog open.
pub const KEEP_OPEN: &str = "Keep this open";
/// The button that requests another link after an error.
pub const TRY_AGAIN: &str = "Try again";
/// The button that requests another link after the expiry.
pub const NEW_CODE: &str = "Get a new code";
/// The button that closes the dialog after a success.
pub const DONE: &str = "Done";
/// The button that opens the link in the app.
pub const OPEN_APP: &str = "Open the app";
/// The button that opens the hosted payment page.
pub const PAY_IN_BROWSER: &str = "Pay in the browser";
/// The button that brings the hosted payment page to the front.
pub const GO_TO_WINDOW: &str = "Go to the payment window";
/// The label of the QR code, for screen readers.
pub const QR_CODE: &str = "QR code with the payment link";
/// The button that copies the link.
pub const COPY: &str = "Copy link";
/// Shown when the link was copied.
pub const COPIED: &str = "Copied";
/// Shown when the browser does not let the link be copied.
pub const COPY_BY_HAND: &str = "Select the link to copy it";
/// Shown when the browser did not open the payment window.
pub const WINDOW_BLOCKED: &str = "Your browser blocked the payment window. Open the link instead:";
/// Shown when the status stream is broken; no money is lost by that.
pub const CONNECTION_LOST: &str = "Connection lost. Trying again; your payment is safe.";
/// The sentence for a pending payment on a device that probably has the app.
pub const PENDING_ON_PHONE: &str = "Open the app, or scan the code with another phone.";
/// Shown when the countdown has ended.
pub const TIME_IS_UP: &str = "Checking whether a payment came…";
/// Shown before the countdown.
pub const TIME_LEFT: &str = "Time left: ";
/// The question when the shopper closes the dialog while the payment is being confirmed.
pub const CLOSE_ANYWAY: &str =
    "You can close this. Your payment will continue and the shop will be notified.";
/// Shown when the payment continues in another window.
pub const WINDOW_OPEN: &str = "Finish the payment in the window that opened.";

/// Returns a headline and a sentence that explain a status to the shopper.
#[must_use]
pub const fn status(status: Status, reason: Option<FailReason>) -> (&'static str, &'static str) {
    match status {
        Status::Pending => {
            ("Waiting for your payment", "Scan the code with your phone, or pay in the browser.")
        }
        Status::Processing => {
            ("Payment accepted", "Your bank is confirming it. You can leave this open; it takes a moment.")
        }
        Status::OnHold => {
            ("Payment on hold", "This payment is paused. It can still go through: please don't pay again.")
        }
        Status::Paid => ("Paid", "Your payment is confirmed. Thank you!"),
        Status::Declined => ("Payment declined", "The payment was not approved."),
        Status::Failed => ("Payment failed", failed(reason)),
        Status::Canceled => ("Payment canceled", "This payment request was withdrawn."),
        Status::Expired => ("This code has expired", "Nobody paid in time. You can get a new code."),
        Status::Reversed => ("Payment reversed", "The money was sent back."),
    }
}

/// Returns a headline and a sentence that explain an issue with the money to the shopper, for any status.
#[must_use]
pub const fn issue(issue: Issue) -> (&'static str, &'static str) {
    match issue {
        Issue::PaidOtherAmount => ("Payment received", PAID_OTHER_AMOUNT),
        Issue::PaymentMismatch => (
            "Payment received",
            "A payment came that differs from what this order costs. Please do not pay again; contact the shop.",
        ),
        Issue::PaymentInDoubt => ("Payment being checked", IN_QUESTION),
    }
}

const PAID_OTHER_AMOUNT: &str =
    "This order was paid at another price than it has now. Please do not pay again; contact the shop.";
const IN_QUESTION: &str =
    "A payment for this order needs to be checked by the shop. Please do not pay again; contact the shop.";

const fn failed(reason: Option<FailReason>) -> &'static str {
    match reason {
        Some(FailReason::InsufficientFunds) => "There is not enough money in the account.",
        Some(FailReason::LimitExceeded) => "A limit of the account was reached.",
        Some(FailReason::AccountUnavailable) => "The account cannot be used for payments at the moment.",
        Some(FailReason::ReauthenticationRequired) => "Please sign in to your bank again.",
        Some(FailReason::Canceled) => "The transfer was canceled on its way.",
        Some(FailReason::Reversed) => "The transfer was reversed.",
        Some(FailReason::ProcessingFailed) | None => "The transfer could not be processed.",
    }
}

/// Returns the text that tells the shopper what to do after an error; never the cause.
#[must_use]
pub const fn error(failure: &Failure) -> &'static str {
    match failure.code {
        ErrorCode::LinkRequestFailed if failure.of_page => {
            "Your payment could not be prepared. Please try again, or contact the shop."
        }
        ErrorCode::LinkRequestFailed => "The shop could not be reached. Check your connection and try again.",
        ErrorCode::LinkTimeout => "This is taking too long. You have not been charged. Please try again.",
        ErrorCode::ProviderUnavailable => {
            "The payment service cannot be reached right now. You have not been charged. Please try again."
        }
        ErrorCode::OrderAlreadyPaid => "This order is already paid.",
        ErrorCode::OrderPaidOtherAmount => PAID_OTHER_AMOUNT,
        ErrorCode::OrderPaymentInQuestion => IN_QUESTION,
        ErrorCode::LinkInvalid | ErrorCode::InvalidOption | ErrorCode::OrderRejected => {
            "This order cannot be paid here. Please contact the shop."
        }
        ErrorCode::WindowBlocked => WINDOW_BLOCKED,
    }
}

//! The closed list of errors that a page can receive.

use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::browser;

/// The kind of an error. The page's `onError` gets it as `{code, message, recoverable, cause?}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// An option is missing or of the wrong type; the message names it.
    InvalidOption,
    /// `getPaymentInfo` rejected, or the shop's server could not be reached.
    LinkRequestFailed,
    /// The request for a link was not answered in time.
    LinkTimeout,
    /// The answer contains no payment link, or one that is not safe to open.
    LinkInvalid,
    /// The shop's server refused this order.
    OrderRejected,
    /// The order is paid already.
    OrderAlreadyPaid,
    /// A link of this order was paid at another price than the order has now.
    OrderPaidOtherAmount,
    /// Money came for this order that differs from the request, or that may not be there any more.
    OrderPaymentInQuestion,
    /// The shop's server or the payment provider has a fault.
    ProviderUnavailable,
    /// The browser did not let the payment window open.
    WindowBlocked,
}

impl ErrorCode {
    /// Every code, in the order of the documentation.
    pub const ALL: [Self; 10] = [
        Self::InvalidOption,
        Self::LinkRequestFailed,
        Self::LinkTimeout,
        Self::LinkInvalid,
        Self::OrderRejected,
        Self::OrderAlreadyPaid,
        Self::OrderPaidOtherAmount,
        Self::OrderPaymentInQuestion,
        Self::ProviderUnavailable,
        Self::WindowBlocked,
    ];

    /// Returns the stable word for `onError`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidOption => "invalid_option",
            Self::LinkRequestFailed => "link_request_failed",
            Self::LinkTimeout => "link_timeout",
            Self::LinkInvalid => "link_invalid",
            Self::OrderRejected => "order_rejected",
            Self::OrderAlreadyPaid => "order_already_paid",
            Self::OrderPaidOtherAmount => "order_paid_other_amount",
            Self::OrderPaymentInQuestion => "order_payment_in_question",
            Self::ProviderUnavailable => "provider_unavailable",
            Self::WindowBlocked => "window_blocked",
        }
    }

    /// Returns whether a retry may succeed.
    #[must_use]
    pub const fn is_recoverable(self) -> bool {
        match self {
            Self::InvalidOption | Self::LinkInvalid | Self::OrderRejected => false,
            Self::OrderAlreadyPaid | Self::OrderPaidOtherAmount | Self::OrderPaymentInQuestion => false,
            Self::LinkRequestFailed | Self::LinkTimeout | Self::ProviderUnavailable | Self::WindowBlocked => {
                true
            }
        }
    }

    /// Returns whether the error says that money came for the order.
    #[must_use]
    pub const fn is_about_money(self) -> bool {
        match self {
            Self::OrderAlreadyPaid | Self::OrderPaidOtherAmount | Self::OrderPaymentInQuestion => true,
            Self::InvalidOption | Self::LinkInvalid | Self::OrderRejected | Self::LinkRequestFailed => false,
            Self::LinkTimeout | Self::ProviderUnavailable | Self::WindowBlocked => false,
        }
    }
}

/// An [`ErrorCode`] with its cause. The cause is for the developer (console and `onError`), never for the shopper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The kind of the error.
    pub code: ErrorCode,
    /// One sentence for the developer; empty when there is nothing to add.
    pub cause: String,
    /// The order about which the shop's server answered.
    pub order_id: Option<String>,
    /// Whether the widget continues nevertheless: a retry may succeed, or a default replaces a wrong option.
    pub recoverable: bool,
    /// Whether the page's own function is at fault, and not the connection.
    pub of_page: bool,
    /// The id under which the server's log has the refused request.
    pub request_id: Option<String>,
}

/// The argument of `onError`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorDetail<'a> {
    code: &'static str,
    message: &'a str,
    recoverable: bool,
    /// Where the code is explained.
    docs_url: String,
    /// The id under which the server's log has the refused request.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

impl Failure {
    /// Returns a failure with its cause.
    pub fn new(code: ErrorCode, cause: impl Into<String>) -> Self {
        Self {
            code,
            cause: cause.into(),
            order_id: None,
            recoverable: code.is_recoverable(),
            of_page: false,
            request_id: None,
        }
    }

    /// Marks a fault of the page's own function.
    #[must_use]
    pub fn of_page(self) -> Self {
        Self { of_page: true, ..self }
    }

    /// Adds a wrong option, which a default replaces, to those that are reported to the page.
    pub fn keep_in(mut self, mistakes: &mut Vec<Self>) {
        self.recoverable = true;
        mistakes.push(self);
    }

    /// Returns the argument of `onError`.
    #[must_use]
    pub fn detail(&self) -> ErrorDetail<'_> {
        let code = self.code.as_str();
        ErrorDetail {
            code,
            message: &self.cause,
            recoverable: self.recoverable,
            docs_url: browser::asset(&("errors.html#".to_owned() + code)),
            request_id: self.request_id.as_deref(),
        }
    }

    /// Returns a JavaScript `Error` with `code` and `recoverable`.
    #[must_use]
    pub fn to_js(&self) -> JsValue {
        let error = js_sys::Error::new(&self.cause);
        js_sys::Object::assign(&error, &browser::to_object(&self.detail()).into()).into()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::ErrorCode;

    #[test]
    fn every_code_has_a_word_of_its_own() {
        let words: HashSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(words.len(), ErrorCode::ALL.len());
    }
}

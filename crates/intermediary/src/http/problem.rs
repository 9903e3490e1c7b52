//! Turns errors into `application/problem+json`. A 5xx never shows its cause, which is in the log under the same
//! request id.

use std::sync::Arc;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use wire::{Problem, ProblemCode};

use crate::{
    checkout,
    http::{error::Error, middleware::request_id},
    provider::ProviderError,
    store,
};

/// The cause of an error response, kept in its extensions for the log.
#[derive(Clone)]
pub(crate) struct Failure(pub(crate) Arc<Error>);

impl Error {
    /// Returns the problem's stable code.
    pub(crate) fn code(&self) -> ProblemCode {
        match self {
            Self::InvalidJson(_) | Self::BodyLost => ProblemCode::InvalidJson,
            Self::InvalidField(_) => ProblemCode::InvalidField,
            Self::LinkTokenInvalid => ProblemCode::LinkTokenInvalid,
            Self::CheckoutNotFound => ProblemCode::CheckoutNotFound,
            Self::NotFound => ProblemCode::NotFound,
            Self::MethodNotAllowed => ProblemCode::MethodNotAllowed,
            Self::Unauthorized => ProblemCode::Unauthorized,
            Self::InvalidSignature => ProblemCode::InvalidSignature,
            Self::NotAWebhook => ProblemCode::NotAWebhook,
            Self::PayloadTooLarge => ProblemCode::PayloadTooLarge,
            Self::OriginNotAllowed(_) => ProblemCode::OriginNotAllowed,
            Self::TooManyRequests(_) => ProblemCode::TooManyRequests,
            Self::Unavailable => ProblemCode::Unavailable,
            Self::Internal(_) => ProblemCode::Internal,
            Self::Checkout(cause) | Self::NoLink { cause, .. } => checkout_code(cause),
        }
    }

    /// Returns the problem's text. Only texts of 4xx say what was wrong.
    fn detail(&self) -> &str {
        match self {
            Self::InvalidJson(text) | Self::InvalidField(text) => text,
            Self::BodyLost => "The body broke off, or did not arrive in time: send it again.",
            Self::LinkTokenInvalid => {
                "Send the linkToken that PUT /orders/{orderId} returned for this order as token."
            }
            Self::CheckoutNotFound => "There is no such checkout.",
            Self::NotFound => "There is nothing at this address.",
            Self::MethodNotAllowed => "This address exists, but not for this method.",
            Self::Unauthorized => "Send the API key as Authorization: Bearer.",
            Self::InvalidSignature => "The signature is missing or wrong; nothing was stored.",
            Self::NotAWebhook => {
                "Signed, but not a webhook: id, action, resourceType and resourceId are expected."
            }
            Self::PayloadTooLarge => "The body is larger than this server reads.",
            Self::OriginNotAllowed(_) => "This page's origin is not in BANQ_ALLOWED_ORIGINS.",
            Self::TooManyRequests(_) => "Too many requests from this address; try again later.",
            Self::Unavailable => UNAVAILABLE,
            Self::Internal(_) => INTERNAL,
            Self::Checkout(cause) | Self::NoLink { cause, .. } => checkout_detail(cause),
        }
    }

    /// Returns the requested order's id, by which a page that waits for a payment knows whether the response is about
    /// its order.
    fn order_id(&self) -> Option<&str> {
        match self {
            Self::NoLink { order_id, .. } => Some(order_id),
            _ => None,
        }
    }

    /// Returns after how many seconds a retry may succeed.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooManyRequests(wait) => Some(wait.as_secs() + 1),
            error if error.code() == ProblemCode::Unavailable => Some(5),
            _ => None,
        }
    }
}

const UNAVAILABLE: &str = "The server is not available at the moment; try again.";
const INTERNAL: &str = "A fault of the server; its log has the cause.";

fn checkout_code(error: &checkout::Error) -> ProblemCode {
    match error {
        checkout::Error::OrderNotFound => ProblemCode::OrderNotFound,
        checkout::Error::ClientAmountNotAllowed => ProblemCode::ClientAmountNotAllowed,
        checkout::Error::OrderAlreadyPaid => ProblemCode::OrderAlreadyPaid,
        checkout::Error::OrderPaidOtherAmount => ProblemCode::OrderPaidOtherAmount,
        checkout::Error::OrderPaymentInQuestion => ProblemCode::OrderPaymentInQuestion,
        checkout::Error::OrderWithdrawn => ProblemCode::OrderWithdrawn,
        checkout::Error::Provider(failure) => provider_code(failure),
        checkout::Error::UnsafeLink(_) => ProblemCode::ProviderUnavailable,
        checkout::Error::Busy | checkout::Error::OrderSource(_) => ProblemCode::Unavailable,
        checkout::Error::Store(error) if error.is_away() => ProblemCode::Unavailable,
        checkout::Error::Store(_) | checkout::Error::TaskPanicked => ProblemCode::Internal,
    }
}

fn checkout_detail(error: &checkout::Error) -> &'static str {
    match error {
        checkout::Error::OrderNotFound => {
            "No price was registered for this order: the shop's server registers it with PUT /orders/{orderId}."
        }
        checkout::Error::ClientAmountNotAllowed => {
            "This server takes prices from the shop only: register the order with PUT /orders/{orderId}, and \
                 leave funds out."
        }
        checkout::Error::OrderAlreadyPaid => "This order is paid already.",
        checkout::Error::OrderPaidOtherAmount => {
            "A link of this order was paid at another price than the order has now. Refund that payment or settle \
                 it by hand; until then the order gets no other link."
        }
        checkout::Error::OrderPaymentInQuestion => {
            "Money came for this order that is not what was asked for, or is not surely there any more. Settle it \
                 by hand; until then the order gets no other link."
        }
        checkout::Error::OrderWithdrawn => {
            "The shop has withdrawn this order: PUT /orders/{orderId} puts it on sale again."
        }
        checkout::Error::Provider(failure) if provider_code(failure) == ProblemCode::ProviderRejected => {
            "The payment provider refused this request; asking again will not help."
        }
        checkout::Error::Provider(_) | checkout::Error::UnsafeLink(_) => {
            "The payment provider cannot be reached at the moment. Nothing was charged; try again."
        }
        checkout::Error::Busy | checkout::Error::OrderSource(_) => UNAVAILABLE,
        checkout::Error::Store(error) if matches!(**error, store::Error::Database(_)) => UNAVAILABLE,
        checkout::Error::Store(_) | checkout::Error::TaskPanicked => INTERNAL,
    }
}

fn provider_code(error: &ProviderError) -> ProblemCode {
    match error {
        ProviderError::Refused(_) | ProviderError::NotFound(_) => ProblemCode::ProviderRejected,
        ProviderError::Timeout => ProblemCode::ProviderTimeout,
        // The merchant corrects wrong credentials, and then a retry succeeds.
        ProviderError::Unauthorized(_) | ProviderError::RateLimited(_) | ProviderError::Unavailable(_) => {
            ProblemCode::ProviderUnavailable
        }
        ProviderError::InvalidResponse(_) | ProviderError::ForeignId(_) => ProblemCode::ProviderUnavailable,
    }
}

pub(crate) fn status(code: ProblemCode) -> StatusCode {
    match code {
        ProblemCode::InvalidJson | ProblemCode::NotAWebhook => StatusCode::BAD_REQUEST,
        ProblemCode::InvalidField => StatusCode::UNPROCESSABLE_ENTITY,
        ProblemCode::OrderNotFound | ProblemCode::CheckoutNotFound | ProblemCode::NotFound => {
            StatusCode::NOT_FOUND
        }
        ProblemCode::ClientAmountNotAllowed
        | ProblemCode::OriginNotAllowed
        | ProblemCode::LinkTokenInvalid => StatusCode::FORBIDDEN,
        ProblemCode::OrderAlreadyPaid
        | ProblemCode::OrderPaidOtherAmount
        | ProblemCode::OrderPaymentInQuestion => StatusCode::CONFLICT,
        ProblemCode::OrderWithdrawn => StatusCode::GONE,
        ProblemCode::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ProblemCode::Unauthorized | ProblemCode::InvalidSignature => StatusCode::UNAUTHORIZED,
        ProblemCode::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ProblemCode::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        ProblemCode::ProviderRejected | ProblemCode::ProviderUnavailable => StatusCode::BAD_GATEWAY,
        ProblemCode::ProviderTimeout => StatusCode::GATEWAY_TIMEOUT,
        ProblemCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ProblemCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let code = self.code();
        let status = status(code);
        let problem = Problem {
            kind: "about:blank".to_owned(),
            title: status.canonical_reason().unwrap_or_default().to_owned(),
            status: status.as_u16(),
            detail: self.detail().to_owned(),
            code,
            order_id: self.order_id().map(str::to_owned),
            request_id: request_id::current(),
        };
        // Serializing strings and a number cannot fail.
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if code == ProblemCode::Unauthorized {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(Failure(Arc::new(self)));
        response
    }
}

//! `GET /openapi.json`: every route, generated from the handlers (OpenAPI 3.1).
//!
//! Each handler declares its successful responses. This file lists the problems of each route, with statuses from
//! [`crate::http::problem`]; [`bodies`] describes bodies that are read field by field.

mod bodies;

use std::sync::Arc;

use axum::{Router, http::header, response::IntoResponse, routing::get};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        self, ContentBuilder, Ref, RefOr, ResponseBuilder,
        path::{HttpMethod, Operation, PathItem},
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use wire::{Problem, ProblemCode};

pub(crate) use self::bodies::{OrderPath, OrderTerms, PaymentLinkRequest, RegisteredOrder, WithdrawnOrder};
use crate::{http::problem, provider::WEBHOOK_PATH};

/// The parts of the document that belong to no handler.
#[derive(OpenApi)]
#[openapi(
    info(title = "banq intermediary", license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")),
    components(schemas(Problem)),
    modifiers(&Security),
    tags(
        (name = "pages", description = "For the shop's pages."),
        (name = "servers", description = "For the shop's own server, and for the payment provider."),
        (name = "operation", description = "For the operator.")
    )
)]
pub(crate) struct Document;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let bearer = |setting: &str| {
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(setting)).build()
        };
        let (key, token) = (bearer("BANQ_API_KEY"), bearer("BANQ_METRICS_TOKEN"));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("apiKey", SecurityScheme::Http(key));
        components.add_security_scheme("metricsToken", SecurityScheme::Http(token));
    }
}

/// The problems that each operation can return.
const PROBLEMS: [(&str, HttpMethod, &[ProblemCode]); 10] = [
    (
        "/generate-payment-link",
        HttpMethod::Post,
        &[
            ProblemCode::InvalidJson,
            ProblemCode::InvalidField,
            ProblemCode::LinkTokenInvalid,
            ProblemCode::OrderNotFound,
            ProblemCode::ClientAmountNotAllowed,
            ProblemCode::OrderAlreadyPaid,
            ProblemCode::OrderPaidOtherAmount,
            ProblemCode::OrderPaymentInQuestion,
            ProblemCode::OrderWithdrawn,
            ProblemCode::PayloadTooLarge,
            ProblemCode::OriginNotAllowed,
            ProblemCode::TooManyRequests,
            ProblemCode::ProviderRejected,
            ProblemCode::ProviderUnavailable,
            ProblemCode::ProviderTimeout,
            ProblemCode::Unavailable,
            ProblemCode::Internal,
        ],
    ),
    (
        "/checkouts/{checkout_id}",
        HttpMethod::Get,
        &[
            ProblemCode::InvalidField,
            ProblemCode::CheckoutNotFound,
            ProblemCode::Unavailable,
            ProblemCode::Internal,
        ],
    ),
    (
        "/checkouts/{checkout_id}/events",
        HttpMethod::Get,
        &[ProblemCode::CheckoutNotFound, ProblemCode::Unavailable, ProblemCode::Internal],
    ),
    (
        "/browser-reports",
        HttpMethod::Post,
        &[
            ProblemCode::InvalidJson,
            ProblemCode::PayloadTooLarge,
            ProblemCode::TooManyRequests,
            ProblemCode::Internal,
        ],
    ),
    (
        "/orders/{order_id}",
        HttpMethod::Put,
        &[
            ProblemCode::InvalidJson,
            ProblemCode::InvalidField,
            ProblemCode::NotFound,
            ProblemCode::OrderAlreadyPaid,
            ProblemCode::OrderPaidOtherAmount,
            ProblemCode::OrderPaymentInQuestion,
            ProblemCode::Unauthorized,
            ProblemCode::PayloadTooLarge,
            ProblemCode::Unavailable,
            ProblemCode::Internal,
        ],
    ),
    (
        "/orders/{order_id}",
        HttpMethod::Delete,
        &[
            ProblemCode::NotFound,
            ProblemCode::OrderNotFound,
            ProblemCode::OrderAlreadyPaid,
            ProblemCode::Unauthorized,
            ProblemCode::Unavailable,
            ProblemCode::Internal,
        ],
    ),
    (
        WEBHOOK_PATH,
        HttpMethod::Post,
        &[
            ProblemCode::InvalidJson,
            ProblemCode::NotAWebhook,
            ProblemCode::InvalidSignature,
            ProblemCode::PayloadTooLarge,
            ProblemCode::Unavailable,
            ProblemCode::Internal,
        ],
    ),
    ("/readyz", HttpMethod::Get, &[ProblemCode::Unavailable]),
    ("/metrics", HttpMethod::Get, &[ProblemCode::Unauthorized, ProblemCode::Internal]),
    ("/healthz", HttpMethod::Get, &[]),
];

/// Returns every problem code of the server; some more than once.
pub(crate) fn problem_codes() -> impl Iterator<Item = ProblemCode> {
    let elsewhere = [ProblemCode::NotFound, ProblemCode::MethodNotAllowed];
    PROBLEMS.iter().flat_map(|(_, _, codes)| codes.iter().copied()).chain(elsewhere)
}

/// Returns the route. The document is rendered once.
pub(crate) fn route(mut document: openapi::OpenApi) -> Router {
    for (path, method, codes) in &PROBLEMS {
        let item = document.paths.paths.get_mut(*path);
        if let Some(operation) = item.and_then(|item| operation(item, method)) {
            describe(operation, codes);
        }
    }
    // Serializing strings, lists and maps cannot fail.
    let text: Arc<str> = document.to_json().unwrap_or_default().into();
    let page = move || async move {
        let headers =
            [(header::CONTENT_TYPE, "application/json"), (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
        (headers, text.to_string()).into_response()
    };
    Router::new().route("/openapi.json", get(page))
}

fn operation<'a>(item: &'a mut PathItem, method: &HttpMethod) -> Option<&'a mut Operation> {
    match method {
        HttpMethod::Get => item.get.as_mut(),
        HttpMethod::Post => item.post.as_mut(),
        HttpMethod::Put => item.put.as_mut(),
        HttpMethod::Delete => item.delete.as_mut(),
        _ => None,
    }
}

/// Adds one response per status, listing its problem codes.
fn describe(operation: &mut Operation, codes: &[ProblemCode]) {
    for code in codes {
        let status = problem::status(*code);
        let same = codes.iter().filter(|other| problem::status(**other) == status);
        let names: Vec<String> = same.map(|code| name(*code)).collect();
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let response = ResponseBuilder::new()
            .description(names.join(", "))
            .content("application/problem+json", content)
            .build();
        operation.responses.responses.insert(status.as_str().to_owned(), RefOr::T(response));
    }
}

fn name(code: ProblemCode) -> String {
    serde_json::to_value(code).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Reads the statuses in docs/errors.md, by code.
    fn documented() -> BTreeMap<String, u16> {
        let text = include_str!("../../../../../docs/errors.md");
        let (_, table) = text.split_once("## From the server").unwrap();
        let rows = table.lines().filter(|line| line.starts_with("| `"));
        let cells = rows.map(|row| row.split('|').map(str::trim).collect::<Vec<_>>());
        let pairs = cells.flat_map(|cells| {
            let (codes, statuses) = (cells[1].split(", "), cells[2].split(", "));
            assert_eq!(codes.clone().count(), statuses.clone().count(), "{cells:?}");
            let pair =
                |(code, status): (&str, &str)| (code.trim_matches('`').to_owned(), status.parse().unwrap());
            codes.zip(statuses).map(pair).collect::<Vec<_>>()
        });
        pairs.collect()
    }

    #[test]
    fn every_code_has_the_documented_status() {
        let made: BTreeMap<String, u16> =
            problem_codes().map(|code| (name(code), problem::status(code).as_u16())).collect();
        assert_eq!(made, documented());
        assert_eq!(name(ProblemCode::OrderNotFound), "order_not_found");
    }
}

//! `GET /openapi.json`: every route, generated from the handlers (OpenAPI 3.1).
//!
//! What a handler answers when all goes well stands at the handler; which problems it can answer stands here, and
//! their statuses come from where they are made: [`crate::problem`].

use std::sync::Arc;

use axum::{Router, http::header, response::IntoResponse, routing::get};
use banq_checkout_wire::{Problem, ProblemCode};
use utoipa::{
    Modify, OpenApi, ToSchema,
    openapi::{
        self, ContentBuilder, Ref, RefOr, ResponseBuilder,
        path::{HttpMethod, Operation, PathItem},
        schema::{KnownFormat, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, Type},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::{problem, schedule::Frequency};

/// The parts that no handler has.
#[derive(OpenApi)]
#[openapi(
    info(title = "banq intermediary", license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")),
    components(schemas(Problem)),
    modifiers(&Security),
    tags(
        (name = "pages", description = "For the shop's pages."),
        (name = "servers", description = "For the shop's own server, and for Banq."),
        (name = "operation", description = "For whoever runs this server.")
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
        let signature = ApiKeyValue::with_description(
            "X-Banq-Webhook-Hmac",
            "Base64 of HMAC-SHA256 over the raw body, keyed by BANQ_WEBHOOK_SECRET.",
        );
        components.add_security_scheme("banqSignature", SecurityScheme::ApiKey(ApiKey::Header(signature)));
    }
}

/// Which problems each operation can answer.
const PROBLEMS: [(&str, HttpMethod, &[ProblemCode]); 8] = [
    (
        "/generate-payment-link",
        HttpMethod::Post,
        &[
            ProblemCode::InvalidJson,
            ProblemCode::InvalidField,
            ProblemCode::OrderNotFound,
            ProblemCode::ClientAmountNotAllowed,
            ProblemCode::OrderAlreadyPaid,
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
            ProblemCode::TooManyRequests,
            ProblemCode::Unavailable,
            ProblemCode::Internal,
        ],
    ),
    (
        "/checkouts/{checkout_id}/events",
        HttpMethod::Get,
        &[
            ProblemCode::CheckoutNotFound,
            ProblemCode::TooManyRequests,
            ProblemCode::Unavailable,
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
            ProblemCode::Unauthorized,
            ProblemCode::PayloadTooLarge,
            ProblemCode::Unavailable,
            ProblemCode::Internal,
        ],
    ),
    (
        "/your-web-hooks/payment-status",
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

/// The route, with the document made once.
pub(crate) fn route(mut document: openapi::OpenApi) -> Router {
    for (path, method, codes) in &PROBLEMS {
        let item = document.paths.paths.get_mut(*path);
        if let Some(operation) = item.and_then(|item| operation(item, method)) {
            describe(operation, codes);
        }
    }
    // Strings, lists and maps always are JSON; an empty document would be seen by every reader.
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
        _ => None,
    }
}

/// One response per status, which names its codes.
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

/// One printable line, without blanks around it.
const ORDER_ID: &str = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]{0,98}[^\s\x00-\x1f\x7f-\x9f])?$";

/// What the page sends. More fields are the shop's own business.
#[derive(ToSchema)]
#[schema(as = LinkWish)]
#[expect(dead_code, reason = "read field by field: see the handler; this is its description")]
pub(crate) struct LinkWish {
    #[schema(schema_with = order_id)]
    #[schema(rename = "orderId")]
    order_id: String,
    /// What the shopper reads; used only where the page may set prices.
    #[schema(schema_with = comment, required = false)]
    comment: Option<String>,
    /// Dollars; used only where the page may set prices.
    #[schema(schema_with = funds, required = false)]
    funds: Option<String>,
}

/// What an order costs.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read field by field: see the handler; this is its description")]
pub(crate) struct OrderTerms {
    #[schema(schema_with = funds)]
    funds: String,
    /// The provider's one currency.
    #[schema(schema_with = currency, required = false)]
    currency: Option<String>,
    /// What the shopper reads.
    #[schema(schema_with = comment, required = false)]
    comment: Option<String>,
    /// How often it is to be paid; absent is `once`.
    #[schema(schema_with = frequency, required = false)]
    frequency: Option<String>,
    /// The first day of a recurring payment, which needs one; an order that is paid once has none.
    #[schema(rename = "startDate", schema_with = date, required = false)]
    start_date: Option<String>,
    /// The last day of a recurring payment, after the first; absent: until it is canceled.
    #[schema(rename = "endDate", schema_with = date, required = false)]
    end_date: Option<String>,
}

/// An order as it is registered.
#[derive(ToSchema)]
#[expect(dead_code, reason = "written by the handler; this is its description")]
pub(crate) struct RegisteredOrder {
    #[schema(rename = "orderId")]
    order_id: String,
    /// Dollars with two decimals.
    funds: String,
    currency: String,
    comment: String,
    /// How often it is to be paid.
    #[schema(schema_with = frequency)]
    frequency: String,
    /// The first day of a recurring payment.
    #[schema(rename = "startDate", schema_with = date, required = false)]
    start_date: Option<String>,
    /// The last day of a recurring payment, if it has one.
    #[schema(rename = "endDate", schema_with = date, required = false)]
    end_date: Option<String>,
}

/// A webhook of Banq's.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the provider; this is its description")]
pub(crate) struct BanqWebhook {
    /// The webhook's own: a repeat has the same.
    #[schema(schema_with = provider_id)]
    id: String,
    /// `Completed` and so on; what is not known is kept and changes nothing.
    action: String,
    /// `Payment` or `Transaction`.
    #[schema(rename = "resourceType")]
    resource_type: String,
    #[schema(rename = "resourceId", schema_with = provider_id)]
    resource_id: String,
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// A GUID, as far as is known.
fn provider_id() -> Schema {
    text().pattern(Some("^[A-Za-z0-9_-]{1,100}$")).into()
}

/// Also a whole number: many shops number their orders.
pub(crate) fn order_id() -> Schema {
    let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
    let text = text().min_length(Some(1)).max_length(Some(100)).pattern(Some(ORDER_ID));
    OneOfBuilder::new().item(text).item(number).into()
}

fn comment() -> Schema {
    let text = text().max_length(Some(200)).pattern(Some(r"^[^\x00-\x1f\x7f-\x9f]*$"));
    OneOfBuilder::new().item(text).item(ObjectBuilder::new().schema_type(Type::Null)).into()
}

fn frequency() -> Schema {
    let text = text().enum_values(Some(Frequency::ALL.map(Frequency::as_str)));
    OneOfBuilder::new().item(text).item(ObjectBuilder::new().schema_type(Type::Null)).into()
}

fn date() -> Schema {
    let text = text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)));
    OneOfBuilder::new().item(text).item(ObjectBuilder::new().schema_type(Type::Null)).into()
}

fn currency() -> Schema {
    let text = text().enum_values(Some(["USD"]));
    OneOfBuilder::new().item(text).item(ObjectBuilder::new().schema_type(Type::Null)).into()
}

/// A decimal as text, or as a number.
fn funds() -> Schema {
    let pattern = r"^(0\.(0[1-9]|[1-9][0-9]?)|[1-9][0-9]{0,5}(\.[0-9]{1,2})?)$";
    let number = ObjectBuilder::new()
        .schema_type(Type::Number)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Double)))
        .multiple_of(Some(0.01))
        .exclusive_minimum(Some(0))
        .exclusive_maximum(Some(1_000_000));
    OneOfBuilder::new().item(text().pattern(Some(pattern))).item(number).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_the_documented_status() {
        let problems = PROBLEMS.iter().flat_map(|(_, _, codes)| codes.iter());
        for code in problems {
            assert!(problem::status(*code).as_u16() >= 400, "{}", name(*code));
        }
        assert_eq!(name(ProblemCode::OrderNotFound), "order_not_found");
    }
}

//! `PUT /orders/{orderId}`: the shop's server registers an order's terms.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use wire::Envelope;

use crate::{
    Frequency,
    domain::{checkout::Terms, order_id},
    http::error::Error,
    http::{
        body::{self, Raw},
        fields::{self, Field},
        middleware::bearer::ShopsServer,
        openapi, response,
        state::AppState,
    },
    store::Registered,
};

/// The fields of a body; others are refused.
const FIELDS: [&str; 6] = ["funds", "currency", "comment", "frequency", "startDate", "endDate"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    #[serde(default, deserialize_with = "fields::field")]
    funds: Field,
    #[serde(default, deserialize_with = "fields::field")]
    currency: Field,
    #[serde(default, deserialize_with = "fields::field")]
    comment: Field,
    #[serde(default, deserialize_with = "fields::field")]
    frequency: Field,
    #[serde(default, deserialize_with = "fields::field")]
    start_date: Field,
    #[serde(default, deserialize_with = "fields::field")]
    end_date: Field,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OrderResponse<'a> {
    order_id: &'a str,
    funds: String,
    currency: &'a str,
    comment: &'a str,
    /// The `token` with which a page requests the order's link.
    link_token: String,
    frequency: Frequency,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date: Option<String>,
}

/// Registers an order's terms.
///
/// 201 for a new order, 200 if the terms of a known one are replaced, 409 if the order is paid. An open link is
/// replaced at the next link request, unless the shopper has acted on it.
#[utoipa::path(
    put,
    path = "/orders/{order_id}",
    operation_id = "registerOrder",
    tag = "servers",
    security(("apiKey" = [])),
    params(openapi::OrderPath),
    request_body = openapi::OrderTerms,
    responses(
        (
            status = 201,
            description = "A new order.",
            body = Envelope<openapi::RegisteredOrder>,
            links(
                ("paymentLink" = (
                    operation_id = "generatePaymentLink",
                    request_body = json!({
                        "orderId": "$response.body#/data/orderId",
                        "token": "$response.body#/data/linkToken"
                    })
                ))
            )
        ),
        (
            status = 200,
            description = "The terms were replaced.",
            body = Envelope<openapi::RegisteredOrder>,
            links(
                ("paymentLink" = (
                    operation_id = "generatePaymentLink",
                    request_body = json!({
                        "orderId": "$response.body#/data/orderId",
                        "token": "$response.body#/data/linkToken"
                    })
                ))
            )
        )
    )
)]
pub(crate) async fn put(
    State(app): State<AppState>,
    _: ShopsServer,
    order_id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    Raw(raw): Raw,
) -> Result<Response, Error> {
    // An order must not have two sources of its price.
    if app.checkouts.orders.is_some() {
        return Err(Error::NotFound);
    }
    let Path(order_id) = order_id.map_err(|_| Error::NotFound)?;
    if let Err(fault) = order_id::check(&order_id) {
        return Err(Error::InvalidField(format!("The order's id {fault}.")));
    }
    let order: Order =
        body::json(&headers, &raw, "{\"funds\": \"2.50\", \"currency\": \"USD\", \"comment\": \"…\"}")?;
    fields::only_known(&raw, &FIELDS)?;
    let funds =
        order.funds.ok_or_else(|| Error::InvalidField("funds is missing: send the price.".to_owned()))?;
    let terms = Terms {
        funds: fields::funds(&funds)?,
        currency: currency(app.checkouts.provider.currency(), &order.currency)?,
        comment: fields::comment(&order.comment)?,
        schedule: fields::schedule(&order.frequency, &order.start_date, &order.end_date)?,
    };
    let status = match app.checkouts.store.register(&order_id, &terms).await? {
        Registered::New => StatusCode::CREATED,
        Registered::Replaced => StatusCode::OK,
    };
    let answer = OrderResponse {
        order_id: &order_id,
        funds: terms.funds.to_string(),
        currency: &terms.currency,
        comment: &terms.comment,
        link_token: app.link_tokens.of(&order_id),
        frequency: terms.schedule.frequency(),
        start_date: terms.schedule.start().map(|date| date.to_string()),
        end_date: terms.schedule.end().map(|date| date.to_string()),
    };
    Ok((status, response::data(&answer)?).into_response())
}

/// Reads the currency, which must be the provider's only one; it may be absent.
fn currency(only: &str, field: &Field) -> Result<String, Error> {
    let Some(json) = field else { return Ok(only.to_owned()) };
    let text: Option<String> = serde_json::from_str(json.get()).ok();
    match text {
        Some(text) if text == only => Ok(text),
        Some(text) if text.eq_ignore_ascii_case(only) => {
            Err(Error::InvalidField(format!("currency is wrong: write it in capitals, {only}.")))
        }
        Some(_) | None => {
            Err(Error::InvalidField(format!("currency is wrong: the payment provider moves {only} only.")))
        }
    }
}

#[cfg(test)]
mod tests {
    use utoipa::PartialSchema;

    use super::*;

    #[test]
    fn an_order_is_described_with_the_fields_that_it_may_have() {
        let described = serde_json::to_value(openapi::OrderTerms::schema()).unwrap();
        let fields: Vec<&str> =
            described["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        let mut known = FIELDS.to_vec();
        known.sort_unstable();
        assert_eq!(fields, known);
        assert_eq!(described["additionalProperties"], false);
    }
}

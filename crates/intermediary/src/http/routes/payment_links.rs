//! `POST /generate-payment-link`.

use std::time::Instant;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use wire::{Envelope, PaymentLink};

use crate::{
    checkout::{in_flight::LinkOrigin, link_url},
    domain::{checkout::Checkout, time},
    http::error::Error,
    http::{
        body::{self, Raw},
        fields::{self, Field},
        middleware::{bearer, client_ip::Client, request_id},
        openapi, response,
        state::{AppState, PublicUrl},
    },
    limits::rate::Exceeded,
    store::Trigger,
};

/// The page's request. Additional fields are ignored.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PaymentLinkRequest {
    #[serde(default, deserialize_with = "fields::field")]
    order_id: Field,
    #[serde(default, deserialize_with = "fields::field")]
    token: Field,
    #[serde(default, deserialize_with = "fields::field")]
    comment: Field,
    #[serde(default, deserialize_with = "fields::field")]
    funds: Field,
}

/// Returns a payment link: 201 with a new one, 200 with the open one.
#[utoipa::path(
    post,
    path = "/generate-payment-link",
    operation_id = "generatePaymentLink",
    tag = "pages",
    request_body = openapi::PaymentLinkRequest,
    responses(
        (
            status = 201,
            description = "A new link.",
            body = Envelope<PaymentLink>,
            links(
                ("checkout" = (
                    operation_id = "getCheckout",
                    parameters(("checkout_id" = "$response.body#/data/checkoutId"))
                ))
            )
        ),
        (
            status = 200,
            description = "The open link.",
            body = Envelope<PaymentLink>,
            links(
                ("checkout" = (
                    operation_id = "getCheckout",
                    parameters(("checkout_id" = "$response.body#/data/checkoutId"))
                ))
            )
        )
    )
)]
pub(crate) async fn generate(
    State(app): State<AppState>,
    client: Client,
    headers: HeaderMap,
    Raw(raw): Raw,
) -> Result<Response, Error> {
    limit(&app, client, &headers)?;
    let request: PaymentLinkRequest = body::json(&headers, &raw, "{\"orderId\": \"…\"}")?;
    let order_id = fields::order_id(&request.order_id)?;
    // Checked before any look-up, so that a client that guesses ids learns nothing.
    let is_shop = bearer::is_authorized(&app.config, &headers);
    if !app.link_tokens.allows(&order_id, request.token.as_deref(), is_shop) {
        return Err(Error::LinkTokenInvalid);
    }
    // Read in any case, so that a page learns of its mistake even if the shop's price is used.
    let comment = fields::comment(&request.comment)?;
    let funds = request.funds.as_deref().map(fields::funds).transpose()?;
    let terms = app.checkouts.terms(&order_id, (funds, comment)).await?;
    let link = app.checkouts.link(&order_id, &terms, &Trigger::Request(request_id::current())).await;
    let link = link.map_err(|error| Error::of_order(order_id, error));
    app.metrics.link(match &link {
        Ok((_, LinkOrigin::Created)) => "made",
        Ok((_, LinkOrigin::Reused)) => "found",
        Err(_) => "failed",
    });
    let (checkout, made) = link?;
    let status = match made {
        LinkOrigin::Created => StatusCode::CREATED,
        LinkOrigin::Reused => StatusCode::OK,
    };
    Ok((status, response::data(&payment_link(&app.public_url, checkout)?)?).into_response())
}

/// Reads a body's fields, continuing after a mistake.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn read_payment_link_request(body: &[u8]) {
    if let Ok(request) = serde_json::from_slice::<PaymentLinkRequest>(body) {
        if let Ok(order_id) = fields::order_id(&request.order_id) {
            assert!(crate::domain::order_id::check(&order_id).is_ok(), "a wrong id was read");
        }
        let _ = fields::comment(&request.comment);
        if let Some(Ok(funds)) = request.funds.as_deref().map(fields::funds) {
            assert_eq!(crate::Amount::parse(&funds.to_string()), Some(funds), "a price changed");
        }
    }
}

/// Checks the rate limit. The shop's own server, authenticated by its key, requests links for all its shoppers and is
/// exempt.
fn limit(app: &AppState, Client(address): Client, headers: &HeaderMap) -> Result<(), Error> {
    match (&app.link_rate, address) {
        (Some(rate), Some(address)) if !bearer::is_authorized(&app.config, headers) => {
            rate.check(address, Instant::now()).map_err(|Exceeded(wait)| {
                app.metrics.limited("links");
                Error::TooManyRequests(wait)
            })
        }
        _ => Ok(()),
    }
}

fn payment_link(public_url: &PublicUrl, checkout: Checkout) -> Result<PaymentLink, Error> {
    let url = checkout.url.ok_or(Error::Internal("a live checkout without a link"))?;
    let events_url = public_url.events_url(checkout.id.as_str());
    Ok(PaymentLink {
        url: link_url::watched(&url, &events_url),
        events_url,
        checkout_id: checkout.id.to_string(),
        order_id: checkout.order_id,
        funds: checkout.terms.funds.to_string(),
        schedule: checkout.terms.recurrence(),
        currency: checkout.terms.currency,
        comment: checkout.terms.comment,
        expires_at: time::rfc3339(checkout.expires_at),
        status: checkout.state.status,
    })
}

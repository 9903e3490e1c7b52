//! `DELETE /orders/{orderId}`: the shop withdraws an order.

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use wire::{Envelope, Status};

use crate::{
    checkout::service::Service,
    domain::{checkout::Checkout, time},
    http::error::Error,
    http::{
        middleware::{bearer::ShopsServer, request_id},
        openapi, response,
    },
    store::{Trigger, Withdrawn},
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    order_id: &'a str,
    withdrawn_at: String,
    /// The order's newest checkout; absent if no page ever requested a link.
    #[serde(skip_serializing_if = "Option::is_none")]
    checkout: Option<Newest<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Newest<'a> {
    checkout_id: &'a str,
    status: Status,
}

/// Withdraws an order; 200 also if it was withdrawn before.
///
/// The order gets no further link. An open link on which the shopper has not acted is canceled, and its page is
/// notified at once. A payment under way continues, as `checkout.status` shows. `PUT /orders/{orderId}` makes the order
/// available again.
#[utoipa::path(
    delete,
    path = "/orders/{order_id}",
    operation_id = "withdrawOrder",
    tag = "servers",
    security(("apiKey" = [])),
    params(openapi::OrderPath),
    responses((
        status = 200,
        description = "The order is withdrawn.",
        body = Envelope<openapi::WithdrawnOrder>
    ))
)]
pub(crate) async fn delete(
    State(service): State<Arc<Service>>,
    _: ShopsServer,
    order_id: Result<Path<String>, PathRejection>,
) -> Result<Response, Error> {
    // The embedding program decides which orders are for sale.
    if service.orders.is_some() {
        return Err(Error::NotFound);
    }
    // Not checked by today's rules for ids: an order of an earlier version can be withdrawn too.
    let Path(order_id) = order_id.map_err(|_| Error::NotFound)?;
    let Withdrawn { at, newest, .. } =
        service.withdraw(&order_id, &Trigger::Request(request_id::current())).await?;
    let newest = newest
        .as_ref()
        .map(|Checkout { id, state, .. }| Newest { checkout_id: id.as_str(), status: state.status });
    let answer = Answer { order_id: &order_id, withdrawn_at: time::rfc3339(at), checkout: newest };
    Ok(response::data(&answer)?.into_response())
}

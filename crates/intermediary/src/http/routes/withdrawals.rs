//! `DELETE /orders/{orderId}`: the shop takes an order back.

use std::sync::Arc;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use banq_checkout_wire::{Envelope, Status};
use serde::Serialize;

use crate::{
    checkout::confirm::{Question, confirm},
    domain::time,
    error::Error,
    http::{openapi, response, routes::orders::ShopsServer, state::App},
    store::{Checkout, Prompt, Withdrawn},
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    order_id: &'a str,
    withdrawn_at: String,
    /// The order's newest checkout; absent when no page ever asked for a link.
    #[serde(skip_serializing_if = "Option::is_none")]
    checkout: Option<Newest<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Newest<'a> {
    checkout_id: &'a str,
    status: Status,
}

/// 200 when the order is withdrawn, now or before. It gets no further link; an open one on which the shopper has not
/// acted is canceled, and its page sees that at once. A payment that is under way goes on: `checkout.status` says so.
/// `PUT /orders/{orderId}` puts the order on sale again.
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
    State(app): State<Arc<App>>,
    _: ShopsServer,
    order_id: Result<Path<String>, PathRejection>,
) -> Result<Response, Error> {
    // The program that embeds this server says what is for sale.
    if app.orders.is_some() {
        return Err(Error::NotFound);
    }
    // Not held to today's rules for ids: an order of an earlier version can be taken back too.
    let Path(order_id) = order_id.map_err(|_| Error::NotFound)?;
    let prompt = Prompt::request();
    look(&app, &order_id, &prompt).await?;
    let Withdrawn { at, newest, closed } = app.store.withdraw(&order_id, &prompt).await?;
    tracing::info!(order = %order_id, "the order is withdrawn");
    if let Some(closed) = closed {
        app.metrics.transition(closed.standing.status.as_str(), std::iter::empty());
        app.changed(&closed);
    }
    let newest = newest
        .as_ref()
        .map(|Checkout { id, standing, .. }| Newest { checkout_id: id.as_str(), status: standing.status });
    let answer = Answer { order_id: &order_id, withdrawn_at: time::rfc3339(at), checkout: newest };
    Ok(response::data(&answer)?.into_response())
}

/// Asks the provider whether the shopper has acted on the open link, as far as it can be asked: a page that shows
/// "canceled" over a payment that is under way would be wrong.
async fn look(app: &App, order_id: &str, prompt: &Prompt) -> Result<(), Error> {
    let open = app.store.open_checkout(order_id).await?;
    let open = open.filter(|open| open.standing.status == Status::Pending);
    let Some(payment) = open.and_then(|open| open.payment_id) else { return Ok(()) };
    let question = Question { prompt: prompt.clone(), claim: None, webhooks: &[] };
    match confirm(app, &payment, question).await {
        Ok(_) => Ok(()),
        Err(Error::Provider(failure)) => {
            tracing::warn!(order = order_id, error = %failure, "withdrawn without asking the provider");
            Ok(())
        }
        Err(error) => Err(error),
    }
}

//! The hosted pay page behind a payment link: in a popup, in a frame, or in the phone's browser.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use rust_decimal::Decimal;

use super::{
    api::{Envelope, data},
    pages::fill,
};
use crate::{bank::Bank, error::Error, payment::Action, resource::Payment};

/// `GET /pay/{code}`
pub(super) async fn page(State(bank): State<Arc<Bank>>, Path(code): Path<String>) -> Response {
    let Some(payment) = bank.payment_by_code(&code) else {
        return (StatusCode::NOT_FOUND, Html(include_str!("../../assets/no-payment.html"))).into_response();
    };
    let status = payment.status.to_string();
    let id = payment.id.to_string();
    let order = payment.external_order_code.unwrap_or_else(|| "–".to_owned());
    let values = [
        ("code", code.as_str()),
        ("id", &id),
        ("status", &status),
        ("amount", &dollars(payment.funds)),
        ("comment", &payment.comment),
        ("order", &order),
    ];
    Html(fill(include_str!("../../assets/pay.html"), &values)).into_response()
}

/// `GET /pay/{code}/status`
pub(super) async fn status(
    State(bank): State<Arc<Bank>>,
    Path(code): Path<String>,
) -> Result<Json<Envelope<Payment>>, Error> {
    find(&bank, code).map(data)
}

/// `POST /pay/{code}/pay`: accepts the payment, as the phone app does.
pub(super) async fn pay(
    State(bank): State<Arc<Bank>>,
    Path(code): Path<String>,
) -> Result<Json<Envelope<Payment>>, Error> {
    bank.act(find(&bank, code)?.id, Action::Accept).map(data)
}

/// `POST /pay/{code}/decline`
pub(super) async fn decline(
    State(bank): State<Arc<Bank>>,
    Path(code): Path<String>,
) -> Result<Json<Envelope<Payment>>, Error> {
    bank.act(find(&bank, code)?.id, Action::Decline).map(data)
}

fn find(bank: &Bank, code: String) -> Result<Payment, Error> {
    bank.payment_by_code(&code).ok_or(Error::NotFound { what: "payment link", id: code })
}

/// Formats `$12.50`.
fn dollars(funds: Decimal) -> String {
    format!("${funds:.2}")
}

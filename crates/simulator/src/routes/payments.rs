//! Payments and transactions of the Open API (002, "Generate Payment Link" and "Subscribing to Webhooks").

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::{HeaderMap, StatusCode},
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    api::{Envelope, data},
    paging::{Page, Paging, paging},
};
use crate::{
    bank::{Bank, lock},
    error::Error,
    idempotency::{self, Answer},
    link_request::LinkRequest,
    resource::{Payment, Transaction},
};

/// `POST /v1/payments/get-paid-link`
pub(super) async fn get_paid_link(
    State(bank): State<Arc<Bank>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Answer, Error> {
    get_paid(&bank, &headers, &body, LinkRequest::read).await
}

/// `POST /v1/payments/get-paid-direct`
pub(super) async fn get_paid_direct(
    State(bank): State<Arc<Bank>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Answer, Error> {
    get_paid(&bank, &headers, &body, LinkRequest::read_direct).await
}

type Read = fn(&[u8], Uuid) -> Result<LinkRequest, Error>;

async fn get_paid(bank: &Arc<Bank>, headers: &HeaderMap, body: &[u8], read: Read) -> Result<Answer, Error> {
    let answer = match idempotency::id(headers)? {
        None => create(bank, body, read)?,
        Some(id) => {
            // The payment is created under the lock, so that a concurrent repeat of the id finds the first answer.
            let mut answers = lock(&bank.answers);
            match answers.get(&id) {
                Some(first) => first.clone(),
                None => {
                    let first = Answer::of(create(bank, body, read))?;
                    answers.insert(id, first.clone());
                    first
                }
            }
        }
    };
    bank.pause(answer.ready.saturating_duration_since(Instant::now())).await;
    Ok(answer)
}

fn create(bank: &Arc<Bank>, body: &[u8], read: Read) -> Result<Answer, Error> {
    let request = read(body, bank.config.account_guid)?;
    let payment = bank.create(request);
    let delay = Duration::from_millis(lock(&bank.scenarios).link_answer_delay_ms);
    Ok(Answer {
        status: StatusCode::CREATED,
        location: Some(format!("{}/api/v1/payments/{}", bank.public_url, payment.id)),
        body: idempotency::json(&Envelope { data: payment })?,
        ready: Instant::now() + delay,
    })
}

/// `GET /v1/payments?page=1&pageSize=20`, newest first.
pub(super) async fn payments(
    State(bank): State<Arc<Bank>>,
    query: Result<Query<Paging>, QueryRejection>,
) -> Result<Json<Page<Payment>>, Error> {
    let all = bank.payments().into_iter().map(|(payment, _)| payment);
    paging(query)?.cut(all.rev())
}

/// `GET /v1/transactions?page=1&pageSize=20`, newest first.
pub(super) async fn transactions(
    State(bank): State<Arc<Bank>>,
    query: Result<Query<Paging>, QueryRejection>,
) -> Result<Json<Page<Transaction>>, Error> {
    paging(query)?.cut(bank.transactions().into_iter().rev())
}

/// `GET /v1/payments/{id}`
pub(super) async fn payment(
    State(bank): State<Arc<Bank>>,
    Path(id): Path<String>,
) -> Result<Json<Envelope<Value>>, Error> {
    find(id, "payment", |id| bank.answer(id)).map(data)
}

/// `GET /v1/transactions/{id}`
pub(super) async fn transaction(
    State(bank): State<Arc<Bank>>,
    Path(id): Path<String>,
) -> Result<Json<Envelope<Transaction>>, Error> {
    find(id, "transaction", |id| bank.transaction(id)).map(data)
}

/// Returns the resource with this id; an id that is not a GUID is not found.
fn find<T>(id: String, what: &'static str, look: impl FnOnce(Uuid) -> Option<T>) -> Result<T, Error> {
    id.parse().ok().and_then(look).ok_or(Error::NotFound { what, id })
}

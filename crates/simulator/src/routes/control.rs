//! `/simulator/…`: the actions of tests and the phone page, and all recorded data.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::api::{Envelope, data};
use crate::{
    amendment::Amendment,
    bank::{Bank, lock},
    delivery::Delivery,
    error::Error,
    fail_reason::FailReason,
    payment::Action,
    request_log::ApiRequest,
    resource::Payment,
    scenario::Scenarios,
};

/// A payment with its possible actions.
#[derive(Serialize)]
pub(super) struct Listed {
    #[serde(flatten)]
    payment: Payment,
    actions: Vec<&'static str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct How {
    /// The reason of `fail` and `reverse`.
    reason: Option<String>,
    /// For `accept`: `false` stops before the transaction.
    complete: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Patch {
    /// Whether to start from the default scenarios.
    #[serde(default)]
    reset: bool,
}

/// `GET /simulator/payments`
pub(super) async fn payments(State(bank): State<Arc<Bank>>) -> Json<Envelope<Vec<Listed>>> {
    data(bank.payments().into_iter().map(|(payment, actions)| Listed { payment, actions }).collect())
}

/// `POST /simulator/payments/{id}/{action}`
pub(super) async fn act(
    State(bank): State<Arc<Bank>>,
    Path((id, action)): Path<(String, String)>,
    Query(how): Query<How>,
) -> Result<Json<Envelope<Payment>>, Error> {
    let action = action_of(&action, &how)?;
    let id = id.parse().map_err(|_| Error::NotFound { what: "payment", id })?;
    bank.act(id, action).map(data)
}

/// `PUT /simulator/payments/{id}/answer`: replaces fields of the API's answers about this payment and sends a webhook.
/// `null` removes a field, and `{}` ends the replacement.
pub(super) async fn amend(
    State(bank): State<Arc<Bank>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Envelope<Option<Value>>>, Error> {
    let json: Value = serde_json::from_slice(&body)
        .map_err(|cause| Error::Malformed(format!("The body is not readable: {cause}")))?;
    let id = id.parse().map_err(|_| Error::NotFound { what: "payment", id })?;
    bank.amend(id, Amendment::read(json)?)?;
    Ok(data(bank.answer(id)))
}

fn action_of(name: &str, how: &How) -> Result<Action, Error> {
    let reason = |unless_told: FailReason| match &how.reason {
        None => Ok(unless_told),
        Some(word) => FailReason::from_word(word).ok_or_else(|| {
            let known = FailReason::ALL.map(|reason| reason.to_string()).join(", ");
            Error::Invalid(format!("reason must be one of {known}."))
        }),
    };
    match name {
        "accept" if how.complete == Some(false) => Ok(Action::AcceptOnly),
        "accept" => Ok(Action::Accept),
        "complete" => Ok(Action::Complete),
        "decline" => Ok(Action::Decline),
        "cancel" => Ok(Action::Cancel),
        "expire" => Ok(Action::Expire),
        "hold" => Ok(Action::Hold),
        "resume" => Ok(Action::Resume),
        "occur" => Ok(Action::Occur),
        "cancel-occurrence" => Ok(Action::CancelOccurrence),
        "fail" => reason(FailReason::ProcessingFailed).map(Action::Fail),
        "reverse" => reason(FailReason::Reversed).map(Action::Reverse),
        unknown => Err(Error::NotFound { what: "action", id: unknown.to_owned() }),
    }
}

/// `GET /simulator/scenarios`
pub(super) async fn scenarios(State(bank): State<Arc<Bank>>) -> Json<Envelope<Scenarios>> {
    data(*lock(&bank.scenarios))
}

/// `POST /simulator/scenarios`: replaces the given fields.
pub(super) async fn patch_scenarios(
    State(bank): State<Arc<Bank>>,
    Query(Patch { reset }): Query<Patch>,
    body: Bytes,
) -> Result<Json<Envelope<Scenarios>>, Error> {
    let patch: Value = serde_json::from_slice(&body)
        .map_err(|cause| Error::Malformed(format!("The body is not readable: {cause}")))?;
    let mut scenarios = lock(&bank.scenarios);
    let start = if reset { Scenarios::default() } else { *scenarios };
    *scenarios = start.patched(patch)?;
    Ok(data(*scenarios))
}

/// `DELETE /simulator/scenarios`: ends all scenarios.
pub(super) async fn reset(State(bank): State<Arc<Bank>>) -> Json<Envelope<Scenarios>> {
    let mut scenarios = lock(&bank.scenarios);
    *scenarios = Scenarios::default();
    data(*scenarios)
}

/// `GET /simulator/webhooks`: newest last.
pub(super) async fn webhooks(State(bank): State<Arc<Bank>>) -> Json<Envelope<Vec<Delivery>>> {
    data(bank.deliveries())
}

/// `POST /simulator/webhooks/{webhookId}/redeliver`
pub(super) async fn redeliver(
    State(bank): State<Arc<Bank>>,
    Path(id): Path<String>,
) -> Result<Json<Envelope<Option<Delivery>>>, Error> {
    let id: Uuid = id.parse().map_err(|_| Error::NotFound { what: "webhook", id })?;
    bank.redeliver(id)?;
    Ok(data(bank.delivery(id)))
}

/// `GET /simulator/requests`: the calls of the token endpoint and the Open API, newest last.
pub(super) async fn requests(State(bank): State<Arc<Bank>>) -> Json<Envelope<Vec<ApiRequest>>> {
    data(lock(&bank.requests).all())
}

//! The layers before the Open API and the token endpoint: the log, the scenarios, the token.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{OriginalUri, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use jiff::Timestamp;
use serde_json::json;

use crate::{
    bank::{Bank, lock},
    error::Error,
    idempotency,
    request_log::ApiRequest,
    scenario::{ApiScenario, Obstacle, Scenarios},
};

/// Records a call on arrival, and its status when it is answered.
pub(super) async fn record(
    State(bank): State<Arc<Bank>>,
    OriginalUri(uri): OriginalUri,
    request: Request,
    next: Next,
) -> Response {
    let idempotent_id = request.headers().get(idempotency::HEADER);
    let number = lock(&bank.requests).arrived(ApiRequest {
        method: request.method().to_string(),
        path: uri.path().to_owned(),
        idempotent_id: idempotent_id.map(|id| String::from_utf8_lossy(id.as_bytes()).into_owned()),
        arrived_at: Timestamp::now(),
        answered_at: None,
        status: None,
    });
    bank.note_change();
    let response = next.run(request).await;
    lock(&bank.requests).answered(number, response.status().as_u16());
    bank.note_change();
    response
}

/// Applies the scenarios of the Open API.
pub(super) async fn obstruct_api(State(bank): State<Arc<Bank>>, request: Request, next: Next) -> Response {
    match obstacle(&bank, |scenarios| &mut scenarios.api).await {
        Some(obstacle) => obstacle.into_response(),
        None => next.run(request).await,
    }
}

/// Applies the scenarios of the token endpoint.
pub(super) async fn obstruct_auth(State(bank): State<Arc<Bank>>, request: Request, next: Next) -> Response {
    match obstacle(&bank, |scenarios| &mut scenarios.auth).await {
        Some(obstacle) => obstacle.into_response(),
        None => next.run(request).await,
    }
}

async fn obstacle(bank: &Bank, part: impl Fn(&mut Scenarios) -> &mut ApiScenario) -> Option<Obstacle> {
    let (delay, obstacle) = {
        let mut scenarios = lock(&bank.scenarios);
        let scenario = part(&mut scenarios);
        (scenario.delay_ms, scenario.next())
    };
    bank.pause(Duration::from_millis(delay)).await;
    obstacle
}

/// Rejects a call without a valid token.
pub(super) async fn require_token(
    State(bank): State<Arc<Bank>>,
    headers: HeaderMap,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = authorization.and_then(|value| value.strip_prefix("Bearer ")).ok_or(Error::Unauthorized)?;
    if !lock(&bank.tokens).accepts(token) {
        return Err(Error::Unauthorized);
    }
    Ok(next.run(request).await)
}

impl IntoResponse for Obstacle {
    fn into_response(self) -> Response {
        let failure = |status: StatusCode| {
            (status, Json(json!({ "message": "The simulator fails on purpose: see /simulator/scenarios." })))
                .into_response()
        };
        match self {
            Obstacle::Unavailable => failure(StatusCode::SERVICE_UNAVAILABLE),
            Obstacle::Unauthorized => Error::Unauthorized.into_response(),
            Obstacle::Html => {
                Html("<!doctype html><title>Maintenance</title><h1>We will be back</h1>").into_response()
            }
            Obstacle::Failure { status, retry_after } => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                let mut response = failure(status);
                if retry_after > 0 {
                    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
                }
                response
            }
        }
    }
}

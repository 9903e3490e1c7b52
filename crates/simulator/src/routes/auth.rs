//! The Auth0 token endpoint (000, 001 and 002, "Authentication").

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::bank::{Bank, lock};

/// The audience of the Open API.
const OPEN_API: &str = "https://banq.com/open/api/";

/// The audience of the merchant's own login, which 002 uses to look up ids.
const BANQ_API: &str = "https://banq.com/api";

/// The public client id of that login (002): the same for all merchants, and not a secret.
const BANQ_API_CLIENT: &str = "kFLEhEsxxBWCf0X19hAIjbzYaSyn2cim";

/// 000 names the credentials `client_username` and `client_password`, 001 and 002 omit the prefix.
#[derive(Deserialize)]
struct Login {
    client_id: Option<String>,
    #[serde(alias = "client_username")]
    username: Option<String>,
    #[serde(alias = "client_password")]
    password: Option<String>,
    audience: Option<String>,
    grant_type: Option<String>,
}

/// `POST /oauth/token`
pub(super) async fn token(State(bank): State<Arc<Bank>>, body: Bytes) -> Result<Json<Value>, Refusal> {
    let login: Login = serde_json::from_slice(&body)
        .map_err(|_| Refusal(StatusCode::BAD_REQUEST, "invalid_request", "The body is not readable."))?;
    check(&bank, &login)?;
    let lifetime = bank.config.token_lifetime;
    let access_token = lock(&bank.tokens).issue(lifetime);
    let expires_in = lifetime.as_secs();
    Ok(Json(json!({ "access_token": access_token, "token_type": "Bearer", "expires_in": expires_in })))
}

/// Checks in Auth0's order: the grant type, the audience, the client, the user.
fn check(bank: &Bank, login: &Login) -> Result<(), Refusal> {
    if login.grant_type.as_deref() != Some("password") {
        let text = "Grant type is not allowed for the client.";
        return Err(Refusal(StatusCode::FORBIDDEN, "unauthorized_client", text));
    }
    let client = match login.audience.as_deref() {
        Some(OPEN_API) => bank.config.client_id.as_str(),
        Some(BANQ_API) if login.client_id.as_deref() == Some(BANQ_API_CLIENT) => BANQ_API_CLIENT,
        Some(BANQ_API) => bank.config.client_id.as_str(),
        Some(_) | None => return Err(Refusal(StatusCode::FORBIDDEN, "access_denied", "Service not found.")),
    };
    if login.client_id.as_deref() != Some(client) {
        return Err(Refusal(StatusCode::UNAUTHORIZED, "access_denied", "Unauthorized"));
    }
    let user = (login.username.as_deref(), login.password.as_deref());
    if user != (Some(&*bank.config.username), Some(&*bank.config.password)) {
        return Err(Refusal(StatusCode::FORBIDDEN, "invalid_grant", "Wrong email or password."));
    }
    Ok(())
}

/// An error in Auth0's format: status, `error`, `error_description`.
pub(super) struct Refusal(StatusCode, &'static str, &'static str);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Refusal(status, error, description) = self;
        (status, Json(json!({ "error": error, "error_description": description }))).into_response()
    }
}

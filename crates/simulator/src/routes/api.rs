//! The parts of the Open API that are about no single payment, and the envelope of all.

use std::sync::Arc;

use axum::{
    Json,
    extract::{OriginalUri, Query, State},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{bank::Bank, error::Error};

/// The `{"data": …}` around every success.
#[derive(Serialize)]
pub(super) struct Envelope<T> {
    pub(super) data: T,
}

/// Wraps an answer.
pub(super) fn data<T>(data: T) -> Json<Envelope<T>> {
    Json(Envelope { data })
}

#[derive(Deserialize)]
pub(super) struct Include {
    #[serde(default)]
    include: String,
}

/// `GET /v1/users/me?include=accountSpaces,banqAccounts` (002): where MERCHANT-BANQ-GUID and
/// ACCOUNT-SPACE-ID are found.
pub(super) async fn users_me(
    State(bank): State<Arc<Bank>>,
    Query(Include { include }): Query<Include>,
) -> Json<Envelope<Value>> {
    let config = &bank.config;
    let mut user = json!({ "username": config.username });
    for part in include.split(',').map(str::trim) {
        match part {
            "accountSpaces" => user[part] = json!([{ "id": config.account_space_id, "name": "Demo shop" }]),
            "banqAccounts" => {
                user[part] = json!([{
                    "guid": config.account_guid,
                    "accountSpaceId": config.account_space_id,
                    "name": "Sales",
                }]);
            }
            // An unknown part is left out, as JSON:API servers in the wild do.
            _ => {}
        }
    }
    data(user)
}

/// Any other address below `/api/v1`.
pub(super) async fn not_found(OriginalUri(uri): OriginalUri) -> Error {
    Error::NotFound { what: "address", id: uri.path().to_owned() }
}

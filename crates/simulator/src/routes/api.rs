//! The parts of the Open API without a single payment, and the envelope of all answers.

use std::sync::Arc;

use axum::{
    Json,
    extract::{OriginalUri, Query, State},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{bank::Bank, error::Error};

/// The `{"data": …}` around every successful answer.
#[derive(Serialize)]
pub(super) struct Envelope<T> {
    pub(super) data: T,
}

pub(super) fn data<T>(data: T) -> Json<Envelope<T>> {
    Json(Envelope { data })
}

#[derive(Deserialize)]
pub(super) struct Include {
    #[serde(default)]
    include: String,
}

/// `GET /v1/users/me?include=accountSpaces,banqAccounts` (002), which returns MERCHANT-BANQ-GUID and ACCOUNT-SPACE-ID.
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
            // An unknown part is ignored, as JSON:API servers usually do.
            _ => {}
        }
    }
    data(user)
}

/// Answers any other path below `/api/v1`.
pub(super) async fn not_found(OriginalUri(uri): OriginalUri) -> Error {
    Error::NotFound { what: "address", id: uri.path().to_owned() }
}

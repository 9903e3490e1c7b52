//! Records the calls that arrived, so that a test can count the intermediary's requests.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::Serialize;

use crate::resource;

/// The maximum number of recorded calls; the oldest are dropped first.
const LENGTH: usize = 10_000;

/// One call of the token endpoint or the Open API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The header `X-Idempotent-Id`.
    pub idempotent_id: Option<String>,
    /// When it arrived.
    #[serde(serialize_with = "resource::seven_digits")]
    pub arrived_at: Timestamp,
    /// When it was answered; none while the call is running, or if the caller left.
    #[serde(serialize_with = "resource::seven_digits_if_any")]
    pub answered_at: Option<Timestamp>,
    /// The response's status; none likewise.
    pub status: Option<u16>,
}

#[derive(Default)]
pub(crate) struct RequestLog {
    calls: VecDeque<ApiRequest>,
    forgotten: usize,
}

impl RequestLog {
    /// Records an arrival; returns the call's number for [`RequestLog::answered`].
    pub(crate) fn arrived(&mut self, call: ApiRequest) -> usize {
        if self.calls.len() == LENGTH {
            self.calls.pop_front();
            self.forgotten += 1;
        }
        self.calls.push_back(call);
        self.forgotten + self.calls.len() - 1
    }

    /// Records the status of a call, which may have been dropped since.
    pub(crate) fn answered(&mut self, number: usize, status: u16) {
        let index = number.checked_sub(self.forgotten);
        if let Some(call) = index.and_then(|index| self.calls.get_mut(index)) {
            call.status = Some(status);
            call.answered_at = Some(Timestamp::now());
        }
    }

    pub(crate) fn all(&self) -> Vec<ApiRequest> {
        self.calls.iter().cloned().collect()
    }
}

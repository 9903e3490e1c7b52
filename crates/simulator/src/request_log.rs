//! The calls that arrived, so that a test can count what the intermediary really asked.

use std::collections::VecDeque;

use serde::Serialize;

/// How many calls are remembered; the oldest are forgotten first.
const LENGTH: usize = 10_000;

/// One call of the token endpoint or the Open API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiRequest {
    /// `GET`, `POST`, …
    pub method: String,
    /// Without the query.
    pub path: String,
    /// The header `X-Idempotent-Id`.
    pub idempotent_id: Option<String>,
    /// The status answered; none while it is worked on, or when the caller left before.
    pub status: Option<u16>,
}

/// The calls, oldest first.
#[derive(Default)]
pub(crate) struct RequestLog {
    calls: VecDeque<ApiRequest>,
    forgotten: usize,
}

impl RequestLog {
    /// Notes an arrival; what it returns names the call for [`RequestLog::answered`].
    pub(crate) fn arrived(&mut self, call: ApiRequest) -> usize {
        if self.calls.len() == LENGTH {
            self.calls.pop_front();
            self.forgotten += 1;
        }
        self.calls.push_back(call);
        self.forgotten + self.calls.len() - 1
    }

    /// Notes the status answered to a call that may have been forgotten since.
    pub(crate) fn answered(&mut self, number: usize, status: u16) {
        let index = number.checked_sub(self.forgotten);
        if let Some(call) = index.and_then(|index| self.calls.get_mut(index)) {
            call.status = Some(status);
        }
    }

    pub(crate) fn all(&self) -> Vec<ApiRequest> {
        self.calls.iter().cloned().collect()
    }
}

//! Deliberate faults: the scenarios that a test or the control page enables.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;

/// All scenarios; by default nothing goes wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Scenarios {
    /// Faults of webhooks.
    pub webhooks: WebhookScenario,
    /// Faults of Open API calls.
    pub api: ApiScenario,
    /// Faults of token endpoint calls.
    pub auth: ApiScenario,
    /// Milliseconds by which the answer of get-paid-link is delayed after the payment was created, and so after its
    /// first webhook.
    pub link_answer_delay_ms: u64,
}

/// Faults of webhooks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct WebhookScenario {
    /// How many further copies of each webhook are sent, with the same id.
    pub duplicate: u32,
    /// Whether the webhooks of one action are sent in reverse order.
    pub reorder: bool,
    /// Milliseconds before each webhook is sent.
    pub delay_ms: u64,
    /// Whether no webhook is sent; each is still listed and can be redelivered.
    pub drop: bool,
    /// Whether each webhook is signed with a wrong secret.
    pub forge: bool,
}

/// Faults of calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ApiScenario {
    /// Milliseconds before each call is processed.
    pub delay_ms: u64,
    /// How many of the next calls are answered with `status` and have no effect.
    pub fail_next: u32,
    /// The HTTP status of those calls; 500 if 0.
    pub status: u16,
    /// Seconds in the `Retry-After` header of those calls; none if 0.
    pub retry_after: u32,
    /// Whether calls are answered with 200 and an HTML page, and have no effect.
    pub html: bool,
    /// How many of the next calls are answered with 401 although the token is valid.
    pub unauthorized_next: u32,
    /// Whether every call is answered with 503.
    pub down: bool,
}

/// The fault that an [`ApiScenario`] causes in one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Obstacle {
    Unavailable,
    Failure { status: u16, retry_after: u32 },
    Unauthorized,
    Html,
}

impl ApiScenario {
    /// Returns the fault of this call; counts down the faults for a number of calls.
    pub(crate) fn next(&mut self) -> Option<Obstacle> {
        if self.down {
            return Some(Obstacle::Unavailable);
        }
        if self.fail_next > 0 {
            self.fail_next -= 1;
            let status = if self.status == 0 { 500 } else { self.status };
            return Some(Obstacle::Failure { status, retry_after: self.retry_after });
        }
        if self.unauthorized_next > 0 {
            self.unauthorized_next -= 1;
            return Some(Obstacle::Unauthorized);
        }
        self.html.then_some(Obstacle::Html)
    }
}

impl Scenarios {
    /// Returns these scenarios with the fields of `patch`, a JSON object of the same shape, replaced.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming a field that does not exist or has a wrong value.
    pub(crate) fn patched(self, patch: Value) -> Result<Scenarios, Error> {
        let invalid = |cause: serde_json::Error| Error::Invalid(format!("Scenarios: {cause}."));
        if !patch.is_object() {
            return Err(Error::Invalid("Scenarios must be a JSON object.".to_owned()));
        }
        let mut whole = serde_json::to_value(self).map_err(invalid)?;
        merge(&mut whole, patch);
        let scenarios: Scenarios = serde_json::from_value(whole).map_err(invalid)?;
        for status in [scenarios.api.status, scenarios.auth.status] {
            if status != 0 && !(200..=599).contains(&status) {
                return Err(Error::Invalid("Scenarios: status must be 200 to 599.".to_owned()));
            }
        }
        Ok(scenarios)
    }
}

/// Merges objects field by field, and replaces everything else.
fn merge(whole: &mut Value, patch: Value) {
    match (whole, patch) {
        (Value::Object(whole), Value::Object(patch)) => {
            for (field, value) in patch {
                merge(whole.entry(field).or_insert(Value::Null), value);
            }
        }
        (whole, patch) => *whole = patch,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_replaces_only_what_it_names() {
        let first = Scenarios::default().patched(json!({"webhooks": {"duplicate": 4}})).unwrap();
        let second = first.patched(json!({"webhooks": {"drop": true}, "linkAnswerDelayMs": 5})).unwrap();
        assert_eq!(second.webhooks, WebhookScenario { duplicate: 4, drop: true, ..Default::default() });
        assert_eq!(second.link_answer_delay_ms, 5);
    }

    #[test]
    fn an_unknown_field_is_named() {
        for patch in [json!({"wibble": 1}), json!({"api": {"wibble": 1}})] {
            let error = Scenarios::default().patched(patch).unwrap_err();
            assert!(error.to_string().contains("wibble"), "{error}");
        }
        assert!(Scenarios::default().patched(json!({"api": {"status": 99}})).is_err());
        assert!(Scenarios::default().patched(json!([])).is_err());
    }

    #[test]
    fn what_is_meant_for_a_number_of_calls_is_counted_down() {
        let mut api = ApiScenario { fail_next: 1, unauthorized_next: 1, status: 429, ..Default::default() };
        assert_eq!(api.next(), Some(Obstacle::Failure { status: 429, retry_after: 0 }));
        assert_eq!(api.next(), Some(Obstacle::Unauthorized));
        assert_eq!(api.next(), None);
    }
}

//! Requests to Banq. *Assumed*: get-paid-direct names the payer as `source.banqGuid`.

use serde::Serialize;
use uuid::Uuid;

use crate::{
    amount::Amount,
    schedule::{Frequency, Schedule},
    secret::Secret,
};

/// A request for a payment (002, "Generate Payment Link").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetPaid {
    /// MERCHANT-BANQ-GUID: the account that receives the money.
    pub destination: Uuid,
    /// The text that the shopper reads.
    pub comment: String,
    /// Dollars.
    pub funds: Amount,
    /// The merchant's order code.
    pub external_order_code: String,
    /// How often to pay.
    pub schedule: Schedule,
}

/// The JSON of [`GetPaid`].
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetPaidBody<'a> {
    destination: Banq,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Banq>,
    comment: &'a str,
    funds: Amount,
    external_order_code: &'a str,
    frequency: Frequency,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Banq {
    banq_guid: Uuid,
}

impl<'a> GetPaidBody<'a> {
    pub(crate) fn new(request: &'a GetPaid, source: Option<Uuid>) -> Self {
        Self {
            destination: Banq { banq_guid: request.destination },
            source: source.map(|banq_guid| Banq { banq_guid }),
            comment: &request.comment,
            funds: request.funds,
            external_order_code: &request.external_order_code,
            frequency: request.schedule.frequency(),
            start_date: request.schedule.start().map(|date| date.to_string()),
            end_date: request.schedule.end().map(|date| date.to_string()),
        }
    }
}

/// A webhook registration (000, 001, 002: webhook-config).
#[derive(Debug, Clone)]
pub struct WebhookConfig {
    /// The receiver.
    pub url: String,
    /// Whether webhooks are sent.
    pub enabled: bool,
    /// How often a failed webhook is retried.
    pub retry_count: u32,
    /// The key of the signature. Banq never returns it.
    pub shared_secret: Option<Secret>,
}

/// The JSON of [`WebhookConfig`].
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebhookConfigBody<'a> {
    url: &'a str,
    enabled: bool,
    retry_count: u32,
    web_hook_types: [&'static str; 2],
    // The vendor capitalises this name.
    #[serde(rename = "SharedSecret", skip_serializing_if = "Option::is_none")]
    shared_secret: Option<&'a str>,
}

impl<'a> WebhookConfigBody<'a> {
    pub(crate) fn new(config: &'a WebhookConfig) -> Self {
        Self {
            url: &config.url,
            enabled: config.enabled,
            retry_count: config.retry_count,
            web_hook_types: ["payment", "transaction"],
            shared_secret: config.shared_secret.as_ref().map(Secret::expose),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_is_the_vendors() {
        let mut request = GetPaid {
            destination: "5b1d3c1e-6a52-4a7b-9d0e-2f6a1c8e7b42".parse().unwrap(),
            comment: "string".into(),
            funds: Amount::parse("100.00").unwrap(),
            external_order_code: "<YOUR-ORDER-ID>".into(),
            schedule: Schedule::ONCE,
        };
        let mut golden: serde_json::Value =
            serde_json::from_str(include_str!("../../intermediary/fixtures/link-request.json")).unwrap();
        golden.as_object_mut().unwrap().retain(|field, _| !field.ends_with("Date"));
        let body = serde_json::to_string(&GetPaidBody::new(&request, None)).unwrap();
        assert!(body.contains(r#""funds":100,"#), "{body}");
        // 002: a single payment needs no dates.
        assert_eq!(serde_json::from_str::<serde_json::Value>(&body).unwrap(), golden);

        request.schedule = Schedule::read("monthly", Some("2021-06-15"), Some("2022-06-15")).unwrap();
        let body = serde_json::to_value(GetPaidBody::new(&request, Some(Uuid::nil()))).unwrap();
        assert_eq!(
            (&body["frequency"], &body["startDate"], &body["endDate"]),
            (&"monthly".into(), &"2021-06-15".into(), &"2022-06-15".into())
        );
        assert_eq!(body["source"]["banqGuid"], Uuid::nil().to_string());
    }
}

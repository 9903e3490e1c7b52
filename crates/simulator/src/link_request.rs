//! The body of `POST /v1/payments/get-paid-link` and its rules (002, "Generate Payment Link").

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};
use uuid::Uuid;

use crate::{
    assumptions::{COMMENT_LIMIT, FUNDS_DECIMALS},
    error::Error,
    money,
    resource::Frequency,
};

/// A valid request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LinkRequest {
    pub(crate) funds: Decimal,
    pub(crate) comment: String,
    pub(crate) external_order_code: Option<String>,
    pub(crate) frequency: Frequency,
    pub(crate) start_date: Option<Date>,
    pub(crate) end_date: Option<Date>,
}

/// The unchecked body: any field may be missing.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    destination: Option<Destination>,
    comment: Option<String>,
    funds: Option<Box<RawValue>>,
    external_order_code: Option<String>,
    frequency: Option<String>,
    start_date: Option<String>,
    end_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Destination {
    banq_guid: Option<String>,
}

/// The field of get-paid-direct that get-paid-link lacks: the payer.
#[derive(Deserialize)]
struct Direct {
    source: Option<Destination>,
}

impl LinkRequest {
    /// Reads and checks the body of get-paid-direct. *Assumed*: `source.banqGuid` names the app that receives the
    /// request.
    ///
    /// # Errors
    /// As for [`LinkRequest::read`].
    pub(crate) fn read_direct(body: &[u8], account: Uuid) -> Result<LinkRequest, Error> {
        let request = LinkRequest::read(body, account)?;
        let direct: Direct = serde_json::from_slice(body)
            .map_err(|cause| Error::Malformed(format!("The body is not readable: {cause}")))?;
        let guid = direct.source.and_then(|source| source.banq_guid);
        let guid = guid.ok_or_else(|| invalid("source.banqGuid", "is missing"))?;
        guid.parse::<Uuid>().map_err(|_| invalid("source.banqGuid", "must be a GUID"))?;
        Ok(request)
    }

    /// Reads and checks a body for the merchant's account `account`.
    ///
    /// # Errors
    /// [`Error::Malformed`] for anything but such a JSON object, [`Error::Invalid`] naming the field if a value is
    /// missing or not acceptable.
    pub(crate) fn read(body: &[u8], account: Uuid) -> Result<LinkRequest, Error> {
        let body: Body = serde_json::from_slice(body)
            .map_err(|cause| Error::Malformed(format!("The body is not readable: {cause}")))?;
        check_destination(body.destination, account)?;
        let funds = check_funds(body.funds.as_deref())?;
        let comment = body.comment.unwrap_or_default();
        if comment.trim().is_empty() || comment.chars().count() > COMMENT_LIMIT {
            return Err(invalid("comment", &format!("must have 1 to {COMMENT_LIMIT} characters")));
        }
        let frequency = body.frequency.ok_or_else(|| invalid("frequency", "is missing"))?;
        let frequency = word::<Frequency>(&frequency.to_lowercase())
            .ok_or_else(|| invalid("frequency", "must be once, daily, weekly, monthly or yearly"))?;
        let start_date = check_date("startDate", body.start_date)?;
        let end_date = check_date("endDate", body.end_date)?;
        if frequency != Frequency::Once && start_date.is_none() {
            return Err(invalid("startDate", "is needed for a recurring payment"));
        }
        if let (Some(start), Some(end)) = (start_date, end_date)
            && (end < start || end == start && frequency != Frequency::Once)
        {
            return Err(invalid("endDate", "must be after startDate"));
        }
        let external_order_code = body.external_order_code;
        Ok(LinkRequest { funds, comment, external_order_code, frequency, start_date, end_date })
    }
}

fn check_destination(destination: Option<Destination>, account: Uuid) -> Result<(), Error> {
    let guid = destination
        .and_then(|destination| destination.banq_guid)
        .ok_or_else(|| invalid("destination.banqGuid", "is missing"))?;
    let guid: Uuid = guid.parse().map_err(|_| invalid("destination.banqGuid", "must be a GUID"))?;
    if guid != account {
        return Err(invalid("destination.banqGuid", "is not a banq of this user"));
    }
    Ok(())
}

fn check_funds(funds: Option<&RawValue>) -> Result<Decimal, Error> {
    let funds = funds.ok_or_else(|| invalid("funds", "is missing"))?;
    let funds = money::from_number(funds)
        .ok_or_else(|| Error::Malformed("funds must be a number of dollars.".to_owned()))?;
    if funds <= Decimal::ZERO {
        return Err(invalid("funds", "must be more than 0"));
    }
    if funds.normalize().scale() > FUNDS_DECIMALS {
        return Err(invalid("funds", "must be whole cents"));
    }
    Ok(funds)
}

fn check_date(field: &str, date: Option<String>) -> Result<Option<Date>, Error> {
    // `strptime` instead of `parse`, which also accepts a time of day.
    date.map(|date| {
        Date::strptime("%Y-%m-%d", date).map_err(|_| invalid(field, "must be a date like 2021-06-15"))
    })
    .transpose()
}

fn invalid(field: &str, problem: &str) -> Error {
    Error::Invalid(format!("{field} {problem}."))
}

/// Returns the enum's value with this name in JSON.
pub(crate) fn word<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(Value::String(word.to_owned())).ok()
}

#[cfg(test)]
#[path = "link_request_tests.rs"]
mod tests;

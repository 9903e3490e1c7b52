//! `POST /generate-payment-link` and `GET /checkouts/{checkoutId}`.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    extract::{Path, Query, State, rejection::PathRejection, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use banq_checkout_wire::{Envelope, PaymentLink, Snapshot};
use serde::Deserialize;

use crate::{
    checkout::{
        create_link::{self, Made},
        link_url,
    },
    domain::{order_source, time},
    error::Error,
    http::{
        body::{self, Raw},
        fields::{self, Field},
        middleware::{
            bearer,
            client_ip::{Client, Seated},
        },
        openapi, response,
        serve::Seat,
        state::App,
    },
    schedule::Schedule,
    store::{Checkout, CheckoutId, Terms},
};

/// The longest `?wait=`, in seconds: proxies in between give up after a minute.
const LONGEST_WAIT: u64 = 30;

/// What the page sends. More fields are the shop's own business.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wish {
    #[serde(default, deserialize_with = "fields::field")]
    order_id: Field,
    #[serde(default, deserialize_with = "fields::field")]
    token: Field,
    #[serde(default, deserialize_with = "fields::field")]
    comment: Field,
    #[serde(default, deserialize_with = "fields::field")]
    funds: Field,
}

/// `POST /generate-payment-link`: 201 with a new link, 200 with the one that is alive.
#[utoipa::path(
    post,
    path = "/generate-payment-link",
    operation_id = "generatePaymentLink",
    tag = "pages",
    request_body = openapi::LinkWish,
    responses(
        (
            status = 201,
            description = "A new link.",
            body = Envelope<PaymentLink>,
            links(
                ("checkout" = (
                    operation_id = "getCheckout",
                    parameters(("checkout_id" = "$response.body#/data/checkoutId"))
                ))
            )
        ),
        (
            status = 200,
            description = "The link that is alive.",
            body = Envelope<PaymentLink>,
            links(
                ("checkout" = (
                    operation_id = "getCheckout",
                    parameters(("checkout_id" = "$response.body#/data/checkoutId"))
                ))
            )
        )
    )
)]
pub(crate) async fn generate(
    State(app): State<Arc<App>>,
    client: Client,
    headers: HeaderMap,
    Raw(raw): Raw,
) -> Result<Response, Error> {
    limit(&app, client, &headers)?;
    let wish: Wish = body::json(&headers, &raw, "{\"orderId\": \"…\"}")?;
    let order_id = fields::order_id(&wish.order_id)?;
    // Before anything is looked up: who guesses ids learns of none.
    app.link_tokens.check(&order_id, wish.token.as_deref(), bearer::is_shown(&app, &headers))?;
    let terms = terms(&app, &order_id, &wish).await?;
    let link = create_link::link(&app, &order_id, &terms).await;
    let link = link.map_err(|error| error.of_order(order_id));
    app.metrics.link(match &link {
        Ok((_, Made::Now)) => "made",
        Ok((_, Made::Before)) => "found",
        Err(_) => "failed",
    });
    let (checkout, made) = link?;
    let status = match made {
        Made::Now => StatusCode::CREATED,
        Made::Before => StatusCode::OK,
    };
    Ok((status, response::data(&payment_link(&app, checkout)?)?).into_response())
}

/// Reads every field of a body, whatever is wrong with the others.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn read_wish(body: &[u8]) {
    if let Ok(wish) = serde_json::from_slice::<Wish>(body) {
        if let Ok(order_id) = fields::order_id(&wish.order_id) {
            assert!(crate::domain::order_id::check(&order_id).is_ok(), "a wrong id was read");
        }
        let _ = fields::comment(&wish.comment);
        if let Some(Ok(funds)) = wish.funds.as_deref().map(fields::funds) {
            assert_eq!(crate::money::Amount::parse(&funds.to_string()), Some(funds), "a price changed");
        }
    }
}

/// The shop's own server, which shows its key, may ask for all its shoppers.
fn limit(app: &App, Client(address): Client, headers: &HeaderMap) -> Result<(), Error> {
    match (&app.link_rate, address) {
        (Some(rate), Some(address)) if !bearer::is_shown(app, headers) => {
            rate.admit(address, Instant::now()).inspect_err(|_| app.metrics.limited("links"))
        }
        _ => Ok(()),
    }
}

/// What the order costs. A price from the page counts only where the server was told to believe it: a
/// shopper can send any.
async fn terms(app: &App, order_id: &str, wish: &Wish) -> Result<Terms, Error> {
    // Checked in any case, so that a page learns of its mistake also where the shop's price holds.
    let comment = fields::comment(&wish.comment)?;
    let funds = wish.funds.as_deref().map(fields::funds).transpose()?;
    if let Some(source) = &app.orders {
        let terms = order_source::ask(source.as_ref(), app, order_id).await?.ok_or(Error::OrderNotFound)?;
        // The shop's own code is held to the same rules as its HTTP.
        if !fields::is_comment(&terms.comment) {
            return Err(Error::OrderSource(
                "the comment is longer than 200 characters, or not one line".into(),
            ));
        }
        return Ok(terms);
    }
    if let Some(registered) = app.store.order(order_id).await? {
        return Ok(registered);
    }
    match funds {
        Some(funds) if app.config.allow_client_amounts => {
            let currency = app.provider.currency().to_owned();
            Ok(Terms { funds, currency, comment, schedule: Schedule::ONCE })
        }
        Some(_) => Err(Error::ClientAmountNotAllowed),
        None => Err(Error::OrderNotFound),
    }
}

fn payment_link(app: &App, checkout: Checkout) -> Result<PaymentLink, Error> {
    let url = checkout.url.ok_or(Error::Row("a live checkout without a link"))?;
    let events_url = app.events_url(checkout.id.as_str());
    Ok(PaymentLink {
        url: link_url::watched(&url, &events_url),
        events_url,
        checkout_id: checkout.id.to_string(),
        funds: checkout.terms.funds.to_string(),
        currency: checkout.terms.currency,
        comment: checkout.terms.comment,
        expires_at: time::rfc3339(checkout.expires_at),
        status: checkout.standing.status,
    })
}

#[derive(Deserialize)]
pub(crate) struct Poll {
    wait: Option<u64>,
}

/// `GET /checkouts/{checkoutId}`: the snapshot, with its version as `ETag`. With `?wait=25` the answer is
/// held back for so many seconds or until the checkout changes, or until a newcomer needs the place; without it, asking
/// takes no place and is never refused. What the caller knows is `If-None-Match`, or
/// without it the present; 304 when that still holds.
#[utoipa::path(
    get,
    path = "/checkouts/{checkout_id}",
    operation_id = "getCheckout",
    tag = "pages",
    params(
        ("checkout_id" = String, Path, pattern = "^[0-9a-f]{32}$", description = "128 random bits."),
        ("wait" = Option<u64>, Query, minimum = 0, maximum = 30, description = "Seconds to wait for a change."),
        ("If-None-Match" = Option<String>, Header, description = "The version that is known.")
    ),
    responses(
        (status = 200, description = "The present.", body = Envelope<Snapshot>, headers(("ETag" = String))),
        (status = 304, description = "What is known still holds.")
    )
)]
pub(crate) async fn snapshot(
    State(app): State<Arc<App>>,
    Client(address): Client,
    Seated(seat): Seated,
    id: Result<Path<String>, PathRejection>,
    poll: Result<Query<Poll>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let id = CheckoutId::parse(&id.map_err(|_| Error::CheckoutNotFound)?)?;
    let wait = poll.ok().map(|Query(poll)| poll.wait.unwrap_or(0)).filter(|wait| *wait <= LONGEST_WAIT);
    let wait = wait.ok_or_else(|| Error::InvalidField("wait is wrong: send 0 to 30 seconds.".to_owned()))?;
    let mut subscription = app.hub.subscribe(&id);
    let mut checkout = app.store.checkout(&id).await?.ok_or(Error::CheckoutNotFound)?;
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let is_known = |checkout: &Checkout| known.is_some_and(|known| matches_etag(known, checkout.version));
    let may_wait = wait > 0 && !checkout.is_over() && (known.is_none() || is_known(&checkout));
    if may_wait {
        let version = checkout.version;
        app.stay(&mut subscription, address);
        let _waiting = seat.map(Seat::wait);
        tokio::select! {
            newer = subscription.newer_than(version) => if let Some(newer) = newer {
                checkout = newer.checkout.clone();
            },
            () = tokio::time::sleep(Duration::from_secs(wait)) => {}
            () = app.stopping.cancelled() => {}
        }
    }
    let mut response = if is_known(&checkout) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        response::data(&checkout.snapshot())?.into_response()
    };
    let etag = HeaderValue::try_from(etag(checkout.version)).map_err(|_| Error::Row("version"))?;
    response.headers_mut().insert(header::ETAG, etag);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

/// Weak, since `serverTime` differs from answer to answer while the version is the same.
fn etag(version: u32) -> String {
    format!("W/\"{version}\"")
}

fn matches_etag(known: &str, version: u32) -> bool {
    let weak = etag(version);
    known
        .split(',')
        .map(str::trim)
        .any(|tag| tag == "*" || tag == weak || tag == weak.trim_start_matches("W/"))
}

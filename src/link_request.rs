//! Requests a payment link from the shop, by the page's own function or by a POST to the merchant's server.

use std::future::Future;
use std::pin::pin;
use std::rc::Rc;

use futures_util::future::{Either, select};
use gloo_net::http::Request;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, JSON, Promise};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, AbortSignal};

use crate::browser;
use crate::error::{ErrorCode, Failure};
use crate::http::{self, Answer};
use crate::options::LinkSource;
use crate::payment_info::{Environment, PaymentInfo};

/// Milliseconds until the shopper is offered a retry. The merchant's server stops waiting for the payment provider well
/// before.
const REQUEST_TIMEOUT: u32 = 30_000;

/// The texts of the error with which `fetch` rejects in each engine, and in the usual polyfill, if the server cannot be
/// reached. All are a `TypeError`, as is a mistake in the page's function.
const NETWORK_ERRORS: [&str; 4] =
    ["Failed to fetch", "NetworkError", "Load failed", "Network request failed"];

#[wasm_bindgen]
extern "C" {
    /// The answer to a request that the loader sent when the shopper pressed the button before the widget was loaded.
    #[derive(Debug, Clone, PartialEq)]
    pub type EarlyAnswer;
    /// The id by which the request can be found in the server's log.
    #[wasm_bindgen(method, getter, js_name = requestId)]
    pub fn request_id(this: &EarlyAnswer) -> String;
    /// Settles with the result of the page's function, or with the endpoint's `Response`.
    #[wasm_bindgen(method, getter)]
    fn answer(this: &EarlyAnswer) -> Promise;
}

/// A pending request. Dropping it aborts it; the state machine ignores an answer that arrives nevertheless.
#[must_use = "dropping the request aborts it"]
#[derive(Debug)]
pub struct LinkRequest(AbortController);

impl LinkRequest {
    /// Requests a payment link, or takes the answer to the loader's early request. `done` gets the link, or a
    /// [`Failure`] whose code says whether a retry may succeed.
    #[must_use]
    pub fn start(
        source: Rc<LinkSource>,
        environment: Environment,
        request_id: String,
        early: Option<EarlyAnswer>,
        done: impl FnOnce(Result<PaymentInfo, Failure>) + 'static,
    ) -> Option<Self> {
        let abort = AbortController::new().ok()?;
        let signal = abort.signal();
        // In a task of its own: the page's function may call the widget, which is still handling the click.
        spawn_local(async move {
            let answer = in_time(answer(&source, &request_id, &signal, early)).await;
            done(answer.and_then(|answer| PaymentInfo::from_js(&answer, environment)));
        });
        Some(Self(abort))
    }
}

impl Drop for LinkRequest {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Posts an order to the merchant's server; settles with the `Response`.
///
/// # Errors
/// [`ErrorCode::LinkRequestFailed`] if `url` is not a valid address.
pub fn post(
    url: &str,
    order: &JsValue,
    request_id: &str,
    signal: Option<&AbortSignal>,
) -> Result<JsFuture, Failure> {
    let body = JSON::stringify(order).unwrap_or_default();
    let request = Request::post(url)
        .header("Content-Type", "application/json")
        .header("X-Request-Id", request_id)
        .abort_signal(signal)
        .body(JsValue::from(body))
        .map_err(|_| Failure::new(ErrorCode::LinkRequestFailed, format!("endpoint: {url} is not a URL")))?;
    Ok(http::send(request))
}

/// Limits the time of a request.
///
/// # Errors
/// [`ErrorCode::LinkTimeout`], or the request's own failure.
pub async fn in_time<T>(request: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    match select(pin!(request), TimeoutFuture::new(REQUEST_TIMEOUT)).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => {
            Err(Failure::new(ErrorCode::LinkTimeout, "no answer to the request for a payment link"))
        }
    }
}

/// Returns the body of a successful answer.
///
/// # Errors
/// A [`Failure`] whose code says whether a retry may succeed.
pub async fn body_of(response: JsFuture) -> Result<JsValue, Failure> {
    match http::read(response).await {
        Ok(Answer { status: 200..300, body }) => Ok(body),
        Ok(Answer { status, body }) => Err(refusal(status.into(), Problem::read(&body))),
        Err(error) => Err(Failure::new(ErrorCode::LinkRequestFailed, browser::describe(&error))),
    }
}

async fn answer(
    source: &LinkSource,
    request_id: &str,
    signal: &AbortSignal,
    early: Option<EarlyAnswer>,
) -> Result<JsValue, Failure> {
    let early = early.map(|early| http::settled(Ok(early.answer().into())));
    match source {
        LinkSource::Page(get_payment_info) => {
            let context = || browser::to_object(&RequestContext { request_id });
            of_page(early.unwrap_or_else(|| call(get_payment_info, &context())).await)
        }
        LinkSource::Endpoint { url, order, .. } => {
            let response = match (early, order.dyn_ref::<Function>()) {
                (Some(early), _) => early,
                (None, Some(function)) => {
                    let order = call(function, &JsValue::UNDEFINED).await;
                    let order = order.map_err(|error| thrown("order", &error))?;
                    post(url, &order, request_id, Some(signal))?
                }
                (None, None) => post(url, order, request_id, Some(signal))?,
            };
            body_of(response).await
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    /// A page that sends this id on as `X-Request-Id` can find its request in the server's log.
    request_id: &'a str,
}

/// Calls a function of the page and waits for its promise.
fn call(function: &Function, argument: &JsValue) -> JsFuture {
    http::settled(function.call1(&JsValue::UNDEFINED, argument))
}

fn of_page(answer: Result<JsValue, JsValue>) -> Result<JsValue, Failure> {
    let answer = answer.map_err(|error| thrown("getPaymentInfo", &error))?;
    // A page that passes the server's answer on unchanged also passes on its errors.
    let problem = Problem::read(&answer);
    if problem.code.is_empty() || problem.status == 0 {
        return Ok(answer);
    }
    Err(refusal(problem.status, problem))
}

/// Returns the failure for a page's function that threw. A mistake in the function is for the developer to repair, and
/// has nothing to do with the shopper's connection.
fn thrown(name: &str, error: &JsValue) -> Failure {
    let message = browser::describe(error);
    let name_of_error = browser::get_text(error, "name").unwrap_or_default();
    let is_mistake = matches!(&*name_of_error, "TypeError" | "ReferenceError" | "SyntaxError" | "RangeError");
    if is_mistake && !NETWORK_ERRORS.iter().any(|known| message.starts_with(known)) {
        let fix = "the function failed on the answer that it got; let it check `response.ok` first, or resolve to the \
                   whole answer, which the widget understands";
        return Failure::new(ErrorCode::LinkRequestFailed, format!("{name}: {message} ({fix})")).of_page();
    }
    Failure::new(ErrorCode::LinkRequestFailed, format!("{name}: {message}"))
}

/// The known fields of an `application/problem+json` body of the merchant's server.
#[derive(Debug)]
struct Problem {
    code: String,
    status: u32,
    detail: String,
    request_id: String,
    order_id: String,
}

impl Problem {
    /// Reads a problem; another body gives empty fields.
    fn read(body: &JsValue) -> Self {
        let body = browser::own_properties(body);
        let text = |name| browser::property::<String>(&body, name).unwrap_or_default();
        Self {
            code: text("code"),
            status: browser::property(&body, "status").unwrap_or_default(),
            detail: text("detail"),
            request_id: text("requestId"),
            order_id: text("orderId"),
        }
    }
}

/// Maps a refusal of the merchant's server to an error code. Its `detail` goes to the developer, not to the shopper.
fn refusal(status: u32, problem: Problem) -> Failure {
    let code = match &*problem.code {
        "order_already_paid" => ErrorCode::OrderAlreadyPaid,
        "order_paid_other_amount" => ErrorCode::OrderPaidOtherAmount,
        "order_payment_in_question" => ErrorCode::OrderPaymentInQuestion,
        "provider_timeout" => ErrorCode::LinkTimeout,
        // The provider refused this very order: a retry would get the same answer.
        "provider_rejected" => ErrorCode::OrderRejected,
        _ if (400..500).contains(&status) && status != 429 => ErrorCode::OrderRejected,
        _ => ErrorCode::ProviderUnavailable,
    };
    let mut cause = format!("HTTP {status}");
    if !problem.detail.is_empty() {
        cause = cause + " " + &problem.detail;
    }
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    let (order_id, request_id) = (given(problem.order_id), given(problem.request_id));
    if let Some(id) = &request_id {
        cause = cause + " (request id " + id + ")";
    }
    Failure { order_id, request_id, ..Failure::new(code, cause) }
}

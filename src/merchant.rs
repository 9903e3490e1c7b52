//! Asks the shop for a payment link: by the page's own function, or by a POST to the merchant's server.

use std::rc::Rc;

use futures_util::future::{Either, select};
use gloo_net::http::Request;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, JSON};
use wasm_bindgen::{JsCast, JsValue};

use crate::error::{ErrorCode, Failure};
use crate::js;
use crate::options::{LinkSource, Options};
use crate::payment_info::PaymentInfo;

/// Milliseconds until the shopper is offered another try. The merchant's server gives up on the payment
/// provider well before.
const PATIENCE: u32 = 30_000;

/// A payment link for the page's order.
///
/// # Errors
/// A [`Failure`] whose code says whether another try can help.
pub async fn payment_link(options: Rc<Options>) -> Result<PaymentInfo, Failure> {
    let abort = web_sys::AbortController::new().ok();
    let signal = abort.as_ref().map(web_sys::AbortController::signal);
    let answer = Box::pin(answer(&options.source, signal));
    match select(answer, TimeoutFuture::new(PATIENCE)).await {
        Either::Left((answer, _)) => PaymentInfo::from_js(&answer?, options.environment),
        Either::Right(_) => {
            if let Some(abort) = abort {
                abort.abort();
            }
            Err(Failure::new(ErrorCode::LinkTimeout, "no answer to the request for a payment link"))
        }
    }
}

async fn answer(source: &LinkSource, signal: Option<web_sys::AbortSignal>) -> Result<JsValue, Failure> {
    match source {
        LinkSource::Page(get_payment_info) => {
            let answer = js::call(get_payment_info, &JsValue::UNDEFINED).await;
            let answer = answer.map_err(|error| rejected("getPaymentInfo", &error))?;
            // A page that passes the server's answer on as it is passes on its errors too.
            match js::get_text(&answer, "code").and_then(|_| js::get(&answer, "status").as_f64()) {
                Some(status) => Err(refusal(status as u16, &answer)),
                None => Ok(answer),
            }
        }
        LinkSource::Endpoint { url, order } => {
            let order = match order.dyn_ref::<Function>() {
                Some(function) => {
                    js::call(function, &JsValue::UNDEFINED).await.map_err(|e| rejected("order", &e))?
                }
                None => order.clone(),
            };
            post(url, &order, signal).await
        }
    }
}

fn rejected(name: &str, error: &JsValue) -> Failure {
    Failure::new(ErrorCode::LinkRequestFailed, [name, ": ", &js::describe(error)].concat())
}

async fn post(url: &str, order: &JsValue, signal: Option<web_sys::AbortSignal>) -> Result<JsValue, Failure> {
    let unreachable = |cause: String| Failure::new(ErrorCode::LinkRequestFailed, cause);
    let body = JSON::stringify(order).ok().and_then(|body| body.as_string()).unwrap_or_default();
    let response = Request::post(url)
        .header("Content-Type", "application/json")
        .abort_signal(signal.as_ref())
        .body(body)
        .map_err(|error| unreachable(error.to_string()))?
        .send()
        .await
        .map_err(|error| unreachable(error.to_string()))?;
    let status = response.status();
    let text = response.text().await.map_err(|error| unreachable(error.to_string()))?;
    let answer = JSON::parse(&text);
    if response.ok() {
        return answer.map_err(|_| Failure::new(ErrorCode::LinkInvalid, "the endpoint's answer is not JSON"));
    }
    Err(refusal(status, &answer.unwrap_or(JsValue::UNDEFINED)))
}

/// Which error an answer of the merchant's server is. Its `detail` goes to the developer, not the shopper.
fn refusal(status: u16, problem: &JsValue) -> Failure {
    let code = match js::get_text(problem, "code").as_deref() {
        Some("order_already_paid") => ErrorCode::OrderAlreadyPaid,
        Some("provider_timeout") => ErrorCode::LinkTimeout,
        // The provider said no to this very order: asking again gets the same answer.
        Some("provider_rejected") => ErrorCode::OrderRejected,
        Some(_) | None if (400..500).contains(&status) && status != 429 => ErrorCode::OrderRejected,
        Some(_) | None => ErrorCode::ProviderUnavailable,
    };
    let detail = js::get_text(problem, "detail").unwrap_or_default();
    let request = js::get_text(problem, "requestId").unwrap_or_default();
    Failure::new(code, ["HTTP ", &status.to_string(), " ", &detail, " ", &request].concat().trim_end())
}

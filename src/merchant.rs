//! Asks the shop for a payment link: by the page's own function, or by a POST to the merchant's server.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::{Function, JSON, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal};

use crate::decimal::decimal;
use crate::error::{ErrorCode, Failure};
use crate::js::{self, Tell, object};
use crate::options::LinkSource;
use crate::payment_info::{Environment, PaymentInfo};

/// Milliseconds until the shopper is offered another try. The merchant's server gives up on the payment
/// provider well before.
const PATIENCE: u32 = 30_000;

/// A request on its way. Dropping it gives up on it; an answer that comes all the same is for the state
/// machine to ignore.
#[must_use = "dropping the request gives up on it"]
#[derive(Debug)]
pub struct LinkRequest {
    abort: AbortController,
    _patience: Timeout,
}

#[wasm_bindgen]
extern "C" {
    /// A request that the loader made, at a click that came before the widget: `{requestId, answer}`.
    #[derive(Debug, Clone, PartialEq)]
    pub type Early;
    /// Finds the request in the server's log.
    #[wasm_bindgen(method, getter, js_name = requestId)]
    pub fn request_id(this: &Early) -> String;
    /// Settles with what `getPaymentInfo` gave, or, with `endpoint`, with the `Response`.
    #[wasm_bindgen(method, getter)]
    fn answer(this: &Early) -> Promise;
}

impl LinkRequest {
    /// Asks for a payment link for the page's order; `request_id` finds the request in the server's log. Where the
    /// loader has asked already, its answer counts.
    ///
    /// # Errors
    /// `tell` gets a [`Failure`] whose code says whether another try can help.
    pub fn start(
        source: Rc<LinkSource>,
        environment: Environment,
        request_id: String,
        early: Option<Early>,
        tell: Tell<Result<PaymentInfo, Failure>>,
    ) -> Option<Self> {
        let abort = AbortController::new().ok()?;
        let patience = {
            let tell = tell.clone();
            let late = Failure::new(ErrorCode::LinkTimeout, "no answer to the request for a payment link");
            Timeout::new(PATIENCE, move || tell(Err(late)))
        };
        let signal = abort.signal();
        let answered = move |answer: Answer| {
            tell(answer.and_then(|answer| PaymentInfo::from_js(&answer, environment)));
        };
        let answered: Answered = Box::new(answered);
        match (early, &*source) {
            (Some(early), LinkSource::Page(_)) => {
                js::settle(early.answer(), Box::new(move |answer| answered(answer_of_page(answer))));
            }
            (Some(early), LinkSource::Endpoint { .. }) => {
                js::read(early.answer(), Box::new(move |answer| answered(answer_of_server(answer))));
            }
            (None, _) => {
                // Not at once: the page's function may call the widget, which is busy with the click.
                let ask = move |_| ask(&source, request_id, signal, answered);
                js::settle(Promise::resolve(&JsValue::UNDEFINED), Box::new(ask));
            }
        }
        Some(Self { abort, _patience: patience })
    }
}

impl Drop for LinkRequest {
    fn drop(&mut self) {
        self.abort.abort();
    }
}

/// What the shop answers.
pub type Answer = Result<JsValue, Failure>;
type Answered = Box<dyn FnOnce(Answer)>;

fn ask(source: &LinkSource, request_id: String, signal: AbortSignal, answered: Answered) {
    match source {
        LinkSource::Page(get_payment_info) => {
            // A page that sends it on as X-Request-Id finds its request in the server's log.
            let context = object(&[("requestId", request_id.into())]);
            js::call(get_payment_info, &context, Box::new(move |answer| answered(answer_of_page(answer))));
        }
        LinkSource::Endpoint { url, order, .. } => match order.dyn_ref::<Function>() {
            Some(function) => {
                let url = url.clone();
                let then = move |order| match order {
                    Ok(order) => post(&url, &order, &request_id, &signal, answered),
                    Err(error) => answered(Err(rejected("order", &error))),
                };
                js::call(function, &JsValue::UNDEFINED, Box::new(then));
            }
            None => post(url, order, &request_id, &signal, answered),
        },
    }
}

fn answer_of_page(answer: Result<JsValue, JsValue>) -> Answer {
    let answer = answer.map_err(|error| rejected("getPaymentInfo", &error))?;
    // A page that passes the server's answer on as it is passes on its errors too.
    match js::own_text(&answer, "code").and_then(|_| js::own(&answer, "status").as_f64()) {
        Some(status) => Err(refusal(status as u16, &answer)),
        None => Ok(answer),
    }
}

fn rejected(name: &str, error: &JsValue) -> Failure {
    Failure::new(ErrorCode::LinkRequestFailed, [name, ": ", &js::describe(error)].concat())
}

fn post(url: &str, order: &JsValue, request_id: &str, signal: &AbortSignal, answered: Answered) {
    let headers = object(&[("Content-Type", "application/json".into()), ("X-Request-Id", request_id.into())]);
    let request = object(&[
        ("method", "POST".into()),
        ("headers", headers.into()),
        ("body", JSON::stringify(order).unwrap_or_default().into()),
        ("signal", signal.into()),
    ]);
    js::fetch(url, &request, Box::new(move |answer| answered(answer_of_server(answer))));
}

/// What the merchant's server says, or why it does not.
///
/// # Errors
/// A [`Failure`] whose code says whether another try can help.
pub fn answer_of_server(answer: Result<(u16, JsValue), JsValue>) -> Answer {
    match answer {
        Ok((200..300, answer)) => Ok(answer),
        Ok((status, problem)) => Err(refusal(status, &problem)),
        Err(error) => Err(Failure::new(ErrorCode::LinkRequestFailed, js::describe(&error))),
    }
}

/// Which error an answer of the merchant's server is. Its `detail` goes to the developer, not the shopper.
fn refusal(status: u16, problem: &JsValue) -> Failure {
    let code = match js::own_text(problem, "code").as_deref() {
        Some("order_already_paid") => ErrorCode::OrderAlreadyPaid,
        Some("order_paid_other_amount") => ErrorCode::OrderPaidOtherAmount,
        Some("order_payment_in_question") => ErrorCode::OrderPaymentInQuestion,
        Some("provider_timeout") => ErrorCode::LinkTimeout,
        // The provider said no to this very order: asking again gets the same answer.
        Some("provider_rejected") => ErrorCode::OrderRejected,
        Some(_) | None if (400..500).contains(&status) && status != 429 => ErrorCode::OrderRejected,
        Some(_) | None => ErrorCode::ProviderUnavailable,
    };
    let detail = js::own_text(problem, "detail").unwrap_or_default();
    let request = js::own_text(problem, "requestId").unwrap_or_default();
    let cause = ["HTTP ", &decimal(status.into()), " ", &detail, " ", &request].concat();
    Failure { order_id: js::own_text(problem, "orderId"), ..Failure::new(code, cause.trim_end()) }
}

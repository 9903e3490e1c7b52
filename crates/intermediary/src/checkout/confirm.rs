//! Asks the provider about a payment, and writes what that means for its checkout.
//!
//! This is the only way to `paid`: not a webhook, not a page, but the provider's own answer, for this order
//! and this amount.

use std::{sync::Arc, time::Instant};

use tracing::Instrument;
use wire::Status;

use crate::{
    checkout::Error,
    checkout::{
        decision::{Decision, decide},
        link_lifetime,
        poll_schedule::next_poll_at,
        question::{Answered, EarlyQuestion},
        service::Service,
    },
    domain::{
        checkout::Checkout,
        evidence::{Difference, Evidence},
        provider_id::ProviderId,
        time::{self, Millis},
        transition::PaymentState,
    },
    provider::{Observation, OrderReference, ProviderError, Subject, WebhookEvent},
    store::{Applied, Change, Changed, Claim, Outcome, PendingWebhook, PriceSource, Trigger},
};

/// Maximum lookups for one confirmation. A lookup is repeated only when another change was written first; the bound keeps
/// a fault from becoming a loop.
const ROUNDS: u32 = 5;

/// Milliseconds; the greatest age of a webhook that is asked about before it is stored.
const FRESH: Millis = 30_000;

/// The result of a confirmation.
#[derive(Debug)]
pub(crate) struct Confirmation {
    /// The checkout as it is now.
    pub(crate) checkout: Checkout,
    /// How the webhooks of the payment end.
    pub(crate) outcome: Outcome,
    /// The status that the provider reports, if this version knows it and order and amount match.
    pub(crate) seen: Option<Status>,
}

/// Why the provider is asked, and the job and webhooks that the answer settles.
#[derive(Debug)]
pub(crate) struct ConfirmRequest<'a> {
    /// The cause, for the audit.
    pub(crate) trigger: Trigger,
    /// The job that asks; `None` where a page waits for the answer.
    pub(crate) claim: Option<&'a Claim>,
    /// The pending webhooks of the payment.
    pub(crate) webhooks: &'a [PendingWebhook],
    /// The answer to a question that began after all these webhooks came; without one, the provider is asked.
    pub(crate) answered: Option<Answered>,
}

impl Service {
    /// Asks the provider about `payment`, writes the result, and settles the request's webhooks and job. Returns `None`
    /// while no checkout has this payment.
    ///
    /// # Errors
    /// The provider's failure, or the store's; then nothing has changed.
    pub(crate) async fn confirm(
        &self,
        payment: &ProviderId,
        mut request: ConfirmRequest<'_>,
    ) -> Result<Option<Confirmation>, Error> {
        for _ in 0..ROUNDS {
            let answered = match request.answered.take() {
                Some(answered) => Some(answered),
                None => self.look_up(payment).await?,
            };
            let Some(Answered { checkout, answer }) = answered else { return Ok(None) };
            let observation = match answer {
                // The provider no longer knows a payment that held money: that is an observation too.
                Err(ProviderError::NotFound(_)) if checkout.state.holds_money() => {
                    self.unknown_to_provider(&checkout)
                }
                answer => answer?,
            };
            let checkout = self.mend_lifetime(checkout).await?;
            let now = time::now();
            let Decision { state, outcome, evidence } = decide(&checkout, &observation, now);
            self.log(&checkout, &observation, outcome, &evidence);
            // Without the exact moment of writing, which is this one.
            let as_it_will_be = match state {
                Some(state) => Checkout { state, updated_at: now, ..checkout.clone() },
                None => checkout.clone(),
            };
            let seen = (outcome != Outcome::Mismatch).then_some(observation.state).and_then(Result::ok);
            let next = next_poll_at(&as_it_will_be, seen.map(|seen| seen.status), now, &self.tuning);
            let price = match state {
                Some(state) => self.price(&checkout, state).await?,
                None => PriceSource::Registered,
            };
            let change = Change {
                checkout: &checkout,
                state,
                job: request.claim.map(|claim| (claim, next)),
                settles: request.webhooks,
                outcome,
                trigger: &request.trigger,
                price,
                evidence: Some(&evidence),
                watch: next.filter(|_| request.claim.is_none()),
            };
            if let Applied::Done(changed) = self.store.apply(change).await? {
                let before = checkout.state.status;
                let Changed { checkout, closed } = *changed;
                if state.is_some() {
                    tracing::info!(
                        checkout = %checkout.id, order = %checkout.order_id, status = checkout.state.status.as_str(),
                        version = checkout.version, "the checkout changed"
                    );
                    let received = request.webhooks.iter().map(|webhook| webhook.received_at);
                    self.metrics.transition(checkout.state.status.as_str(), received);
                    self.metrics.money(&checkout.terms, before, checkout.state.status);
                    self.report_issue(&checkout);
                    self.changed(&checkout);
                }
                if let Some(closed) = closed {
                    tracing::info!(checkout = %closed.id, order = %closed.order_id, "closed: another link paid the order");
                    self.metrics.transition(closed.state.status.as_str(), std::iter::empty());
                    self.changed(&closed);
                }
                return Ok(Some(Confirmation { checkout, outcome, seen: seen.map(|seen| seen.status) }));
            }
        }
        tracing::warn!(%payment, "the checkout kept changing while the provider was asked");
        Err(Error::Busy)
    }

    /// Reads a payment's checkout, and then asks the provider. Returns `None` while no checkout has this payment.
    async fn look_up(&self, payment: &ProviderId) -> Result<Option<Answered>, Error> {
        let Some(checkout) = self.store.checkout_of(payment).await? else { return Ok(None) };
        Ok(Some(self.look_up_of(checkout, payment).await))
    }

    /// Asks the provider about the payment of this checkout.
    async fn look_up_of(&self, checkout: Checkout, payment: &ProviderId) -> Answered {
        Answered { checkout, answer: self.provider.payment(payment).await }
    }

    /// Begins to ask about the payment of a webhook that has just come, because storing the webhook takes as long as the
    /// answer. Does not ask about one that is stored already: somebody who recorded it could send it again and again.
    /// Returns `None` if the webhook is not about a payment or was not made just now, or if there is such a question
    /// about the payment.
    pub(crate) fn ask_early(self: &Arc<Self>, event: &WebhookEvent) -> Option<EarlyQuestion> {
        let Subject::Payment(payment) = &event.subject else { return None };
        let age = time::now().saturating_sub(event.created_at?);
        if age.abs() > FRESH {
            return None;
        }
        let only = self.early_questions.begin(payment)?;
        let (service, payment, webhook) = (Arc::clone(self), payment.clone(), event.id.clone());
        let question = async move {
            let _only = only;
            match service.store.checkout_of_unknown(&webhook, &payment).await? {
                Some(checkout) => Ok(Some(service.look_up_of(checkout, &payment).await)),
                None => Ok(None),
            }
        };
        let running = self.tasks.spawn(question.in_current_span());
        Some(EarlyQuestion::new(event.id.clone(), running))
    }

    /// Returns the source of the order's price. Where the shop's own code says it, that is asked when the money comes,
    /// or when the shopper agrees to payments that repeat, since the link may be older than the price.
    async fn price(&self, checkout: &Checkout, state: PaymentState) -> Result<PriceSource, Error> {
        let Some(source) = &self.orders else { return Ok(PriceSource::Registered) };
        match state.status {
            // What it was paid for is decided already.
            Status::Paid if checkout.state.status == Status::Paid => Ok(PriceSource::Registered),
            Status::Paid => {
                self.ask_price(source.as_ref(), &checkout.order_id).await.map(PriceSource::Stated)
            }
            // The shopper agrees to payments that repeat: the shop is told whether the order still asks for them.
            Status::Processing if checkout.terms.repeats() => {
                self.ask_price(source.as_ref(), &checkout.order_id).await.map(PriceSource::Stated)
            }
            Status::Reversed | Status::Pending | Status::Processing | Status::OnHold => {
                Ok(PriceSource::Registered)
            }
            Status::Declined | Status::Failed | Status::Canceled | Status::Expired => {
                Ok(PriceSource::Registered)
            }
        }
    }

    /// Returns the observation of a payment that the provider no longer knows.
    fn unknown_to_provider(&self, checkout: &Checkout) -> Observation {
        let words = "no such payment".to_owned();
        Observation {
            state: Err(words.clone()),
            words,
            says_success: false,
            order: OrderReference::Named(checkout.order_code.clone()),
            frequency: None,
            funds: Some(checkout.terms.funds),
            currency: self.provider.currency(),
        }
    }

    /// Logs a difference or an unknown status, whether or not it changes the checkout.
    fn log(&self, checkout: &Checkout, seen: &Observation, outcome: Outcome, evidence: &Evidence) {
        let (checkout, order) = (&checkout.id, &checkout.order_id);
        match outcome {
            Outcome::Mismatch => {
                let Some(Difference { what, expected, received: seen }) = &evidence.difference else {
                    return;
                };
                tracing::warn!(
                    %checkout, order, what, expected, seen, words = evidence.words,
                    "never paid: the provider's payment is not for this order and amount"
                );
            }
            Outcome::UnknownStatus => {
                self.metrics.unknown_status();
                tracing::error!(%checkout, order, words = evidence.words, "an unknown status of the provider changes nothing");
            }
            Outcome::Changed if seen.state.is_err() => self.metrics.unknown_status(),
            Outcome::Changed | Outcome::Unchanged | Outcome::Ignored | Outcome::Unmatched | Outcome::Dead => {
            }
        }
    }

    /// Counts and logs money that a person has to settle.
    fn report_issue(&self, checkout: &Checkout) {
        let Some(issue) = checkout.issue() else { return };
        self.metrics.issue(issue.as_str());
        tracing::error!(
            checkout = %checkout.id, order = %checkout.order_id, issue = issue.as_str(),
            status = checkout.state.status.as_str(), detail = checkout.issue_detail.as_deref().unwrap_or_default(),
            "money of an order is in question: settle it by hand"
        );
    }

    /// Moves the end of a link that is over by this machine's clock only, because that clock was set.
    pub(crate) async fn mend_lifetime(&self, checkout: Checkout) -> Result<Checkout, Error> {
        let now = time::now();
        if checkout.expires_at > now || checkout.state.status != Status::Pending {
            return Ok(checkout);
        }
        let Some(left) =
            self.recent_links.left(&checkout.id, Instant::now()).filter(|left| *left > link_lifetime::SLACK)
        else {
            return Ok(checkout);
        };
        let end = time::after(now, left);
        tracing::warn!(
            checkout = %checkout.id, order = %checkout.order_id, seconds_left = left.as_secs(),
            "this machine's clock was set: the link lives on"
        );
        self.store.move_end(&checkout.id, end).await?;
        Ok(Checkout { expires_at: end, ..checkout })
    }
}

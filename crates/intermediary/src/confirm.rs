//! Asks the provider about a payment, and writes what that means for its checkout.
//!
//! This is the only way to `paid`: not a webhook, not a page, but the provider's own answer, for this order
//! and this amount.

use banq_checkout_wire::Status;

use crate::{
    app::App,
    clock::{self, Millis},
    error::Error,
    lifetime, order_source,
    payment::{Cause, Standing, transition},
    provider::{Observation, ProviderId},
    store::{Applied, Change, Changed, Checkout, Claim, Outcome, Price, Prompt, Waiting},
    watch::next_look,
};

/// How often the provider is asked anew because another change came first. Each time something did change,
/// so this ends by itself; a fault must not make it a loop.
const ROUNDS: u32 = 5;

/// A checkout after the provider was asked.
#[derive(Debug)]
pub(crate) struct Confirmed {
    /// As it is now.
    pub(crate) checkout: Checkout,
    /// What the answer meant.
    pub(crate) outcome: Outcome,
}

/// Why the provider is asked, and what that ends.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    /// What led to it.
    pub(crate) prompt: Prompt,
    /// The job that it is, unless a page waits for the answer.
    pub(crate) claim: Option<&'a Claim>,
    /// The webhooks that speak of the payment.
    pub(crate) webhooks: &'a [Waiting],
}

/// Asks about `payment`; `None` when no checkout of ours has it (yet). Settles the question's webhooks and
/// job with the answer.
///
/// # Errors
/// The provider's failure, or the store's; then nothing has changed.
pub(crate) async fn confirm(
    app: &App,
    payment: &ProviderId,
    question: Question<'_>,
) -> Result<Option<Confirmed>, Error> {
    for _ in 0..ROUNDS {
        let Some(checkout) = app.store.checkout_of(payment).await? else { return Ok(None) };
        let observation = app.provider.payment(payment).await?;
        let checkout = lifetime::mend(app, checkout).await?;
        let now = clock::now();
        let (standing, outcome) = judge(&checkout, &observation, now);
        // Without the exact moment of writing, which is this one.
        let as_it_will_be = match standing {
            Some(standing) => Checkout { standing, updated_at: now, ..checkout.clone() },
            None => checkout.clone(),
        };
        let seen = (outcome != Outcome::Mismatch).then_some(observation.standing).and_then(Result::ok);
        let next = next_look(&as_it_will_be, seen.map(|seen| seen.status), now, &app.config.tuning);
        let price = match standing {
            Some(standing) => price(app, &checkout, standing.status).await?,
            None => Price::Kept,
        };
        let change = Change {
            checkout: &checkout,
            standing,
            job: question.claim.map(|claim| (claim, next)),
            settles: question.webhooks,
            outcome,
            prompt: &question.prompt,
            price,
        };
        if let Applied::Done(changed) = app.store.apply(change).await? {
            let Changed { checkout, closed } = *changed;
            if standing.is_some() {
                tracing::info!(
                    checkout = %checkout.id, order = %checkout.order_id, status = checkout.standing.status.as_str(),
                    version = checkout.version, "the checkout changed"
                );
                let received = question.webhooks.iter().map(|webhook| webhook.received_at);
                app.metrics.transition(checkout.standing.status.as_str(), received);
                app.changed(&checkout);
            }
            if let Some(closed) = closed {
                tracing::info!(checkout = %closed.id, order = %closed.order_id, "closed: another link paid the order");
                app.metrics.transition(closed.standing.status.as_str(), std::iter::empty());
                app.changed(&closed);
            }
            return Ok(Some(Confirmed { checkout, outcome }));
        }
    }
    tracing::warn!(%payment, "the checkout kept changing while the provider was asked");
    Err(Error::Unavailable)
}

/// Who says what the order costs: the shop's own code, where there is one and the money has come, since the link may
/// be older than the price.
async fn price(app: &App, checkout: &Checkout, status: Status) -> Result<Price, Error> {
    let Some(source) = &app.orders else { return Ok(Price::Kept) };
    match status {
        Status::Paid => order_source::ask(source.as_ref(), app, &checkout.order_id).await.map(Price::Said),
        Status::Reversed | Status::Pending | Status::Processing | Status::OnHold => Ok(Price::Kept),
        Status::Declined | Status::Failed | Status::Canceled | Status::Expired => Ok(Price::Kept),
    }
}

/// What the provider's answer means, and the checkout's new standing if there is one.
fn judge(checkout: &Checkout, observation: &Observation, now: Millis) -> (Option<Standing>, Outcome) {
    let time_is_up = || {
        let is_over = checkout.expires_at <= now;
        is_over.then(|| transition(checkout.standing, Cause::TimeIsUp)).flatten()
    };
    if let Some((what, expected, seen)) = mismatch(checkout, observation) {
        tracing::warn!(
            checkout = %checkout.id, order = %checkout.order_id, what, expected, seen,
            "never paid: the provider's payment is not for this order and amount"
        );
        return (time_is_up(), Outcome::Mismatch);
    }
    match &observation.standing {
        Ok(seen) => {
            let change = transition(checkout.standing, Cause::Observed(*seen)).or_else(time_is_up);
            (change, if change.is_some() { Outcome::Changed } else { Outcome::Unchanged })
        }
        Err(word) => {
            tracing::warn!(checkout = %checkout.id, word, "an unknown status of the provider changes nothing");
            (None, Outcome::UnknownStatus)
        }
    }
}

/// What about the payment is not as it was asked for: its name, what was expected, what was seen. A payment
/// that does not say its order or amount is treated as one that says another: an attacker who can make the
/// provider's payment cheaper, or pay somebody else's, must not get the goods.
fn mismatch(checkout: &Checkout, seen: &Observation) -> Option<(&'static str, String, String)> {
    let absent = || "nothing".to_owned();
    if seen.order_id.as_ref() != Some(&checkout.order_id) {
        return Some(("order", checkout.order_id.clone(), seen.order_id.clone().unwrap_or_else(absent)));
    }
    if seen.funds != Some(checkout.terms.funds) {
        let seen = seen.funds.map_or_else(absent, |funds| funds.to_string());
        return Some(("funds", checkout.terms.funds.to_string(), seen));
    }
    (seen.currency != checkout.terms.currency)
        .then(|| ("currency", checkout.terms.currency.clone(), seen.currency.to_owned()))
}

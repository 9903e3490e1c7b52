//! Creates payment links: at most one request per order at a time, and never a second payment for the same terms.

use std::{collections::HashSet, sync::Arc, time::Duration};

use tokio::time::{Instant, sleep};
use wire::Status;

use crate::{
    backoff,
    checkout::Error,
    checkout::{
        confirm::{ConfirmRequest, Confirmation},
        in_flight::{LinkOrigin, SharedResult},
        link_lifetime::{self, Reckoning},
        link_url,
        poll_schedule::next_poll_at,
        service::Service,
    },
    domain::{
        checkout::{Checkout, Terms},
        time::{self, Millis},
        transition::{Event, transition},
    },
    provider::{Link, LinkRequest, ProviderError},
    single_flight::Role,
    store::{
        self, Applied, Begin, Change, Claim, JobResult, LinkTimeouts, Outcome, PriceSource, Seller, Trigger,
    },
};

/// Maximum rounds for one request. A round is repeated only after a change; the bound keeps a fault from becoming a loop.
const ROUNDS: u32 = 5;

/// The pause between two looks for a link that another instance is creating.
const ELSEWHERE: Duration = Duration::from_millis(100);

impl Service {
    /// Returns the open link of an order on these terms, or creates one.
    ///
    /// # Errors
    /// [`Error::OrderAlreadyPaid`], [`Error::OrderPaidOtherAmount`], [`Error::OrderPaymentInQuestion`],
    /// [`Error::OrderWithdrawn`], or the provider's or the store's failure. After an ambiguous failure the
    /// next call repeats the same attempt.
    pub(crate) async fn link(
        self: &Arc<Self>,
        order_id: &str,
        terms: &Terms,
        trigger: &Trigger,
    ) -> Result<(Checkout, LinkOrigin), Error> {
        for _ in 0..ROUNDS {
            let work = {
                let (service, order, terms, trigger) =
                    (Arc::clone(self), order_id.to_owned(), terms.clone(), trigger.clone());
                || async move {
                    let result = service.create(&order, &terms, &trigger).await;
                    SharedResult { result, terms }
                }
            };
            let (shared, role) =
                self.in_flight.run(order_id.to_owned(), work).await.ok_or(Error::TaskPanicked)?;
            match role {
                Role::Leader => return shared.result,
                Role::Follower if shared.terms == *terms => {
                    return shared.result.map(|(checkout, _)| (checkout, LinkOrigin::Reused));
                }
                // That request was about other terms. It has ended, so ours can start.
                Role::Follower => {}
            }
        }
        Err(Error::Busy)
    }

    async fn create(
        &self,
        order_id: &str,
        terms: &Terms,
        trigger: &Trigger,
    ) -> Result<(Checkout, LinkOrigin), Error> {
        let tuning = &self.tuning;
        let spans = LinkTimeouts { link: self.link_lifetime, lease: tuning.lease };
        let seller = if self.orders.is_some() { Seller::Embedding } else { Seller::Registered };
        let deadline = Instant::now() + tuning.provider_deadline;
        let mut asked = HashSet::new();
        let mut rounds = 0..ROUNDS;
        while rounds.next().is_some() {
            match self.store.begin(order_id, terms, spans, seller, &asked, trigger).await? {
                Begin::ConfirmFirst(earlier) => {
                    for checkout in earlier {
                        self.ask_about(&checkout, trigger).await?;
                        asked.insert(checkout.id);
                    }
                    // Each was asked about once, so this ends by itself.
                    rounds = 0..ROUNDS;
                }
                Begin::Paid => return Err(Error::OrderAlreadyPaid),
                Begin::PaidOtherAmount => return Err(Error::OrderPaidOtherAmount),
                Begin::InQuestion => return Err(Error::OrderPaymentInQuestion),
                Begin::Withdrawn => return Err(Error::OrderWithdrawn),
                // This machine's clock was set back: whether the link can still be paid, the provider knows.
                Begin::Reusable(checkout)
                    if checkout.state.status == Status::Pending
                        && self.recent_links.has_ended(&checkout.id, Instant::now().into_std()) =>
                {
                    self.resolve_stale(&checkout, terms, trigger).await?;
                }
                Begin::Reusable(checkout) => return Ok((checkout, LinkOrigin::Reused)),
                Begin::NeedsConfirmation(checkout) => self.resolve_stale(&checkout, terms, trigger).await?,
                Begin::Create(checkout, claim) => {
                    if let Some(checkout) = self.ask(&checkout, &claim, trigger).await? {
                        return Ok((checkout, LinkOrigin::Created));
                    }
                }
                // If that one died, its lease ends, and a later request or the worker takes over.
                Begin::InProgress if Instant::now() < deadline => {
                    sleep(ELSEWHERE).await;
                    rounds = 0..ROUNDS;
                }
                Begin::InProgress => return Err(Error::Busy),
            }
        }
        Err(Error::Busy)
    }

    /// Confirms an earlier payment of the order that is over here, before another link is created: the shopper may have
    /// accepted it nevertheless, or its money may be back.
    ///
    /// # Errors
    /// [`Error::OrderPaymentInQuestion`] while it is under way, or a failure to ask.
    async fn ask_about(&self, checkout: &Checkout, trigger: &Trigger) -> Result<(), Error> {
        let Some(payment) = &checkout.payment_id else { return Ok(()) };
        let request = ConfirmRequest { trigger: trigger.clone(), claim: None, webhooks: &[], answered: None };
        match self.confirm(payment, request).await {
            Ok(Some(Confirmation { seen: Some(Status::Processing), .. })) => {
                Err(Error::OrderPaymentInQuestion)
            }
            Ok(_) => Ok(()),
            // The provider no longer knows the payment, or not for this account.
            Err(Error::Provider(failure)) if failure.is_refusal() => {
                tracing::warn!(checkout = %checkout.id, error = %failure, "an earlier payment of the order cannot be asked about");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Confirms an expired or outdated link with the provider. If it is still unused, marks it replaced, so that the
    /// caller can retry.
    async fn resolve_stale(
        &self,
        checkout: &Checkout,
        terms: &Terms,
        trigger: &Trigger,
    ) -> Result<(), Error> {
        let payment = checkout.payment_id.as_ref().ok_or(store::Error::Row("a link without a payment"))?;
        let request = ConfirmRequest { trigger: trigger.clone(), claim: None, webhooks: &[], answered: None };
        let Some(confirmation) = self.confirm(payment, request).await? else { return Ok(()) };
        match confirmation.outcome {
            Outcome::Changed => return Ok(()),
            // A pending checkout that an answer leaves as it is: the provider says pending too.
            Outcome::Unchanged if confirmation.checkout.state.status == Status::Pending => {}
            Outcome::Unchanged => return Ok(()),
            // The caller finds the order's money in question, or the link closed.
            Outcome::Mismatch if confirmation.checkout.state != checkout.state => return Ok(()),
            Outcome::Mismatch | Outcome::UnknownStatus | Outcome::Ignored => return Err(unknown()),
            Outcome::Unmatched | Outcome::Dead => return Err(unknown()),
        }
        let checkout = confirmation.checkout;
        if checkout.terms == *terms {
            return Ok(());
        }
        let state = transition(checkout.state, Event::Replaced);
        let change = Change {
            checkout: &checkout,
            state,
            // Its link may still be paid: it stays watched.
            job: None,
            settles: &[],
            outcome: Outcome::Changed,
            trigger,
            price: PriceSource::Registered,
            evidence: None,
            watch: None,
        };
        if let Applied::Done(changed) = self.store.apply(change).await? {
            let closed = changed.checkout;
            tracing::info!(checkout = %closed.id, order = %closed.order_id, "closed: the order's terms changed");
            self.changed(&closed);
        }
        Ok(())
    }

    /// Asks the provider for the link of a checkout whose row is on disk. Returns `None` when the row was closed
    /// meanwhile.
    async fn ask(
        &self,
        checkout: &Checkout,
        claim: &Claim,
        trigger: &Trigger,
    ) -> Result<Option<Checkout>, Error> {
        let request = LinkRequest {
            attempt_key: checkout.attempt_key,
            order_id: checkout.order_id.clone(),
            order_code: checkout.order_code.clone(),
            funds: checkout.terms.funds,
            schedule: checkout.terms.schedule,
            comment: checkout.terms.comment.clone(),
        };
        let answer = self.provider.create_link(&request).await;
        let link = match answer {
            Ok(link) => match link_url::check(&link.url, self.environment) {
                Ok(url) => Link { url, ..link },
                Err(reason) => {
                    self.store.finish(claim, JobResult::Failed(self.retry_at(claim), reason)).await?;
                    return Err(Error::UnsafeLink(reason));
                }
            },
            Err(error) if error.is_refusal() => {
                self.store.renew_attempt(checkout, claim, &error.to_string(), trigger).await?;
                return Err(error.into());
            }
            Err(error) => {
                // The provider may have created the payment nevertheless: the next request repeats this idempotency key.
                self.store
                    .finish(claim, JobResult::RetryAt(self.retry_at(claim), &error.to_string()))
                    .await?;
                return Err(error.into());
            }
        };
        let now = time::now();
        let reckoning = Reckoning {
            now,
            ahead: self.provider.clock_ahead(),
            is_new: claim.attempts == 0,
            lifetime: self.link_lifetime,
        };
        let expires_at = link_lifetime::end(link.expires_at, reckoning);
        let as_it_will_be = Checkout { expires_at, ..checkout.clone() };
        // A pending checkout always has a next look.
        let next = next_poll_at(&as_it_will_be, Some(Status::Pending), now, &self.tuning).unwrap_or(now);
        let recorded = self.store.record_link(checkout, claim, &link, expires_at, next, trigger).await;
        if let Err(taken @ store::Error::PaymentTaken) = &recorded {
            // The next request need not wait for the end of the lease.
            self.store.finish(claim, JobResult::Failed(self.retry_at(claim), &taken.to_string())).await?;
        }
        let recorded = recorded?;
        // Webhooks that were here before the link's own answer can be worked on now.
        self.wake.notify_one();
        if let Some(checkout) = &recorded {
            self.recent_links.made(&checkout.id, Instant::now().into_std(), now, expires_at);
            tracing::info!(checkout = %checkout.id, order = %checkout.order_id, payment = %link.payment_id, "link made");
        }
        Ok(recorded)
    }

    /// Repeats a request whose answer was lost, so that its payment is known and watched; closes the checkout when its
    /// time is over. No page has a link of such a checkout.
    pub(crate) async fn repeat_link(&self, checkout: &Checkout, claim: &Claim) -> Result<(), Error> {
        if checkout.is_over() || checkout.url.is_some() {
            return Ok(self.store.finish(claim, JobResult::Done(None)).await?);
        }
        if checkout.expires_at <= time::now() {
            tracing::info!(checkout = %checkout.id, order = %checkout.order_id, "closed: it never had a link");
            return Ok(self.store.expire_unanswered(checkout).await?);
        }
        let trigger = claim.trigger.clone().unwrap_or(Trigger::Sweep);
        match self.ask(checkout, claim, &trigger).await {
            // `ask` has written the failure at the job.
            Ok(_) | Err(Error::Provider(_) | Error::UnsafeLink(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn retry_at(&self, claim: &Claim) -> Millis {
        let tuning = &self.tuning;
        time::after(
            time::now(),
            backoff::delay(tuning.worker_pause, claim.attempts, tuning.worker_longest_pause),
        )
    }
}

fn unknown() -> Error {
    ProviderError::InvalidResponse("the state of the present link is unknown".into()).into()
}

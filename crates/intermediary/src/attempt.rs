//! From an order to a payment link: at most one request to the provider at a time, and never a second
//! payment for the same wish.

use std::sync::Arc;

use banq_checkout_wire::Status;

use crate::{
    app::App,
    clock,
    confirm::confirm,
    error::Error,
    link_url,
    payment::{Cause, transition},
    provider::{LinkRequest, ProviderError},
    single_flight::Role,
    store::{Applied, Begin, Change, Checkout, Outcome, Terms},
};

/// How often to look again because something changed meanwhile. Each look follows a change, so this ends by
/// itself; a fault must not make it a loop.
const ROUNDS: u32 = 5;

/// Whether a link is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Made {
    /// The provider was asked for it just now.
    Now,
    /// It was there before.
    Before,
}

/// What one flight ended with, for all that waited for it.
#[derive(Clone)]
pub(crate) struct Flown {
    terms: Terms,
    result: Result<(Checkout, Made), Arc<Error>>,
}

/// The live link of an order on these terms, made if there is none.
///
/// # Errors
/// [`Error::OrderAlreadyPaid`], or the provider's or the store's failure. After an ambiguous failure the
/// next call repeats the same attempt.
pub(crate) async fn link(app: &Arc<App>, order_id: &str, terms: &Terms) -> Result<(Checkout, Made), Error> {
    for _ in 0..ROUNDS {
        let (app, order, wish) = (Arc::clone(app), order_id.to_owned(), terms.clone());
        let work = {
            let (app, order) = (Arc::clone(&app), order.clone());
            || async move { Flown { result: fly(&app, &order, &wish).await.map_err(Arc::new), terms: wish } }
        };
        let (flown, role) = app.flights.run(order, work).await.ok_or(Error::Died)?;
        match role {
            Role::Led => return Ok(flown.result?),
            Role::Joined if flown.terms == *terms => {
                return Ok(flown.result.map(|(checkout, _)| (checkout, Made::Before))?);
            }
            // It was about other terms: now it is over, ours can be looked at.
            Role::Joined => {}
        }
    }
    Err(Error::Unavailable)
}

async fn fly(app: &App, order_id: &str, terms: &Terms) -> Result<(Checkout, Made), Error> {
    for _ in 0..ROUNDS {
        match app.store.begin(order_id, terms, app.config.link_lifetime).await? {
            Begin::Paid => return Err(Error::OrderAlreadyPaid),
            Begin::Alive(checkout) => return Ok((checkout, Made::Before)),
            Begin::Doubtful(checkout) => settle_doubt(app, &checkout, terms).await?,
            Begin::Ask(checkout) => {
                if let Some(checkout) = ask(app, &checkout).await? {
                    return Ok((checkout, Made::Now));
                }
            }
        }
    }
    Err(Error::Unavailable)
}

/// Asks the provider where a link stands that is over or has other terms. Only when nobody has acted on it
/// does it give way; the caller looks again.
async fn settle_doubt(app: &App, checkout: &Checkout, terms: &Terms) -> Result<(), Error> {
    let payment = checkout.payment_id.as_ref().ok_or(Error::Row("a link without a payment"))?;
    let Some(confirmed) = confirm(app, payment, &[]).await? else { return Ok(()) };
    match confirmed.outcome {
        Outcome::Changed => return Ok(()),
        // A pending checkout that an answer leaves as it is: the provider says pending too.
        Outcome::Unchanged if confirmed.checkout.standing.status == Status::Pending => {}
        Outcome::Unchanged => return Ok(()),
        Outcome::Mismatch | Outcome::UnknownStatus | Outcome::Ignored | Outcome::Unmatched => {
            return Err(ProviderError::Nonsense("the state of the present link is unknown".into()).into());
        }
    }
    let checkout = confirmed.checkout;
    if checkout.terms == *terms {
        return Ok(());
    }
    let standing = transition(checkout.standing, Cause::Replaced);
    let change = Change {
        checkout: &checkout,
        standing,
        next_check_at: None,
        settles: &[],
        outcome: Outcome::Changed,
    };
    if let Applied::Done(closed) = app.store.apply(change).await? {
        tracing::info!(checkout = %closed.id, order = %closed.order_id, "closed: the order's terms changed");
        app.hub.publish(&closed);
    }
    Ok(())
}

/// Asks the provider for the link of a checkout whose row is on disk; `None` when that row has been closed
/// meanwhile.
async fn ask(app: &App, checkout: &Checkout) -> Result<Option<Checkout>, Error> {
    let request = LinkRequest {
        attempt_key: checkout.attempt_key,
        order_id: checkout.order_id.clone(),
        funds: checkout.terms.funds,
        comment: checkout.terms.comment.clone(),
    };
    let link = match app.provider.create_link(&request).await {
        Ok(link) => link,
        Err(error) => {
            if error.is_refusal() {
                app.store.renew_attempt(checkout).await?;
            }
            return Err(error.into());
        }
    };
    link_url::check(&link.url, app.config.environment).map_err(Error::UnsafeLink)?;
    let expires_at = link.expires_at.unwrap_or_else(|| clock::after(clock::now(), app.config.link_lifetime));
    let recorded = app.store.record_link(checkout, &link.payment_id, &link.url, expires_at).await?;
    // Webhooks that were here before the link's own answer can be worked on now.
    app.wake.notify_one();
    if let Some(checkout) = &recorded {
        tracing::info!(checkout = %checkout.id, order = %checkout.order_id, payment = %link.payment_id, "link made");
    }
    Ok(recorded)
}

//! Decides what the provider's answer means for a checkout: pure, so that every pair of what is known and what the
//! provider says can be tested.

use crate::{
    domain::{
        checkout::Checkout,
        evidence::{Difference, Evidence},
        time::Millis,
        transition::{Event, PaymentState, implied, transition},
    },
    provider::Observation,
    store::Outcome,
};

use wire::Status;

/// The longest word of the provider's that is kept, in characters.
const LONGEST_WORD: usize = 100;

/// The decision about a checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    /// Its new state, if that changes or if its issue has another cause.
    pub(crate) state: Option<PaymentState>,
    /// How the webhooks that led to the request end.
    pub(crate) outcome: Outcome,
    /// What it rests on.
    pub(crate) evidence: Evidence,
}

/// Decides by the provider's answer alone; what it says of another order or amount never leads to `paid`.
pub(crate) fn decide(checkout: &Checkout, observation: &Observation, now: Millis) -> Decision {
    let known = checkout.state;
    let evidence = evidence(observation, differences(checkout, observation));
    let differs = evidence.difference.is_some();
    let cause = cause(known, observation, differs);
    let time_is_up = || {
        let is_over = checkout.expires_at <= now;
        is_over.then(|| transition(known, Event::TimeIsUp)).flatten()
    };
    // The same issue for another reason is a change too: a second partial refund, for example.
    let is_another_case = implied(known, cause) == Some(known)
        && known.is_in_question()
        && checkout.issue_detail.as_ref() != Some(&evidence.detail);
    let change = transition(known, cause).or_else(|| is_another_case.then_some(known));
    let (state, outcome) = match (&observation.state, differs) {
        // Nothing is given up on a word that is not understood, or on a link that somebody has acted on.
        (Err(_), true) => (change, Outcome::Mismatch),
        (Ok(seen), true) if seen.status == Status::OnHold => (change, Outcome::Mismatch),
        (Ok(_), true) => (change.or_else(time_is_up), Outcome::Mismatch),
        (Err(_), false) => (change, if change.is_some() { Outcome::Changed } else { Outcome::UnknownStatus }),
        (Ok(_), false) => {
            let change = change.or_else(time_is_up);
            (change, if change.is_some() { Outcome::Changed } else { Outcome::Unchanged })
        }
    };
    Decision { state, outcome, evidence }
}

fn cause(known: PaymentState, observation: &Observation, differs: bool) -> Event {
    let Ok(seen) = observation.state else { return Event::Unclear };
    // A success beside a reason to fail: a payment that never was known to be paid has failed; of one that was, the
    // money may still be there.
    let was_paid = known.holds_money() || known.status == Status::Reversed;
    if observation.says_success && seen.status == Status::Failed && was_paid {
        return Event::Unclear;
    }
    if differs { Event::Differs(seen) } else { Event::Observed(seen) }
}

/// A payment that does not say its order or amount is treated as one that says another: an attacker who can make the
/// provider's payment cheaper, or pay another person's, must not get the goods.
fn differences(checkout: &Checkout, seen: &Observation) -> Vec<Difference> {
    let absent = || "nothing".to_owned();
    let (code, terms) = (&checkout.order_code, &checkout.terms);
    let order = (!seen.order.is(code)).then(|| Difference {
        what: "order",
        expected: code.clone(),
        received: seen.order.code().map_or_else(absent, printable),
    });
    let funds = (seen.funds != Some(terms.funds)).then(|| Difference {
        what: "funds",
        expected: terms.funds.to_string(),
        received: seen.funds.map_or_else(absent, |funds| funds.to_string()),
    });
    let currency = (seen.currency != terms.currency).then(|| Difference {
        what: "currency",
        expected: terms.currency.clone(),
        received: seen.currency.to_owned(),
    });
    // A subscription that the provider takes as a single payment would be delivered without end.
    let expected = terms.schedule.frequency();
    let other = seen.frequency.filter(|frequency| *frequency != expected);
    let frequency = other.map(|other| Difference {
        what: "frequency",
        expected: expected.as_str().to_owned(),
        received: other.as_str().to_owned(),
    });
    [order, funds, currency, frequency].into_iter().flatten().collect()
}

fn evidence(seen: &Observation, differences: Vec<Difference>) -> Evidence {
    let words = printable(&seen.words);
    let said = format!("the provider says {words}");
    let differing = differences.iter().map(|Difference { what, expected, received }| {
        format!("{what}: expected {expected}, received {received}")
    });
    let detail = differing.chain([said]).collect::<Vec<_>>().join("; ");
    Evidence {
        words,
        order_code: seen.order.code().map(printable),
        funds: seen.funds,
        difference: differences.into_iter().next(),
        detail,
    }
}

/// Text of the provider's as it fits a log line and a table.
fn printable(text: &str) -> String {
    text.chars().filter(|char| !char.is_control()).take(LONGEST_WORD).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::OrderReference;

    #[test]
    fn own_payment_needs_no_order_code_but_its_amount() {
        let checkout = Checkout::for_test(Status::Pending);
        let paid = |order: OrderReference, funds: &str| {
            let seen = Observation {
                state: Ok(Status::Paid.into()),
                words: "Completed".into(),
                says_success: true,
                order,
                frequency: None,
                funds: crate::Amount::parse(funds),
                currency: "USD",
            };
            decide(&checkout, &seen, 0).state.map(|state| state.status)
        };
        assert_eq!(paid(OrderReference::OurOwn, "2"), Some(Status::Paid));
        assert_eq!(paid(OrderReference::Named("1".into()), "2"), Some(Status::Paid));
        for (order, funds) in [
            (OrderReference::OurOwn, "1.99"),
            (OrderReference::Unnamed, "2"),
            (OrderReference::Named("2".into()), "2"),
        ] {
            assert_ne!(paid(order.clone(), funds), Some(Status::Paid), "{order:?} {funds}");
        }
    }
}

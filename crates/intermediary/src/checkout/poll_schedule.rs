//! When to ask the provider about a checkout unprompted: a webhook that never comes is then only a delay.
//!
//! The older a state is, the rarer it is looked at, so what was missed is found after at most a quarter (open)
//! or half (over) of the time that it has been going on, and a checkout costs some twenty questions in all,
//! instead of one each minute.

use std::time::Duration;

use wire::Status;

use crate::{
    config::Tuning,
    domain::{
        checkout::Checkout,
        time::{self, Millis},
    },
};

/// How much longer than the first wait between two looks the longest is.
const LONGEST: u32 = 60;

/// The same of a payment that repeats and that the shopper has agreed to: it goes on for years.
const LONGEST_OF_REPEATING: u32 = 24 * LONGEST;

/// The next look at `checkout`, which the provider says is in `seen` (`None`: in no state that counts).
/// `None` when nothing can change any more, or nobody waits for it.
pub(crate) fn next_poll_at(
    checkout: &Checkout,
    seen: Option<Status>,
    now: Millis,
    tuning: &Tuning,
) -> Option<Millis> {
    let over_since = |window: Duration| {
        let end = time::after(checkout.updated_at, window);
        let next = time::after(
            now,
            pause(checkout.updated_at, now, 2, tuning.poll_interval.saturating_mul(LONGEST), None),
        );
        (next <= end).then_some(next)
    };
    match checkout.state.status {
        Status::Pending | Status::Processing | Status::OnHold => {
            let repeats = checkout.terms.repeats() && checkout.state.status == Status::Processing;
            let longest =
                tuning.poll_interval.saturating_mul(if repeats { LONGEST_OF_REPEATING } else { LONGEST });
            let next =
                time::after(now, pause(checkout.created_at, now, 4, tuning.poll_interval, Some(longest)));
            let ends_first = checkout.state.status == Status::Pending && now < checkout.expires_at;
            Some(if ends_first { next.min(checkout.expires_at) } else { next })
        }
        // The bank of the shopper can take the money back for weeks.
        Status::Paid => over_since(tuning.reversal_window),
        // It can come back.
        Status::Reversed => over_since(tuning.reversal_window),
        // Money that differs can go back, or be put right.
        Status::Declined | Status::Failed | Status::Canceled | Status::Expired
            if checkout.state.is_in_question() =>
        {
            over_since(tuning.reversal_window)
        }
        Status::Declined | Status::Failed | Status::Canceled | Status::Expired => match seen {
            // The provider is done with it too.
            Some(Status::Declined | Status::Failed | Status::Canceled | Status::Expired) => None,
            Some(Status::Paid | Status::Reversed) => None,
            // Given up here, and the link may still be paid there.
            Some(Status::Pending | Status::Processing | Status::OnHold) | None => {
                over_since(tuning.late_payment_window)
            }
        },
    }
}

/// A `part`-th of the time since `start`, between the bounds.
fn pause(start: Millis, now: Millis, part: i64, shortest: Duration, longest: Option<Duration>) -> Duration {
    let age = Duration::from_millis((now.saturating_sub(start).max(0) / part).unsigned_abs());
    let pause = age.max(shortest);
    longest.map_or(pause, |longest| pause.min(longest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Schedule;

    const MINUTE: i64 = 60_000;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;

    fn checkout(status: Status, created_at: Millis, updated_at: Millis, expires_at: Millis) -> Checkout {
        Checkout { expires_at, created_at, updated_at, ..Checkout::for_test(status) }
    }

    /// All looks, when nothing ever changes.
    fn looks(checkout: &Checkout, seen: Option<Status>, until: Millis) -> Vec<Millis> {
        let (mut now, mut looks) = (checkout.updated_at, Vec::new());
        while let Some(next) =
            next_poll_at(checkout, seen, now, &Tuning::default()).filter(|next| *next <= until)
        {
            assert!(next > now, "{next} {now}");
            looks.push(next);
            now = next;
        }
        looks
    }

    #[test]
    fn open_link_is_polled_each_minute_then_rarer_and_at_its_expiry() {
        let checkout = checkout(Status::Pending, 0, 0, 15 * MINUTE);
        let looks = looks(&checkout, Some(Status::Pending), 15 * MINUTE);
        assert_eq!(looks[..4], [MINUTE, 2 * MINUTE, 3 * MINUTE, 4 * MINUTE]);
        assert_eq!(looks.last(), Some(&(15 * MINUTE)));
        assert!(looks.len() < 12, "{looks:?}");
    }

    #[test]
    fn accepted_or_held_payment_is_polled_at_least_hourly() {
        for status in [Status::Processing, Status::OnHold] {
            let looks = looks(&checkout(status, 0, 0, MINUTE), Some(status), 30 * DAY);
            assert!(looks.windows(2).all(|pair| pair[1] - pair[0] <= HOUR), "{looks:?}");
            assert!(*looks.last().unwrap() > 29 * DAY);
        }
    }

    #[test]
    fn running_recurring_payment_is_polled_at_least_daily() {
        let mut checkout = checkout(Status::Processing, 0, 0, MINUTE);
        checkout.terms.schedule = Schedule::read("monthly", Some("2027-01-31"), None).unwrap();
        let looks = looks(&checkout, Some(Status::Processing), 60 * DAY);
        assert!(looks.windows(2).all(|pair| pair[1] - pair[0] <= DAY), "{looks:?}");
        assert!(looks.len() < 120 && *looks.last().unwrap() >= 59 * DAY, "{looks:?}");
    }

    #[test]
    fn what_is_paid_is_looked_at_for_two_months_some_twenty_times() {
        let looks = looks(&checkout(Status::Paid, 0, 0, MINUTE), Some(Status::Paid), i64::MAX);
        assert!((10..=25).contains(&looks.len()), "{looks:?}");
        assert!(*looks.last().unwrap() > 35 * DAY && *looks.last().unwrap() <= 60 * DAY, "{looks:?}");
    }

    #[test]
    fn final_checkout_is_polled_a_week_if_the_provider_differs() {
        for status in [Status::Expired, Status::Canceled] {
            let checkout = checkout(status, 0, 0, MINUTE);
            for seen in [Some(Status::Pending), Some(Status::Processing), None] {
                let looks = looks(&checkout, seen, i64::MAX);
                assert!(looks.len() > 5 && *looks.last().unwrap() <= 7 * DAY, "{looks:?}");
            }
            assert_eq!(next_poll_at(&checkout, Some(status), 0, &Tuning::default()), None);
        }
        let reversed = checkout(Status::Reversed, 0, 0, MINUTE);
        let next = next_poll_at(&reversed, Some(Status::Reversed), 0, &Tuning::default());
        assert!(next.is_some(), "its money can come back");
    }
}

//! The days of a recurring payment as a pure list: due, paid, or skipped.
//!
//! *Assumed* (see [`crate::assumptions`]): accepting a recurring payment pays its first day; each further day is a
//! transaction of its own; the payment stays `Accepted` until its last day, and is then `Completed`.

use jiff::{Span, civil::Date};
use serde::Serialize;

use crate::{
    payment::{Event, State},
    resource::Frequency,
};

/// The maximum number of days that are kept of a payment without an end, or with a far one.
const MOST: usize = 366;

/// One day of a recurring payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Occurrence {
    /// The day.
    pub date: Date,
    /// The day's status.
    pub status: OccurrenceStatus,
}

/// The status of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the words say it")]
pub enum OccurrenceStatus {
    Due,
    Paid,
    Canceled,
}

/// Returns all days of a payment; none for a single payment.
pub(crate) fn of(frequency: Frequency, start: Option<Date>, end: Option<Date>) -> Vec<Occurrence> {
    let step = |count: i64| match frequency {
        Frequency::Once => None,
        Frequency::Daily => Span::new().try_days(count).ok(),
        Frequency::Weekly => Span::new().try_weeks(count).ok(),
        Frequency::Monthly => Span::new().try_months(count).ok(),
        Frequency::Yearly => Span::new().try_years(count).ok(),
    };
    let Some(start) = start else { return Vec::new() };
    // Counted from the first day, so that a payment of the 31st returns to it after a shorter month.
    let days = (0..).map_while(|count| start.checked_add(step(count)?).ok());
    days.take_while(|day| end.is_none_or(|end| *day <= end))
        .take(MOST)
        .map(|date| Occurrence { date, status: OccurrenceStatus::Due })
        .collect()
}

/// Pays or skips the next due day; returns the new state and its events, or `None` if no day is due.
pub(crate) fn settle(days: &mut [Occurrence], status: OccurrenceStatus) -> Option<(State, Vec<Event>)> {
    let next = days.iter_mut().find(|day| day.status == OccurrenceStatus::Due)?;
    next.status = status;
    let mut events = vec![match status {
        OccurrenceStatus::Canceled => Event::PaymentOccurrenceCanceled,
        OccurrenceStatus::Due | OccurrenceStatus::Paid => Event::TransactionCreated,
    }];
    let any = |status| days.iter().any(|day| day.status == status);
    let state = if any(OccurrenceStatus::Due) {
        State::Accepted
    } else if any(OccurrenceStatus::Paid) {
        events.push(Event::PaymentCompleted);
        State::Completed
    } else {
        events.push(Event::PaymentCanceled);
        State::Canceled
    };
    Some((state, events))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn months_keep_their_day_where_they_have_it() {
        let days = of(Frequency::Monthly, Some(date(2021, 1, 31)), Some(date(2021, 4, 30)));
        let dates: Vec<String> = days.iter().map(|day| day.date.to_string()).collect();
        assert_eq!(dates, ["2021-01-31", "2021-02-28", "2021-03-31", "2021-04-30"]);
        assert_eq!(of(Frequency::Daily, Some(date(2021, 1, 1)), None).len(), MOST);
        assert_eq!(of(Frequency::Weekly, Some(date(9999, 12, 30)), None).len(), 1);
        assert!(of(Frequency::Once, Some(date(2021, 1, 1)), None).is_empty());
    }

    #[test]
    fn the_last_day_completes_and_days_left_out_alone_cancel() {
        let mut days = of(Frequency::Yearly, Some(date(2021, 1, 1)), Some(date(2022, 1, 1)));
        let (state, events) = settle(&mut days, OccurrenceStatus::Paid).unwrap();
        assert_eq!((state, events), (State::Accepted, vec![Event::TransactionCreated]));
        let (state, events) = settle(&mut days, OccurrenceStatus::Canceled).unwrap();
        assert_eq!(state, State::Completed);
        assert_eq!(events, [Event::PaymentOccurrenceCanceled, Event::PaymentCompleted]);
        assert_eq!(settle(&mut days, OccurrenceStatus::Paid), None);
        let mut days = of(Frequency::Yearly, Some(date(2021, 1, 1)), Some(date(2021, 2, 1)));
        assert_eq!(settle(&mut days, OccurrenceStatus::Canceled).unwrap().0, State::Canceled);
    }
}

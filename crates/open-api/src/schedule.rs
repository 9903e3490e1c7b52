//! How often an order is to be paid (002: `frequency`, `startDate`, `endDate`).

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A frequency. Only `once` is documented; the other words are *assumed*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words say it")]
pub enum Frequency {
    Once,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

impl Frequency {
    /// Every frequency.
    pub const ALL: [Self; 5] = [Self::Once, Self::Daily, Self::Weekly, Self::Monthly, Self::Yearly];

    /// Returns the word in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
            Self::Yearly => "yearly",
        }
    }

    /// Reads the word, in any case.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|frequency| word.eq_ignore_ascii_case(frequency.as_str()))
    }
}

/// A frequency with the dates that it requires; an invalid combination cannot be represented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    frequency: Frequency,
    start: Option<Date>,
    end: Option<Date>,
}

/// Why a schedule is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Unknown frequency.
    #[error("frequency must be once, daily, weekly, monthly or yearly")]
    Frequency,
    /// Not a date.
    #[error("{0} must be a date like 2021-06-15")]
    Date(&'static str),
    /// A recurring payment without a first day.
    #[error("startDate is needed for a recurring payment")]
    NoStart,
    /// A year outside of four digits.
    #[error("startDate and endDate must be of the years 1000 to 9999")]
    Year,
    /// The last day is not after the first.
    #[error("endDate must be after startDate")]
    EndNotAfterStart,
    /// Dates on a single payment.
    #[error("a payment that is made once has no dates")]
    DatesOnce,
}

impl Schedule {
    /// A single payment.
    pub const ONCE: Self = Self { frequency: Frequency::Once, start: None, end: None };

    /// Returns a recurring payment from `start` to `end`, or until it is canceled.
    ///
    /// # Errors
    /// [`ScheduleError::EndNotAfterStart`], [`ScheduleError::Year`], or [`ScheduleError::DatesOnce`] for
    /// [`Frequency::Once`].
    pub fn recurring(frequency: Frequency, start: Date, end: Option<Date>) -> Result<Self, ScheduleError> {
        if frequency == Frequency::Once {
            return Err(ScheduleError::DatesOnce);
        }
        if [Some(start), end].into_iter().flatten().any(|date| !(1000..=9999).contains(&date.year())) {
            return Err(ScheduleError::Year);
        }
        if end.is_some_and(|end| end <= start) {
            return Err(ScheduleError::EndNotAfterStart);
        }
        Ok(Self { frequency, start: Some(start), end })
    }

    /// Reads the three JSON fields.
    ///
    /// # Errors
    /// The first mistake; its text names the field.
    pub fn read(frequency: &str, start: Option<&str>, end: Option<&str>) -> Result<Self, ScheduleError> {
        let frequency = Frequency::from_word(frequency).ok_or(ScheduleError::Frequency)?;
        // Only the canonical form: the parser also accepts a time of day or other forms of the year.
        let date = |name, text: &str| {
            let date: Option<Date> = text.parse().ok();
            date.filter(|date| date.to_string() == text).ok_or(ScheduleError::Date(name))
        };
        let start = start.map(|text| date("startDate", text)).transpose()?;
        let end = end.map(|text| date("endDate", text)).transpose()?;
        match (frequency, start, end) {
            (Frequency::Once, None, None) => Ok(Self::ONCE),
            (Frequency::Once, _, _) => Err(ScheduleError::DatesOnce),
            (_, None, _) => Err(ScheduleError::NoStart),
            (frequency, Some(start), end) => Self::recurring(frequency, start, end),
        }
    }

    /// Reads the text that [`Display`](fmt::Display) writes.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let schedule = Self::read(words.next()?, words.next(), words.next()).ok()?;
        words.next().is_none().then_some(schedule)
    }

    /// Returns the frequency.
    pub fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// Returns the first day.
    pub fn start(&self) -> Option<Date> {
        self.start
    }

    /// Returns the last day.
    pub fn end(&self) -> Option<Date> {
        self.end
    }
}

/// The canonical form for storage: `once`, `monthly 2021-06-15`, `monthly 2021-06-15 2022-06-15`.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.frequency.as_str())?;
        for date in [self.start, self.end].into_iter().flatten() {
            write!(f, " {date}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_again() {
        for text in ["once", "daily 2021-06-15", "yearly 2021-06-15 2024-02-29"] {
            assert_eq!(Schedule::parse(text).unwrap().to_string(), text);
        }
        for text in
            ["", "once 2021-06-15", "daily", "daily 2021-06-15 2021-06-15", "daily 2021-06-15 2022-06-15 x"]
        {
            assert_eq!(Schedule::parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_rule_has_its_own_error() {
        for (frequency, start, end, error) in [
            ("hourly", None, None, ScheduleError::Frequency),
            ("monthly", None, None, ScheduleError::NoStart),
            ("monthly", None, Some("2021-06-15"), ScheduleError::NoStart),
            ("monthly", Some("15.06.2021"), None, ScheduleError::Date("startDate")),
            ("monthly", Some("2021-06-15T10:00"), None, ScheduleError::Date("startDate")),
            ("monthly", Some("2021-02-29"), None, ScheduleError::Date("startDate")),
            ("monthly", Some("12-06-15"), None, ScheduleError::Date("startDate")),
            ("monthly", Some("2021-6-5"), None, ScheduleError::Date("startDate")),
            ("monthly", Some(" 2021-06-15"), None, ScheduleError::Date("startDate")),
            ("monthly", Some("+002021-06-15"), None, ScheduleError::Date("startDate")),
            ("monthly", Some("-000001-06-15"), None, ScheduleError::Year),
            ("monthly", Some("0012-06-15"), None, ScheduleError::Year),
            ("monthly", Some("2021-06-15"), Some("soon"), ScheduleError::Date("endDate")),
            ("monthly", Some("2021-06-15"), Some("2021-06-15"), ScheduleError::EndNotAfterStart),
            ("monthly", Some("2021-06-15"), Some("2021-06-14"), ScheduleError::EndNotAfterStart),
            ("once", Some("2021-06-15"), None, ScheduleError::DatesOnce),
        ] {
            assert_eq!(Schedule::read(frequency, start, end), Err(error), "{frequency} {start:?} {end:?}");
        }
        assert_eq!(Schedule::read("Once", None, None), Ok(Schedule::ONCE));
        let yearly = Schedule::read("YEARLY", Some("2021-06-15"), Some("2024-02-29")).unwrap();
        assert_eq!((yearly.frequency(), yearly.end().unwrap().day()), (Frequency::Yearly, 29));
        assert!(Schedule::read("weekly", Some("2021-06-15"), None).unwrap().end().is_none());
    }
}

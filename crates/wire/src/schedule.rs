//! How often a payment is made, as the page may see it.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

/// How often a payment that repeats is made. A payment that is made once has no schedule, so it has no word here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(rename_all = "snake_case"))]
pub enum Frequency {
    /// Each day.
    Daily,
    /// Each week.
    Weekly,
    /// Each month.
    Monthly,
    /// Each year.
    Yearly,
    /// The payment repeats, by a rule of a later version. A reader that dropped an unknown word would show a payment
    /// that repeats as a single one.
    Other,
}

impl Frequency {
    /// Every frequency, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::Daily, Self::Weekly, Self::Monthly, Self::Yearly, Self::Other];

    /// Reads the JSON word; a frequency of a later version becomes `Other`.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|frequency| frequency.as_str() == word).unwrap_or(Self::Other)
    }

    /// Returns the JSON word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
            Self::Yearly => "yearly",
            Self::Other => "other",
        }
    }
}

/// When a payment that repeats is made. Each of its payments has the amount `funds`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Schedule {
    /// How often.
    pub frequency: Frequency,
    /// The first day, `YYYY-MM-DD`.
    pub start_date: String,
    /// The last day, `YYYY-MM-DD`; absent if the payment repeats until it is canceled.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub end_date: Option<String>,
}

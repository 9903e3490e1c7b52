//! Banq's words, as enums that also keep unknown words.

/// Declares an enum of the vendor's words. Reads them in any case and both spellings, since 002 writes `completed`
/// where 000 and 001 write `Completed`, and 001 has both `Canceled` and `Cancelled`.
macro_rules! string_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A word that this version does not know; never a success.
            Unknown(String),
        }

        impl $name {
            /// The known words.
            pub const KNOWN: &[&str] = &[$(stringify!($variant)),+];

            /// Reads a word; an unknown one is kept, shortened for a log line.
            pub fn from_word(word: &str) -> Self {
                $(if spelled(word) == spelled(stringify!($variant)) { return Self::$variant; })+
                Self::Unknown(word.chars().filter(|char| !char.is_control()).take(40).collect())
            }

            /// Returns the vendor's word.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => stringify!($variant),)+
                    Self::Unknown(word) => word,
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <std::borrow::Cow<'de, str>>::deserialize(deserializer).map(|word| Self::from_word(&word))
            }
        }
    };
}

/// Returns the spelling in which words are compared.
pub(crate) fn spelled(word: &str) -> String {
    word.to_ascii_lowercase().replace("cancelled", "canceled")
}

string_enum! {
    /// The status of a payment. *Assumed*: the webhooks' actions, plus `Failed` and `Reversed`.
    PaymentStatus {
        /// Requested.
        Created,
        /// Means the same as `Created`.
        Pending,
        /// The shopper accepted; the money is on its way.
        Accepted,
        /// Paid.
        Completed,
        /// The shopper declined.
        Declined,
        /// Paused.
        OnHold,
        /// Resumed after a hold.
        Resumed,
        /// Canceled.
        Canceled,
        /// One payment of a recurring one is skipped.
        OccurrenceCanceled,
        /// The shopper did not act in time.
        Expired,
        /// The transaction failed.
        Failed,
        /// Paid, and taken back later.
        Reversed,
    }
}

string_enum! {
    /// The status of a transaction; *assumed*.
    TransactionStatus {
        /// Created.
        Created,
        /// Failed; see the reason.
        Failed,
        /// Taken back.
        Reversed,
    }
}

string_enum! {
    /// Why a transaction failed (000 and 001, "Transaction fail reasons"), in the vendor's words.
    FailReason {
        /// No reason.
        None,
        /// Processing failed.
        ProcessingFailed,
        /// Limits exceeded.
        LimitsExceeded,
        /// Finger print blacklisted.
        FingerprintBlacklisted,
        /// The banq error.
        BanqError,
        /// The prime trust error.
        PrimeTrustError,
        /// Insufficient balance.
        InsufficientBalance,
        /// The custodial account contact is not approved.
        CustodialAccountContactIsNotApproved,
        /// The external account is deactivated.
        ExternalAccountIsDeactivated,
        /// The plaid requires re-authentication.
        PlaidRequiresReAuthentication,
        /// The account is frozen.
        AccountIsFrozen,
        /// The transaction is reversed.
        Reversed,
        /// The transaction is cancelled.
        Cancelled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_fail_reason_is_known() {
        assert_eq!(FailReason::KNOWN.len(), 13);
        for word in FailReason::KNOWN {
            assert_eq!(FailReason::from_word(&word.to_lowercase()).as_str(), *word);
        }
    }

    #[test]
    fn both_spellings_of_canceled_are_the_same_word() {
        for word in ["Canceled", "Cancelled", "cancelled", "CANCELLED"] {
            assert_eq!(PaymentStatus::from_word(word), PaymentStatus::Canceled, "{word}");
            assert_eq!(FailReason::from_word(word), FailReason::Cancelled, "{word}");
            let occurrence = PaymentStatus::from_word(&format!("Occurrence{word}"));
            assert_eq!(occurrence, PaymentStatus::OccurrenceCanceled, "{word}");
        }
    }

    #[test]
    fn what_is_not_known_is_kept_and_is_nothing_else() {
        let unknown = PaymentStatus::from_word("Com\npleted");
        assert_eq!(unknown, PaymentStatus::Unknown("Completed".to_owned()));
        assert_ne!(unknown, PaymentStatus::Completed);
    }
}

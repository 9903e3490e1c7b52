//! Banq's words, each as a closed enum that keeps what it does not know.

/// Declares an enum of the vendor's words. They are read in any case and in either spelling, since 002 writes
/// `completed` where 000 and 001 write `Completed`, and 001 has both `Canceled` and `Cancelled`.
macro_rules! string_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A word of which this version knows nothing; never a success.
            Unknown(String),
        }

        impl $name {
            /// Every word that is known.
            pub const KNOWN: &[&str] = &[$(stringify!($variant)),+];

            /// Reads a word; one that is not known is kept, as far as it fits a log line.
            pub fn from_word(word: &str) -> Self {
                $(if spelled(word) == spelled(stringify!($variant)) { return Self::$variant; })+
                Self::Unknown(word.chars().filter(|char| !char.is_control()).take(40).collect())
            }

            /// The vendor's word.
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

/// Returns the one spelling in which words are compared.
pub(crate) fn spelled(word: &str) -> String {
    word.to_ascii_lowercase().replace("cancelled", "canceled")
}

string_enum! {
    /// Where a payment stands. *Assumed*: the webhooks' actions, plus `Failed` and `Reversed`.
    PaymentStatus {
        /// Asked for.
        Created,
        /// The same, in another word.
        Pending,
        /// The shopper agreed; the money is on its way.
        Accepted,
        /// Paid.
        Completed,
        /// The shopper said no.
        Declined,
        /// Set aside.
        OnHold,
        /// Taken up again after a hold.
        Resumed,
        /// Called off.
        Canceled,
        /// One day of a payment that repeats is left out.
        OccurrenceCanceled,
        /// Nobody answered in time.
        Expired,
        /// The transaction failed.
        Failed,
        /// Paid once, and taken back.
        Reversed,
    }
}

string_enum! {
    /// Where a transaction stands; *assumed*.
    TransactionStatus {
        /// Made.
        Created,
        /// It failed; see the reason.
        Failed,
        /// It was taken back.
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

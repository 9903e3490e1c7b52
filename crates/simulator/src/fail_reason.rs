//! The reasons why a transaction failed, in the vendor's words.

use std::fmt;

use serde::Serialize;

/// Why a transaction failed (Open API quickstart, "Transaction fail reasons").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[expect(missing_docs, reason = "the vendor's words say all that its document says")]
pub enum FailReason {
    None,
    ProcessingFailed,
    LimitsExceeded,
    FingerprintBlacklisted,
    BanqError,
    PrimeTrustError,
    InsufficientBalance,
    CustodialAccountContactIsNotApproved,
    ExternalAccountIsDeactivated,
    PlaidRequiresReAuthentication,
    AccountIsFrozen,
    Reversed,
    Cancelled,
}

impl FailReason {
    /// All reasons, in the vendor's order.
    pub const ALL: [FailReason; 13] = [
        FailReason::None,
        FailReason::ProcessingFailed,
        FailReason::LimitsExceeded,
        FailReason::FingerprintBlacklisted,
        FailReason::BanqError,
        FailReason::PrimeTrustError,
        FailReason::InsufficientBalance,
        FailReason::CustodialAccountContactIsNotApproved,
        FailReason::ExternalAccountIsDeactivated,
        FailReason::PlaidRequiresReAuthentication,
        FailReason::AccountIsFrozen,
        FailReason::Reversed,
        FailReason::Cancelled,
    ];

    /// Reads a reason, written exactly as the vendor writes it.
    pub fn from_word(word: &str) -> Option<FailReason> {
        Self::ALL.into_iter().find(|reason| reason.to_string() == word)
    }
}

// The variants have the vendor's names, letter by letter.
impl fmt::Display for FailReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fail_reason_is_read_as_it_is_written() {
        for reason in FailReason::ALL {
            assert_eq!(FailReason::from_word(&reason.to_string()), Some(reason));
        }
        assert_eq!(FailReason::from_word("processingfailed"), None);
    }
}

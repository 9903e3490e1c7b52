//! The events of an order of which the shop is notified.

/// A change of an order's money, or of the shopper's agreement to payments that repeat. An order is paid while one of
/// its checkouts is paid whose amount was the order's price when the money came. docs/fulfilment.md says what the shop
/// does for each event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// The order is paid: deliver.
    Paid,
    /// A checkout was paid at another price than the order has now: do not deliver.
    PaidOtherAmount,
    /// A checkout was paid after the shop had taken the order back: do not deliver, and give the money back.
    PaidAfterWithdrawal,
    /// Another checkout of a paid order was paid too: give this payment back, and do not deliver twice.
    PaidAgain,
    /// The money went back, and the order is no longer paid.
    Reversed,
    /// The money of one payment went back, and another payment still covers the order.
    PaymentReversed,
    /// Money came that differs from the request.
    PaymentMismatch,
    /// The provider no longer says that the money is there, although it may be.
    PaymentInDoubt,
    /// Money that had gone back, or was in doubt, is there again.
    PaymentRestored,
    /// The shopper agreed to the order's payments, which repeat.
    Agreed,
    /// The shopper agreed to payments that the order does not ask for, or no longer: do not deliver.
    AgreedTooLate,
    /// Payments to which the shopper had agreed end before the last one.
    AgreementEnded,
}

impl Event {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "order.paid",
            Self::PaidOtherAmount => "order.paid_other_amount",
            Self::PaidAfterWithdrawal => "order.paid_after_withdrawal",
            Self::PaidAgain => "order.paid_again",
            Self::Reversed => "order.reversed",
            Self::PaymentReversed => "order.payment_reversed",
            Self::PaymentMismatch => "order.payment_mismatch",
            Self::PaymentInDoubt => "order.payment_in_doubt",
            Self::PaymentRestored => "order.payment_restored",
            Self::Agreed => "order.agreed",
            Self::AgreedTooLate => "order.agreed_too_late",
            Self::AgreementEnded => "order.agreement_ended",
        }
    }

    /// Returns whether the event is about money.
    pub(super) fn is_of_money(self) -> bool {
        match self {
            Self::Paid | Self::PaidOtherAmount | Self::PaidAfterWithdrawal | Self::PaidAgain => true,
            Self::Reversed | Self::PaymentReversed | Self::PaymentMismatch | Self::PaymentInDoubt => true,
            Self::PaymentRestored => true,
            Self::Agreed | Self::AgreedTooLate | Self::AgreementEnded => false,
        }
    }
}

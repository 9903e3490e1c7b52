//! The words on the button.

use crate::messages::Text;

/// The words on the button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ButtonLabel {
    /// "Pay with banq"
    #[default]
    Pay,
    /// "Buy with banq"
    Buy,
    /// "Donate with banq"
    Donate,
    /// "Subscribe with banq"
    Subscribe,
    /// "Check out with banq"
    Checkout,
    /// "Book with banq"
    Book,
}

impl ButtonLabel {
    pub(super) const fn text(self) -> Text {
        match self {
            Self::Pay => Text::Pay,
            Self::Buy => Text::Buy,
            Self::Donate => Text::Donate,
            Self::Subscribe => Text::Subscribe,
            Self::Checkout => Text::Checkout,
            Self::Book => Text::Book,
        }
    }
}

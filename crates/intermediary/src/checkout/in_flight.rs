//! The requests for links that are under way.

use crate::{
    checkout::Error,
    domain::checkout::{Checkout, Terms},
    single_flight::SingleFlight,
};

/// At most one request per order; the key is its id.
pub(crate) type InFlight = SingleFlight<String, SharedResult>;

/// Whether a link is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkOrigin {
    /// This request created it.
    Created,
    /// An earlier request created it.
    Reused,
}

/// The result of one request, for every caller that waited for it.
#[derive(Clone)]
pub(crate) struct SharedResult {
    pub(super) terms: Terms,
    pub(super) result: Result<(Checkout, LinkOrigin), Error>,
}

//! Payment links and the truth about them: what a request for a link does, and what the provider's answer means for an
//! order.

pub(crate) mod confirm;
pub(crate) mod create_link;
pub(crate) mod decision;
mod error;
pub(crate) mod handoff;
pub(crate) mod in_flight;
pub(crate) mod link_lifetime;
pub(crate) mod link_token;
pub(crate) mod link_url;
pub(crate) mod poll_schedule;
pub(crate) mod price;
pub(crate) mod question;
pub(crate) mod service;
pub(crate) mod withdraw;

pub(crate) use self::error::Error;

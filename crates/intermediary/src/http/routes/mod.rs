//! The handlers, one file per resource.

pub(crate) mod browser_reports;
pub(crate) mod checkouts;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod metrics;
pub(crate) mod orders;
pub(crate) mod payment_links;
pub(crate) mod webhooks;
pub(crate) mod widget_files;
pub(crate) mod withdrawals;

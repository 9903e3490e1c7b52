//! The settings that all servers on one database must have in common.

/// The settings' names, and the program's version.
pub(crate) const SHARED_SETTINGS: [&str; 13] = [
    "BANQ_ACCOUNT_GUID",
    "BANQ_ALLOWED_ORIGINS",
    "BANQ_ALLOW_CLIENT_AMOUNTS",
    "BANQ_API_KEY",
    "BANQ_API_URL",
    "BANQ_ENVIRONMENT",
    FULFILMENT_SECRET,
    FULFILMENT_URL,
    "BANQ_LINK_LIFETIME_SECONDS",
    "BANQ_PUBLIC_URL",
    "BANQ_RETENTION_DAYS",
    "BANQ_WEBHOOK_SECRET",
    "version",
];

pub(crate) const FULFILMENT_URL: &str = "BANQ_FULFILMENT_URL";
pub(crate) const FULFILMENT_SECRET: &str = "BANQ_FULFILMENT_SECRET";

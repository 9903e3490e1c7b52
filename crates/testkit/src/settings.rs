//! The settings of a server beside a simulator.

use std::{collections::BTreeMap, path::Path};

/// Settings by name, such as `BANQ_LISTEN`.
pub type Settings = BTreeMap<String, String>;

/// The key by which the shop's server calls the intermediary.
pub const API_KEY: &str = "the-api-key-of-the-tests";
/// The secret by which Banq signs webhooks.
pub const WEBHOOK_SECRET: &str = "the-shared-secret-of-the-tests";
/// The merchant's application at Banq.
pub const CLIENT_ID: &str = "the-client-id-of-the-tests";
/// The merchant's user at Banq.
pub const USERNAME: &str = "the-user-of-the-tests";
/// The password of [`USERNAME`].
pub const PASSWORD: &str = "the-password-of-the-tests";
/// The merchant's account in the simulator.
pub const ACCOUNT_GUID: &str = "5b1d3c1e-6a52-4a7b-9d0e-2f6a1c8e7b42";
/// The route of the intermediary that takes Banq's webhooks.
pub const WEBHOOK_PATH: &str = "/your-web-hooks/payment-status";

/// Returns the settings of a local server on a free port. `banq` is the URL of Banq, without a slash at the end;
/// `database` is the URL of the server's database.
#[must_use]
pub fn settings(banq: &str, database: &str) -> Settings {
    [
        ("BANQ_ENVIRONMENT", "local"),
        ("BANQ_API_URL", &format!("{banq}/api/")),
        ("BANQ_AUTH_URL", &format!("{banq}/oauth/token")),
        ("BANQ_CLIENT_ID", CLIENT_ID),
        ("BANQ_USERNAME", USERNAME),
        ("BANQ_PASSWORD", PASSWORD),
        ("BANQ_ACCOUNT_GUID", ACCOUNT_GUID),
        ("BANQ_WEBHOOK_SECRET", WEBHOOK_SECRET),
        ("BANQ_API_KEY", API_KEY),
        ("BANQ_LISTEN", "127.0.0.1:0"),
        ("BANQ_DATABASE_URL", database),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// Returns settings with some of them added or replaced.
#[must_use]
pub fn changed(mut settings: Settings, changes: &[(&str, &str)]) -> Settings {
    settings.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    settings
}

/// Returns the URL of the SQLite database `test.sqlite` in a folder.
#[must_use]
pub fn sqlite(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("test.sqlite").display())
}

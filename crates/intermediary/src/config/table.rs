//! The table of all settings: names, defaults and explanations. The README's table and the command `settings` show it,
//! and a name that is not in it is an error.

/// One setting: a variable of the environment, or the same name in lower case in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// `BANQ_…`
    pub name: &'static str,
    /// The value if the setting is unset, for people; empty if the setting is required or has none.
    pub default: &'static str,
    /// One or two sentences in Markdown.
    pub help: &'static str,
    /// Whether the value is a secret or an id, which must be exact: no blank is removed from it.
    pub(super) is_exact: bool,
    /// Whether all servers on one database must have the same value.
    pub(super) is_shared: bool,
}

const fn setting(name: &'static str, default: &'static str, help: &'static str) -> Setting {
    Setting { name, default, help, is_exact: false, is_shared: false }
}

impl Setting {
    const fn exact(self) -> Self {
        Self { is_exact: true, ..self }
    }

    const fn shared(self) -> Self {
        Self { is_shared: true, ..self }
    }
}

/// All settings, in the order of the documentation.
pub const SETTINGS: [Setting; 33] = [
    setting("BANQ_ENVIRONMENT", "", "`local`, `sandbox` or `production`; required").shared(),
    setting("BANQ_PROVIDER", "`banq`", "the payment provider: `banq` is the only one so far"),
    setting("BANQ_API_URL", "by environment", "Banq's Open API: for `local` the simulator on this machine").shared(),
    setting("BANQ_AUTH_URL", "by environment", "Banq's token endpoint: for `local` the simulator on this machine"),
    setting("BANQ_CLIENT_ID", "", "the client id of your Open API credentials, from Banq; required").exact(),
    setting("BANQ_USERNAME", "", "the user name of your Open API credentials; required").exact(),
    setting("BANQ_PASSWORD", "", "the password of your Open API credentials; required").exact(),
    setting("BANQ_ACCOUNT_GUID", "", "MERCHANT-BANQ-GUID, the account that receives the money; required").exact().shared(),
    setting("BANQ_ACCOUNT_SPACE_ID", "", "ACCOUNT-SPACE-ID; only `webhooks` and `doctor` need it").exact(),
    setting("BANQ_WEBHOOK_SECRET", "", "the `SharedSecret` of your webhook registration; required").exact().shared(),
    setting("BANQ_WEBHOOK_SECRET_PREVIOUS", "", "the secret before this one, while it is being replaced").exact(),
    setting("BANQ_API_KEY", "", "your shop's own key for `PUT /orders/{orderId}`; required outside `local`").exact().shared(),
    setting(
        "BANQ_PUBLIC_URL",
        "",
        "the address at which browsers and Banq reach this server; required outside `local`",
    )
    .shared(),
    setting(
        "BANQ_ALLOWED_ORIGINS",
        "none; in `local` every port of this machine",
        "your shop's origins, separated by commas: each by its full name, as browsers write it \
         (`https://www.shop.example`; no `*`, no path)",
    )
    .shared(),
    setting(
        "BANQ_LINK_TOKENS",
        "`optional`",
        "`required`: a page gets an order's link only with the token that `PUT /orders/{orderId}` returned \
         (recommended); `optional`: the order's id is enough",
    ),
    setting(
        "BANQ_ALLOW_CLIENT_AMOUNTS",
        "`false`",
        "`true`: accept the price that the page sends; only in `local`, because a shopper can edit the page",
    )
    .shared(),
    setting("BANQ_LISTEN", "`127.0.0.1:8080`", "the address and port on which the server listens"),
    setting(
        "BANQ_DATABASE_URL",
        "`sqlite://banq-intermediary.sqlite`",
        "a SQLite file for one instance, or `postgres://…` when several share the work \
         ([docs/scaling.md])",
    ),
    setting(
        "BANQ_NATS_URL",
        "",
        "a NATS server (`nats://…`, `tls://…`) by which instances on a PostgreSQL wake each other's streams; unset, \
         PostgreSQL does ([docs/scaling.md#nats])",
    )
    .shared(),
    setting(
        "BANQ_FULFILMENT_URL",
        "",
        "where the server notifies your shop that an order is paid; together with `BANQ_FULFILMENT_SECRET`, or neither \
         ([docs/fulfilment.md])",
    )
    .shared(),
    setting("BANQ_FULFILMENT_SECRET", "", "the secret that signs notifications to `BANQ_FULFILMENT_URL`").exact().shared(),
    setting(
        "BANQ_WIDGET_DIR",
        "the widget that the program contains, if it was built with one; in `local` `dist` in the working directory, if it is there",
        "the folder of the built widget; only the widget's own files are served, under `/widget/`",
    ),
    setting(
        "BANQ_LINK_LIFETIME_SECONDS",
        "`900`",
        "how long a link lives if Banq gives no end, or an impossible one; at most 604800",
    )
    .shared(),
    setting(
        "BANQ_RETENTION_DAYS",
        "`400`",
        "how long unpaid checkouts that have ended are kept, and webhooks and notifications of any order; at least 90 \
         ([docs/deploy.md#how-long-things-are-kept])",
    )
    .shared(),
    setting(
        "BANQ_TRUSTED_PROXIES",
        "none",
        "addresses or networks of your proxies, whose `X-Forwarded-For` is believed; outside `local` none wider than \
         `/8` (IPv6: `/7`)",
    ),
    setting(
        "BANQ_MAX_CONNECTIONS",
        "`4000`",
        "connections in total, beside streams and long polls ([docs/deploy.md#limits])",
    ),
    setting(
        "BANQ_MAX_CONNECTIONS_PER_ADDRESS",
        "`256`; none in `local`",
        "connections of one address, trusted proxies excepted",
    ),
    setting("BANQ_MAX_STREAMS", "`10000`", "streams and long polls in total"),
    setting("BANQ_MAX_STREAMS_PER_ADDRESS", "`100`; none in `local`", "streams and long polls of one address"),
    setting("BANQ_MAX_STREAMS_PER_CHECKOUT", "`8`", "streams and long polls of one checkout"),
    setting(
        "BANQ_LINKS_PER_MINUTE",
        "`60`; none in `local`",
        "link requests of one address per minute, a quarter of them at once; `0` for no limit",
    ),
    setting(
        "BANQ_IDLE_TIMEOUT_SECONDS",
        "`75`",
        "how long a kept connection may be idle: longer than at the proxy in front; at most 3600",
    ),
    setting("BANQ_METRICS_TOKEN", "", "the bearer token for `/metrics` from other machines").exact(),
];

/// Returns the names of all settings.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    SETTINGS.iter().map(|setting| setting.name)
}

/// Returns whether the name is a setting's.
pub(super) fn is_setting(name: &str) -> bool {
    names().any(|known| known == name)
}

/// Returns whether the value of this setting must be exact.
pub(super) fn is_exact(name: &str) -> bool {
    SETTINGS.iter().any(|setting| setting.name == name && setting.is_exact)
}

/// Returns the names of the settings that all servers on one database must have in common, and `version` for the
/// program's version.
pub(crate) fn shared_settings() -> impl Iterator<Item = &'static str> {
    let shared = SETTINGS.iter().filter(|setting| setting.is_shared).map(|setting| setting.name);
    shared.chain(["version"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readme_has_this_table() {
        let row =
            |setting: &Setting| format!("| `{}` | {} | {} |\n", setting.name, setting.default, setting.help);
        let table: String = SETTINGS.iter().map(row).collect();
        let expected = format!("| variable | default | meaning |\n|---|---|---|\n{table}");
        let readme = include_str!("../../../../README.md");
        assert!(readme.contains(&expected), "put this table into the README:\n{expected}");
    }
}

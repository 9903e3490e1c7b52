//! The line of the log that sums up the configuration when the server starts.

use crate::{
    config::{Config, Environment},
    provider::WEBHOOK_PATH,
};

/// Logs the settings that a person needs first when something does not work. The line contains no secret: it has the
/// database's scheme and place only, and the shop's address without its query, which may contain a token.
pub(crate) fn log(config: &Config) {
    let public = config.public_url();
    let widget = config.widget_dir.as_ref();
    let widget =
        widget.map(|folder| format!("the widget is served under /widget/ from {}", folder.display()));
    let shop = config.fulfilment.as_ref().map(|fulfilment| {
        let mut url = fulfilment.url.clone();
        url.set_query(None);
        url
    });
    tracing::info!(
        environment = config.environment.as_str(),
        database = config.database.place(),
        widget = widget.as_deref().unwrap_or("none"),
        origins = origins(config),
        webhook = format!("{public}{}", WEBHOOK_PATH),
        server = public,
        provider = config.provider.name(),
        provider_urls = provider_urls(config),
        shop = shop.as_ref().map_or("none", |url| url.as_str()),
        version = env!("CARGO_PKG_VERSION"),
        "the server is set up"
    );
}

/// Returns the origins of pages that may request a payment link.
fn origins(config: &Config) -> String {
    if !config.allowed_origins.is_empty() {
        config.allowed_origins.join(", ")
    } else if config.environment == Environment::Local {
        "pages of this machine, on any port".to_owned()
    } else {
        "this server's own".to_owned()
    }
}

/// Returns the provider's addresses with the names of their settings.
fn provider_urls(config: &Config) -> String {
    let urls = config.provider.urls().into_iter().map(|(setting, url)| format!("{setting}={url}"));
    urls.collect::<Vec<_>>().join(", ")
}

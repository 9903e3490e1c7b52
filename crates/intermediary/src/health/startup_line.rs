//! The line of the log that sums up the configuration when the server starts.

use url::Url;

use crate::{
    config::{Config, Environment},
    provider::WEBHOOK_PATH,
};

/// Logs the settings that a person needs first when something does not work. The line contains no secret: it has the
/// database's scheme and place only, the shop's address without path and query, which may contain a token, and the other
/// addresses without user and query.
pub(crate) fn log(config: &Config) {
    let public = config.public_url.as_ref().map_or_else(|| config.public_url(), bare);
    let public = public.trim_end_matches('/');
    let widget = match &config.widget_dir {
        Some(folder) => format!("the widget is served under /widget/ from {}", folder.display()),
        None if config.serves_widget() => "this program's widget is served under /widget/".to_owned(),
        None => "none".to_owned(),
    };
    let shop = config.fulfilment.as_ref().map(|fulfilment| fulfilment.url.origin().ascii_serialization());
    tracing::info!(
        environment = config.environment.as_str(),
        database = config.database.place(),
        widget,
        origins = origins(config),
        webhook = format!("{public}{WEBHOOK_PATH}"),
        server = public,
        provider = config.provider.name(),
        provider_urls = provider_urls(config),
        shop = shop.as_deref().unwrap_or("none"),
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
    let urls = config.provider.urls().into_iter().map(|(setting, url)| format!("{setting}={}", bare(url)));
    urls.collect::<Vec<_>>().join(", ")
}

/// Returns the address without user, password, query and fragment: a configuration made in code may contain them.
fn bare(url: &Url) -> String {
    let mut bare = url.clone();
    // Fails only for an address without a host, which has no user.
    let _ = bare.set_username("").and_then(|()| bare.set_password(None));
    bare.set_query(None);
    bare.set_fragment(None);
    bare.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_logged_without_its_secrets() {
        let url = Url::parse("https://user:hunter2@pay.example/api/?key=hunter2#hunter2").unwrap();
        assert_eq!(bare(&url), "https://pay.example/api/");
    }
}

//! Reads all settings of a server.

use std::{collections::BTreeMap, net::SocketAddr, num::NonZeroU32, path::PathBuf, time::Duration};

use super::{
    Config, ConfigError, Environment, FulfilmentConfig, Limits, LinkTokens, NatsConfig, ProviderConfig,
    Tuning,
    database_settings::read_database,
    environment,
    limits::networks,
    nats, origins,
    reader::Reader,
    urls::{url_of_one_host, without_slash},
};
use crate::Secret;

/// Seconds: a week.
const LONGEST_LIFETIME: u64 = 7 * 24 * 60 * 60;

/// The lifetime of a link if neither the provider nor the setting specifies it.
const USUAL_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// Seconds: an hour, longer than any load balancer keeps an idle connection.
const LONGEST_IDLE: u64 = 60 * 60;

/// Days: more than a year, so that last year's same month can be compared.
const USUAL_RETENTION: u16 = 400;

impl Config {
    /// Reads settings by their names (`BANQ_…`). Pure: reads nothing but the map.
    ///
    /// # Errors
    /// Everything that is missing, unreadable or contradictory, at once.
    pub fn from_map(settings: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(settings);
        let (config, environment) = read(&mut reader);
        let mut contradictions = Vec::new();
        config.find_problems(environment, &mut contradictions);
        reader.add(contradictions);
        reader.finish(config)
    }
}

/// Reads all settings. A missing or unreadable one adds a problem to `reader` and is replaced by a placeholder, so that
/// the others can be checked against each other. The environment has no placeholder.
fn read(reader: &mut Reader<'_>) -> (Config, Option<Environment>) {
    let environment = environment::read(reader);
    let provider = ProviderConfig::read(reader, environment);
    let api_key = reader.optional("BANQ_API_KEY").map(Secret::new);
    let allowed_origins = read_origins(reader);
    let allow_client_amounts = reader.parsed("BANQ_ALLOW_CLIENT_AMOUNTS", "true or false").unwrap_or(false);
    let link_tokens = reader.optional("BANQ_LINK_TOKENS");
    let link_tokens = reader.read("BANQ_LINK_TOKENS", link_tokens, "optional or required", link_tokens_of);
    let public_url = reader.url("BANQ_PUBLIC_URL", None).map(without_slash);
    let listen = reader.parsed("BANQ_LISTEN", "an address and a port, like 127.0.0.1:8080");
    let database = read_database(reader);
    let nats_url = reader.optional("BANQ_NATS_URL");
    let nats = reader.read("BANQ_NATS_URL", nats_url, nats::EXPECTED, NatsConfig::parse);
    let fulfilment = fulfilment(reader);
    let widget_dir = reader.optional("BANQ_WIDGET_DIR").map(PathBuf::from);
    let lifetime = reader.optional("BANQ_LINK_LIFETIME_SECONDS");
    let link_lifetime = reader.read("BANQ_LINK_LIFETIME_SECONDS", lifetime, "1 to 604800 seconds", |text| {
        text.parse().ok().filter(|seconds| (1..=LONGEST_LIFETIME).contains(seconds)).map(Duration::from_secs)
    });
    let retention: Option<u16> =
        reader.parsed("BANQ_RETENTION_DAYS", "a whole number of days, at most 65535");
    let metrics_token = reader.optional("BANQ_METRICS_TOKEN").map(Secret::new);
    let limits = read_limits(reader, environment.unwrap_or(Environment::Production));
    let config = Config {
        environment: environment.unwrap_or(Environment::Production),
        provider,
        api_key,
        allowed_origins,
        allow_client_amounts,
        link_tokens: link_tokens.unwrap_or(LinkTokens::Optional),
        public_url,
        listen: listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
        database,
        nats,
        fulfilment,
        widget_dir,
        link_lifetime: link_lifetime.unwrap_or(USUAL_LIFETIME),
        retention: days(retention.unwrap_or(USUAL_RETENTION)),
        limits,
        metrics_token,
        tuning: Tuning::default(),
    };
    (config, environment)
}

/// Reads origins, each in the form that browsers send; the list may end with a comma.
fn read_origins(reader: &mut Reader<'_>) -> Vec<String> {
    let text = reader.optional("BANQ_ALLOWED_ORIGINS").unwrap_or_default();
    let (origins, faults): (Vec<_>, Vec<_>) = text
        .split(',')
        .map(str::trim)
        .filter(|origin| !origin.is_empty())
        .map(origins::read)
        .partition(Result::is_ok);
    let faults = faults.into_iter().filter_map(Result::err);
    faults.for_each(|fault| reader.problem(format!("BANQ_ALLOWED_ORIGINS: {fault}")));
    origins.into_iter().flatten().collect()
}

fn read_limits(reader: &mut Reader<'_>, environment: Environment) -> Limits {
    let usual = Limits::of(environment);
    let mut number = |name: &str, usual: usize| {
        let text = reader.optional(name);
        let positive = |text: &str| text.parse().ok().filter(|number| *number > 0);
        reader.read(name, text, "a whole number, at least 1", positive).unwrap_or(usual)
    };
    let connections = number("BANQ_MAX_CONNECTIONS", usual.connections);
    let connections_per_address = number("BANQ_MAX_CONNECTIONS_PER_ADDRESS", usual.connections_per_address);
    let streams = number("BANQ_MAX_STREAMS", usual.streams);
    let streams_per_address = number("BANQ_MAX_STREAMS_PER_ADDRESS", usual.streams_per_address);
    let streams_per_checkout = number("BANQ_MAX_STREAMS_PER_CHECKOUT", usual.streams_per_checkout);
    let idle = reader.optional("BANQ_IDLE_TIMEOUT_SECONDS");
    let idle = reader.read("BANQ_IDLE_TIMEOUT_SECONDS", idle, "1 to 3600 seconds", |text| {
        text.parse().ok().filter(|seconds| (1..=LONGEST_IDLE).contains(seconds)).map(Duration::from_secs)
    });
    let links: Option<u32> =
        reader.parsed("BANQ_LINKS_PER_MINUTE", "a whole number of requests, or 0 for no limit");
    let proxies = reader.optional("BANQ_TRUSTED_PROXIES");
    let expected = "addresses or networks separated by commas, like 127.0.0.1, 10.0.0.0/8";
    let proxies = reader.read("BANQ_TRUSTED_PROXIES", proxies, expected, networks);
    Limits {
        connections,
        connections_per_address,
        streams,
        streams_per_address,
        streams_per_checkout,
        idle_timeout: idle.unwrap_or(usual.idle_timeout),
        links_per_minute: links.map_or(usual.links_per_minute, NonZeroU32::new),
        trusted_proxies: proxies.unwrap_or_default(),
    }
}

fn days(days: u16) -> Duration {
    Duration::from_secs(u64::from(days) * 24 * 60 * 60)
}

fn link_tokens_of(word: &str) -> Option<LinkTokens> {
    match word {
        "optional" => Some(LinkTokens::Optional),
        "required" => Some(LinkTokens::Required),
        _ => None,
    }
}

/// Reads both settings or neither: unsigned notifications could be forged, and a secret alone has no receiver.
fn fulfilment(reader: &mut Reader<'_>) -> Option<FulfilmentConfig> {
    let url = reader.optional("BANQ_FULFILMENT_URL");
    let secret = reader.optional("BANQ_FULFILMENT_SECRET").map(Secret::new);
    match (&url, &secret) {
        (Some(_), None) => reader.problem(
            "BANQ_FULFILMENT_SECRET is missing beside BANQ_FULFILMENT_URL: set it to whsec_ and base64 of 32 \
             random bytes, here and at your shop"
                .into(),
        ),
        (None, Some(_)) => reader.problem(
            "BANQ_FULFILMENT_URL is missing beside BANQ_FULFILMENT_SECRET: set it to where your shop takes \
             notifications, or unset both"
                .into(),
        ),
        (Some(_), Some(_)) | (None, None) => {}
    }
    // A query is allowed: a shop may tell its callers apart by it.
    let expected =
        "the address of one host that starts with https:// (or, in local, http://), without user or #";
    let url = reader.read("BANQ_FULFILMENT_URL", url, expected, |text| {
        url_of_one_host(text).filter(|url| url.fragment().is_none())
    });
    Some(FulfilmentConfig { url: url?, secret: secret? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::table;

    #[test]
    fn every_setting_of_the_table_is_read_and_no_other() {
        let settings = BTreeMap::new();
        let mut reader = Reader::new(&settings);
        read(&mut reader);
        let mut known: Vec<&str> = table::names().collect();
        known.sort_unstable();
        assert_eq!(reader.asked.iter().collect::<Vec<_>>(), known);
    }
}

//! Reads settings value by value, and collects all mistakes so that they can be fixed in one go.

use std::{
    collections::BTreeMap, net::SocketAddr, num::NonZeroU32, path::PathBuf, str::FromStr, time::Duration,
};

use url::Url;

use super::{
    BanqConfig, Config, ConfigError, Database, Environment, FulfilmentConfig, Limits, LinkTokens, Tuning,
    database,
    limits::networks,
    names, origins,
    urls::{http_url, url_of_one_host, with_slash, without_slash},
    value,
};
use crate::Secret;

/// The API and token addresses: the simulator's for `local`, the vendor's for the others (002, "Going to production").
pub(super) const ADDRESSES: [(Environment, &str, &str); 3] = [
    (Environment::Local, "http://127.0.0.1:8081/api/", "http://127.0.0.1:8081/oauth/token"),
    (Environment::Sandbox, "https://sandbox.banq.com/api/", "https://banq-staging.auth0.com/oauth/token"),
    (Environment::Production, "https://api.banq.com/api/", "https://banq-prod.auth0.com/oauth/token"),
];

/// Seconds: a week.
const LONGEST_LIFETIME: u64 = 7 * 24 * 60 * 60;

/// Seconds: an hour, longer than any load balancer keeps an idle connection.
const LONGEST_IDLE: u64 = 60 * 60;

/// Days: more than a year, so that last year's same month can be compared.
const USUAL_RETENTION: u16 = 400;

struct Reader<'a> {
    settings: &'a BTreeMap<String, String>,
    problems: Vec<String>,
}

impl Reader<'_> {
    /// Returns the value. An empty or obviously wrong value is a mistake, not an absence.
    fn optional(&mut self, name: &str) -> Option<String> {
        let value = self.settings.get(name)?;
        if let Some(fault) = value::fault(name, value) {
            self.problems.push(format!("{name} {fault}"));
            return None;
        }
        Some(value.trim().to_owned())
    }

    fn required(&mut self, name: &str, what: &str) -> Option<String> {
        if !self.settings.contains_key(name) {
            self.problems.push(format!("{name} is missing: set it to {what}"));
        }
        self.optional(name)
    }

    /// Reads `text`. The problem describes an unreadable value and never quotes it: it may be a secret under the wrong
    /// name.
    fn read<T>(
        &mut self,
        name: &str,
        text: Option<String>,
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = read(&text?);
        if value.is_none() {
            self.problems.push(format!("{name} must be {expected}"));
        }
        value
    }

    fn parsed<T: FromStr>(&mut self, name: &str, expected: &str) -> Option<T> {
        let text = self.optional(name);
        self.read(name, text, expected, |text| text.parse().ok())
    }

    fn url(&mut self, name: &str, default: Option<&str>) -> Option<Url> {
        let text = self.optional(name).or_else(|| default.map(str::to_owned));
        self.read(
            name,
            text,
            "the address of one host that starts with https:// (or http://), without user, ? or #",
            http_url,
        )
    }
}

impl Config {
    /// Reads settings by their names (`BANQ_…`). Pure: reads nothing but the map.
    ///
    /// # Errors
    /// Everything that is missing, unreadable or contradictory, at once.
    pub fn from_map(settings: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut reader = Reader { settings, problems: names::unknown(settings) };
        match read(&mut reader) {
            Some(config) if reader.problems.is_empty() => config.check().map(|()| config),
            Some(config) => {
                let contradictions = config.check().err().map(|error| error.problems);
                reader.problems.extend(contradictions.unwrap_or_default());
                Err(ConfigError { problems: reader.problems })
            }
            None => Err(ConfigError { problems: reader.problems }),
        }
    }
}

/// Banq's addresses: all that `whoami` needs besides its credentials.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// `BANQ_ENVIRONMENT`
    pub environment: Environment,
    /// `BANQ_API_URL`
    pub api_url: Url,
    /// `BANQ_AUTH_URL`
    pub auth_url: Url,
}

impl Addresses {
    /// Reads the three settings. Other settings are checked by name only.
    ///
    /// # Errors
    /// Everything that is missing or unreadable, at once.
    pub fn from_map(settings: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut reader = Reader { settings, problems: names::unknown(settings) };
        let (_, addresses) = read_addresses(&mut reader);
        addresses.filter(|_| reader.problems.is_empty()).ok_or(ConfigError { problems: reader.problems })
    }
}

/// Returns the environment even if an address is unreadable: it decides which other mistakes there are.
fn read_addresses(reader: &mut Reader<'_>) -> (Option<Environment>, Option<Addresses>) {
    let environment = reader.required("BANQ_ENVIRONMENT", "local, sandbox or production");
    let environment =
        reader.read("BANQ_ENVIRONMENT", environment, "local, sandbox or production", environment_of);
    let usual = ADDRESSES.iter().find(|(of, _, _)| Some(*of) == environment);
    let api_url = reader.url("BANQ_API_URL", usual.map(|(_, api, _)| *api)).map(with_slash);
    let auth_url = reader.url("BANQ_AUTH_URL", usual.map(|(_, _, auth)| *auth));
    let all = environment.zip(api_url).zip(auth_url);
    (environment, all.map(|((environment, api_url), auth_url)| Addresses { environment, api_url, auth_url }))
}

/// Returns `None` if a required setting is missing; the others are still read and checked.
fn read(reader: &mut Reader<'_>) -> Option<Config> {
    let (environment, addresses) = read_addresses(reader);
    let client_id = reader.required("BANQ_CLIENT_ID", "the client id that the Banq team gave you");
    let username = reader.required("BANQ_USERNAME", "the user name that the Banq team gave you");
    let password =
        reader.required("BANQ_PASSWORD", "the password that the Banq team gave you").map(Secret::new);
    let account_guid = reader.required("BANQ_ACCOUNT_GUID", "the GUID of the banq account that is paid");
    let account_guid = reader.read("BANQ_ACCOUNT_GUID", account_guid, "a GUID", |text| text.parse().ok());
    let account_space_id = reader.parsed("BANQ_ACCOUNT_SPACE_ID", "a whole number");
    let webhook_secret =
        reader.required("BANQ_WEBHOOK_SECRET", "the SharedSecret of your webhook registration");
    let webhook_secret_previous = reader.optional("BANQ_WEBHOOK_SECRET_PREVIOUS").map(Secret::new);
    let api_key = reader.optional("BANQ_API_KEY").map(Secret::new);
    let allowed_origins = read_origins(reader);
    let allow_client_amounts = reader.parsed("BANQ_ALLOW_CLIENT_AMOUNTS", "true or false").unwrap_or(false);
    let link_tokens = reader.optional("BANQ_LINK_TOKENS");
    let link_tokens = reader.read("BANQ_LINK_TOKENS", link_tokens, "optional or required", link_tokens_of);
    let public_url = reader.url("BANQ_PUBLIC_URL", None).map(without_slash);
    let listen = reader.parsed("BANQ_LISTEN", "an address and a port, like 127.0.0.1:8080");
    let database =
        reader.optional("BANQ_DATABASE_URL").unwrap_or_else(|| "sqlite://banq-intermediary.sqlite".into());
    let database = reader.read("BANQ_DATABASE_URL", Some(database), database::EXPECTED, Database::parse);
    let fulfilment = fulfilment(reader);
    let widget_dir = reader.optional("BANQ_WIDGET_DIR").map(PathBuf::from);
    let lifetime = reader.optional("BANQ_LINK_LIFETIME_SECONDS").unwrap_or_else(|| "900".into());
    let link_lifetime =
        reader.read("BANQ_LINK_LIFETIME_SECONDS", Some(lifetime), "1 to 604800 seconds", |text| {
            text.parse()
                .ok()
                .filter(|seconds| (1..=LONGEST_LIFETIME).contains(seconds))
                .map(Duration::from_secs)
        });
    let retention: Option<u16> =
        reader.parsed("BANQ_RETENTION_DAYS", "a whole number of days, at most 65535");
    let metrics_token = reader.optional("BANQ_METRICS_TOKEN").map(Secret::new);
    let limits = read_limits(reader, environment.unwrap_or(Environment::Production));
    let addresses = addresses?;
    Some(Config {
        environment: addresses.environment,
        banq: BanqConfig {
            api_url: addresses.api_url,
            auth_url: addresses.auth_url,
            client_id: client_id?,
            username: username?,
            password: password?,
            account_guid: account_guid?,
            account_space_id,
            webhook_secret: Secret::new(webhook_secret?),
            webhook_secret_previous,
        },
        api_key,
        allowed_origins,
        allow_client_amounts,
        link_tokens: link_tokens.unwrap_or(LinkTokens::Optional),
        public_url,
        listen: listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
        database: database?,
        fulfilment,
        widget_dir,
        link_lifetime: link_lifetime?,
        retention: days(retention.unwrap_or(USUAL_RETENTION)),
        limits,
        metrics_token,
        tuning: Tuning::default(),
    })
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
    reader.problems.extend(faults.map(|fault| format!("BANQ_ALLOWED_ORIGINS: {fault}")));
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

fn environment_of(word: &str) -> Option<Environment> {
    match word {
        "local" => Some(Environment::Local),
        "sandbox" => Some(Environment::Sandbox),
        "production" => Some(Environment::Production),
        _ => None,
    }
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
        (Some(_), None) => reader.problems.push(
            "BANQ_FULFILMENT_SECRET is missing beside BANQ_FULFILMENT_URL: set it to whsec_ and base64 of 32 \
             random bytes, here and at your shop"
                .into(),
        ),
        (None, Some(_)) => reader.problems.push(
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

//! The simulator's settings: [`Config`] in process, environment variables for the program.

use std::{
    env::VarError,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use uuid::Uuid;

use crate::{error::Error, webhook::WebhookConfig};

/// All settings. Has no `Debug`, because it holds a password.
#[derive(Clone)]
pub struct Config {
    /// The listening address; port 0 selects a free one.
    pub listen: SocketAddr,
    /// The base address of payment links, without a slash at the end; by default the listening address.
    pub public_url: Option<String>,
    /// The client id that the token endpoint accepts.
    pub client_id: String,
    /// The user name for the client id.
    pub username: String,
    /// The password for the client id.
    pub password: String,
    /// How long an access token is valid.
    pub token_lifetime: Duration,
    /// How long a payment link stays open before it expires.
    pub link_lifetime: Duration,
    /// The initial receiver of webhooks; `POST …/webhook-config` replaces it.
    pub webhook: Option<WebhookConfig>,
    /// The wait before the first retry of a webhook; doubled for each further one.
    pub webhook_retry_delay: Duration,
    /// The merchant's banq: the only accepted `destination.banqGuid`.
    pub account_guid: Uuid,
    /// The merchant's account space.
    pub account_space_id: u64,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8081)),
            public_url: None,
            client_id: "demo-client".to_owned(),
            username: "demo-merchant".to_owned(),
            password: "demo-password".to_owned(),
            token_lifetime: Duration::from_secs(60 * 60),
            link_lifetime: Duration::from_secs(15 * 60),
            webhook: None,
            webhook_retry_delay: Duration::from_secs(1),
            account_guid: Uuid::from_u128(0x5b1d_3c1e_6a52_4a7b_9d0e_2f6a_1c8e_7b42),
            account_space_id: 1,
        }
    }
}

impl Config {
    /// Reads the environment: `SIMULATOR_LISTEN`, `SIMULATOR_PUBLIC_URL`, `SIMULATOR_WEBHOOK_URL`,
    /// `SIMULATOR_WEBHOOK_SECRET`, `SIMULATOR_CLIENT_ID`, `SIMULATOR_USERNAME`, `SIMULATOR_PASSWORD`.
    ///
    /// # Errors
    /// [`Error::Setting`] with the name of the first invalid variable.
    pub fn from_env() -> Result<Config, Error> {
        Config::from_variables(|name| std::env::var(name))
    }

    fn from_variables(variable: impl Fn(&str) -> Result<String, VarError>) -> Result<Config, Error> {
        let read = |name: &'static str| match variable(name) {
            Ok(value) if value.trim().is_empty() => bad(name, "is empty: give it a value or unset it"),
            Ok(value) => Ok(Some(value)),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => bad(name, "is not valid UTF-8"),
        };
        let mut config = Config::default();
        if let Some(listen) = read("SIMULATOR_LISTEN")? {
            config.listen = listen
                .parse()
                .or_else(|_| bad("SIMULATOR_LISTEN", "must be an address and a port, like 127.0.0.1:8081"))?;
        }
        if let Some(url) = read("SIMULATOR_PUBLIC_URL")? {
            config.public_url = Some(http_url(&url).or_else(|problem| bad("SIMULATOR_PUBLIC_URL", problem))?);
        }
        config.client_id = read("SIMULATOR_CLIENT_ID")?.unwrap_or(config.client_id);
        config.username = read("SIMULATOR_USERNAME")?.unwrap_or(config.username);
        config.password = read("SIMULATOR_PASSWORD")?.unwrap_or(config.password);
        config.webhook = match (read("SIMULATOR_WEBHOOK_URL")?, read("SIMULATOR_WEBHOOK_SECRET")?) {
            (Some(url), Some(secret)) => {
                http_url(&url).or_else(|problem| bad("SIMULATOR_WEBHOOK_URL", problem))?;
                Some(WebhookConfig::new(url, secret))
            }
            (None, None) => None,
            (Some(_), None) => {
                return bad("SIMULATOR_WEBHOOK_SECRET", "is missing beside SIMULATOR_WEBHOOK_URL");
            }
            (None, Some(_)) => {
                return bad("SIMULATOR_WEBHOOK_URL", "is missing beside SIMULATOR_WEBHOOK_SECRET");
            }
        };
        Ok(config)
    }
}

/// Returns the address without a slash at the end, if it is one for http or https.
pub(crate) fn http_url(url: &str) -> Result<String, &'static str> {
    match reqwest::Url::parse(url) {
        Ok(parsed) if matches!(parsed.scheme(), "http" | "https") => Ok(url.trim_end_matches('/').to_owned()),
        Ok(_) | Err(_) => Err("must be an address that starts with http:// or https://"),
    }
}

fn bad<T>(name: &'static str, problem: &str) -> Result<T, Error> {
    Err(Error::Setting { name, problem: problem.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(variables: &[(&str, &str)]) -> Result<Config, String> {
        Config::from_variables(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned()).ok_or(VarError::NotPresent)
        })
        .map_err(|error| error.to_string())
    }

    #[test]
    fn an_empty_environment_gives_the_defaults() {
        let config = from(&[]).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8081");
        assert_eq!(config.account_guid.to_string(), "5b1d3c1e-6a52-4a7b-9d0e-2f6a1c8e7b42");
        assert!(config.webhook.is_none());
    }

    #[test]
    fn every_variable_is_read() {
        let config = from(&[
            ("SIMULATOR_LISTEN", "0.0.0.0:9"),
            ("SIMULATOR_PUBLIC_URL", "https://banq.test/"),
            ("SIMULATOR_WEBHOOK_URL", "http://shop.test/hook"),
            ("SIMULATOR_WEBHOOK_SECRET", "s"),
            ("SIMULATOR_CLIENT_ID", "c"),
            ("SIMULATOR_USERNAME", "u"),
            ("SIMULATOR_PASSWORD", "p"),
        ])
        .unwrap();
        assert_eq!(config.listen.port(), 9);
        assert_eq!(config.public_url.as_deref(), Some("https://banq.test"));
        assert_eq!(config.webhook.unwrap().url, "http://shop.test/hook");
        assert_eq!((&*config.client_id, &*config.username, &*config.password), ("c", "u", "p"));
    }

    #[test]
    fn a_bad_variable_is_named() {
        for (variables, name) in [
            (&[("SIMULATOR_LISTEN", "8081")][..], "SIMULATOR_LISTEN"),
            (&[("SIMULATOR_PUBLIC_URL", "banq.test")], "SIMULATOR_PUBLIC_URL"),
            (&[("SIMULATOR_PASSWORD", " ")], "SIMULATOR_PASSWORD"),
            (&[("SIMULATOR_WEBHOOK_URL", "http://shop.test")], "SIMULATOR_WEBHOOK_SECRET"),
            (&[("SIMULATOR_WEBHOOK_SECRET", "s")], "SIMULATOR_WEBHOOK_URL"),
        ] {
            assert!(from(variables).err().unwrap().starts_with(name), "{variables:?}");
        }
    }
}

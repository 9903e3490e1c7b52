//! Banq's settings.

use url::Url;
use uuid::Uuid;

use super::ProviderSecret;
use crate::{
    Secret,
    config::{
        Environment,
        reader::Reader,
        urls::{self, with_slash},
    },
};

/// The API and token addresses: the simulator's for `local`, the vendor's for the others (002, "Going to production").
const ADDRESSES: [(Environment, &str, &str); 3] = [
    (Environment::Local, "http://127.0.0.1:8081/api/", "http://127.0.0.1:8081/oauth/token"),
    (Environment::Sandbox, "https://sandbox.banq.com/api/", "https://banq-staging.auth0.com/oauth/token"),
    (Environment::Production, "https://api.banq.com/api/", "https://banq-prod.auth0.com/oauth/token"),
];

const API_URL: &str = "BANQ_API_URL";
const AUTH_URL: &str = "BANQ_AUTH_URL";
const PASSWORD: &str = "BANQ_PASSWORD";
const ACCOUNT_GUID: &str = "BANQ_ACCOUNT_GUID";
const WEBHOOK_SECRET: &str = "BANQ_WEBHOOK_SECRET";
const WEBHOOK_SECRET_PREVIOUS: &str = "BANQ_WEBHOOK_SECRET_PREVIOUS";

/// Banq's addresses and the merchant's credentials there (vendor document 002).
#[derive(Debug, Clone)]
pub struct BanqConfig {
    /// `BANQ_API_URL`: the Open API, ending in a slash.
    pub api_url: Url,
    /// `BANQ_AUTH_URL`: the token endpoint.
    pub auth_url: Url,
    /// `BANQ_CLIENT_ID`: YOUR-CLIENT-ID.
    pub client_id: String,
    /// `BANQ_USERNAME`: YOUR-CLIENT-USERNAME.
    pub username: String,
    /// `BANQ_PASSWORD`: YOUR-CLIENT-PASSWORD.
    pub password: Secret,
    /// `BANQ_ACCOUNT_GUID`: MERCHANT-BANQ-GUID, the account that receives the money.
    pub account_guid: Uuid,
    /// `BANQ_ACCOUNT_SPACE_ID`: ACCOUNT-SPACE-ID, where the webhook is registered. The server itself does not need it.
    pub account_space_id: Option<u64>,
    /// `BANQ_WEBHOOK_SECRET`: SharedSecret of the webhook registration.
    pub webhook_secret: Secret,
    /// `BANQ_WEBHOOK_SECRET_PREVIOUS`: the previous SharedSecret, while webhooks signed with it may still arrive.
    pub webhook_secret_previous: Option<Secret>,
}

impl BanqConfig {
    pub(super) const NAME: &str = "banq";
    /// The currency of all amounts: Banq's are dollars, and no field names a currency.
    pub(crate) const CURRENCY: &str = "USD";

    pub(super) fn read(reader: &mut Reader<'_>, environment: Option<Environment>) -> Self {
        let (api_url, auth_url) = read_addresses(reader, environment);
        let client_id = reader.required("BANQ_CLIENT_ID", "the client id that the Banq team gave you");
        let username = reader.required("BANQ_USERNAME", "the user name that the Banq team gave you");
        let password = reader.required(PASSWORD, "the password that the Banq team gave you");
        let account_guid = reader.required(ACCOUNT_GUID, "the GUID of the banq account that is paid");
        let account_guid = reader.read(ACCOUNT_GUID, account_guid, "a GUID", |text| text.parse().ok());
        let account_space_id = reader.parsed("BANQ_ACCOUNT_SPACE_ID", "a whole number");
        let webhook_secret = reader.required(WEBHOOK_SECRET, "the SharedSecret of your webhook registration");
        let previous = reader.optional(WEBHOOK_SECRET_PREVIOUS);
        Self {
            api_url,
            auth_url,
            client_id: client_id.unwrap_or_default(),
            username: username.unwrap_or_default(),
            password: password.map_or_else(|| placeholder(PASSWORD), Secret::new),
            account_guid: account_guid.unwrap_or_default(),
            account_space_id,
            webhook_secret: webhook_secret.map_or_else(|| placeholder(WEBHOOK_SECRET), Secret::new),
            webhook_secret_previous: previous.map(Secret::new),
        }
    }

    pub(super) fn urls(&self) -> Vec<(&'static str, &Url)> {
        vec![(API_URL, &self.api_url), (AUTH_URL, &self.auth_url)]
    }

    pub(super) fn secrets(&self) -> Vec<ProviderSecret<'_>> {
        let secret = |setting, value, is_own| ProviderSecret { setting, value, is_own };
        vec![
            secret(PASSWORD, Some(&self.password), false),
            secret(WEBHOOK_SECRET, Some(&self.webhook_secret), true),
            secret(WEBHOOK_SECRET_PREVIOUS, self.webhook_secret_previous.as_ref(), true),
        ]
    }

    /// Refuses a vendor address of another environment: `local` would accept a page's price for real money.
    pub(super) fn check_addresses(&self, environment: Environment, problems: &mut Vec<String>) {
        for (name, url) in self.urls() {
            // Outside `local` an address without TLS is another problem.
            if environment != Environment::Local && url.scheme() != "https" {
                continue;
            }
            let host = format!("://{}/", url.host_str().unwrap_or_default());
            let others =
                ADDRESSES.iter().filter(|(of, _, _)| *of != environment && *of != Environment::Local);
            for (of, api, auth) in others {
                if api.contains(&host) || auth.contains(&host) {
                    let of = of.as_str();
                    problems.push(format!(
                        "{name} is the address of Banq's {of}: unset it, or set BANQ_ENVIRONMENT={of}"
                    ));
                }
            }
        }
    }

    pub(super) fn account(&self) -> (&'static str, String) {
        (ACCOUNT_GUID, self.account_guid.to_string())
    }

    pub(super) fn shared(&self) -> Vec<(&'static str, String)> {
        vec![
            self.account(),
            (API_URL, self.api_url.to_string()),
            (WEBHOOK_SECRET, self.webhook_secret.expose().to_owned()),
        ]
    }
}

/// Reads the addresses of the API and of the token endpoint, by default those of the environment.
pub(super) fn read_addresses(reader: &mut Reader<'_>, environment: Option<Environment>) -> (Url, Url) {
    let default = ADDRESSES.iter().find(|(of, _, _)| Some(*of) == environment);
    let api_url = reader.url(API_URL, default.map(|(_, api, _)| *api));
    let auth_url = reader.url(AUTH_URL, default.map(|(_, _, auth)| *auth));
    (with_slash(api_url.unwrap_or_else(urls::nowhere)), auth_url.unwrap_or_else(urls::nowhere))
}

/// Returns a placeholder for a missing secret, with which the other checks can run. It is long and unique, so that no
/// other problem follows from it.
fn placeholder(name: &str) -> Secret {
    Secret::new(format!("placeholder for {name}"))
}

#[cfg(test)]
mod tests {
    use super::BanqConfig;
    use crate::config::{
        Config, ProviderConfig,
        tests::{local, production},
    };

    fn banq(config: &Config) -> &BanqConfig {
        let ProviderConfig::Banq(banq) = &config.provider;
        banq
    }

    #[test]
    fn each_environment_has_the_vendors_addresses() {
        let config = production(&[]).unwrap();
        assert_eq!(banq(&config).api_url.as_str(), "https://api.banq.com/api/");
        assert_eq!(banq(&config).auth_url.as_str(), "https://banq-prod.auth0.com/oauth/token");
        let config = production(&[("BANQ_ENVIRONMENT", "sandbox")]).unwrap();
        assert_eq!(banq(&config).api_url.as_str(), "https://sandbox.banq.com/api/");
        assert_eq!(banq(&config).auth_url.as_str(), "https://banq-staging.auth0.com/oauth/token");
    }

    #[test]
    fn an_address_of_another_environment_is_refused() {
        let problems = local(&[("BANQ_API_URL", "https://api.banq.com/api/")]).unwrap_err();
        assert!(problems[0].starts_with("BANQ_API_URL is the address of Banq's production"), "{problems:?}");
        let problems =
            production(&[("BANQ_AUTH_URL", "https://banq-staging.auth0.com/oauth/token")]).unwrap_err();
        assert!(problems[0].starts_with("BANQ_AUTH_URL is the address of Banq's sandbox"), "{problems:?}");
        assert_eq!(problems.len(), 1);
    }

    #[test]
    fn slashes_are_put_right() {
        let config =
            local(&[("BANQ_API_URL", "http://h/api"), ("BANQ_PUBLIC_URL", "http://h/pay/")]).unwrap();
        assert_eq!(banq(&config).api_url.join("v1/payments").unwrap().as_str(), "http://h/api/v1/payments");
        assert_eq!(config.public_url.unwrap().as_str(), "http://h/pay");
    }
}

//! `BANQ_PROVIDER`, and the settings of the chosen payment provider.

mod banq;

use std::collections::BTreeMap;

use url::Url;

pub use self::banq::BanqConfig;
use super::{ConfigError, Environment, environment, reader::Reader};
use crate::Secret;

/// The values of `BANQ_PROVIDER`.
#[derive(Debug, Clone, Copy, Default)]
enum Name {
    #[default]
    Banq,
}

/// The payment provider that a server uses, with the merchant's settings there.
#[derive(Debug, Clone)]
pub enum ProviderConfig {
    /// `BANQ_PROVIDER=banq`: Banq's Open API.
    Banq(BanqConfig),
}

/// A secret of the provider's settings.
pub(crate) struct ProviderSecret<'a> {
    pub(crate) setting: &'static str,
    pub(crate) value: Option<&'a Secret>,
    /// Whether the merchant chooses it, so that its length can be demanded.
    pub(crate) is_own: bool,
}

impl ProviderConfig {
    /// Returns the value of `BANQ_PROVIDER`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Banq(_) => BanqConfig::NAME,
        }
    }

    /// Returns the currency of the provider's payments, ISO 4217.
    pub(crate) fn currency(&self) -> &'static str {
        match self {
            Self::Banq(_) => BanqConfig::CURRENCY,
        }
    }

    /// Reads the settings of the provider that `BANQ_PROVIDER` names. An unreadable setting adds a problem and is
    /// replaced by a placeholder. `environment`: `None` if it could not be read.
    pub(super) fn read(reader: &mut Reader<'_>, environment: Option<Environment>) -> Self {
        match read_name(reader) {
            Name::Banq => Self::Banq(BanqConfig::read(reader, environment)),
        }
    }

    /// Returns the addresses of the provider, which must have TLS outside `local`, with the names of their settings.
    pub(crate) fn urls(&self) -> Vec<(&'static str, &Url)> {
        match self {
            Self::Banq(banq) => banq.urls(),
        }
    }

    /// Returns the secrets, which must all be different.
    pub(crate) fn secrets(&self) -> Vec<ProviderSecret<'_>> {
        match self {
            Self::Banq(banq) => banq.secrets(),
        }
    }

    /// Adds a problem for each address that belongs to another environment.
    pub(super) fn check_addresses(&self, environment: Environment, problems: &mut Vec<String>) {
        match self {
            Self::Banq(banq) => banq.check_addresses(environment, problems),
        }
    }

    /// Returns the setting that names the merchant's account, and its value: a database belongs to one account.
    pub(crate) fn account(&self) -> (&'static str, String) {
        match self {
            Self::Banq(banq) => banq.account(),
        }
    }

    /// Returns the settings that all servers on one database must have in common, with their values.
    pub(crate) fn shared(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Banq(banq) => banq.shared(),
        }
    }
}

/// What a login at the provider needs besides its user name and password: for `whoami`, before an account is known.
#[derive(Debug, Clone)]
pub struct ProviderAddresses {
    /// `BANQ_ENVIRONMENT`
    pub environment: Environment,
    /// The provider's addresses.
    pub(crate) endpoints: Endpoints,
}

/// The addresses of one provider.
#[derive(Debug, Clone)]
pub(crate) enum Endpoints {
    Banq { api_url: Url, auth_url: Url },
}

impl ProviderAddresses {
    /// Reads `BANQ_ENVIRONMENT`, `BANQ_PROVIDER` and the provider's addresses. Other settings are checked by name only.
    ///
    /// # Errors
    /// Everything that is missing or unreadable, at once.
    pub fn from_map(settings: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(settings);
        let environment = environment::read(&mut reader);
        let endpoints = match read_name(&mut reader) {
            Name::Banq => {
                let (api_url, auth_url) = banq::read_addresses(&mut reader, environment);
                Endpoints::Banq { api_url, auth_url }
            }
        };
        reader.finish(Self { environment: environment.unwrap_or(Environment::Production), endpoints })
    }
}

/// Reads `BANQ_PROVIDER`.
fn read_name(reader: &mut Reader<'_>) -> Name {
    let name = reader.optional("BANQ_PROVIDER");
    let known = |text: &str| match text {
        BanqConfig::NAME => Some(Name::Banq),
        _ => None,
    };
    reader.read("BANQ_PROVIDER", name, BanqConfig::NAME, known).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::config::tests::local;

    #[test]
    fn provider_is_chosen_by_name() {
        assert_eq!(local(&[]).unwrap().provider.name(), "banq");
        assert_eq!(local(&[("BANQ_PROVIDER", "banq")]).unwrap().provider.name(), "banq");
        for wrong in ["bank", "Banq", ""] {
            let problems = local(&[("BANQ_PROVIDER", wrong)]).unwrap_err();
            assert!(problems.len() == 1 && problems[0].starts_with("BANQ_PROVIDER "), "{problems:?}");
        }
    }
}

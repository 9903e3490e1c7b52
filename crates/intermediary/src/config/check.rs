//! Checks settings against each other. Outside `local` money is real, or treated as real, so nothing weak starts.

use ipnet::IpNet;

use super::{
    Config, Database, Environment, LinkTokens, NatsConfig, Transport, database::WITHOUT_TLS, nats, origins,
};
use crate::{Secret, domain::signing_key::SigningKey};

/// Characters. Shorter keys can be guessed.
const SHORTEST_SECRET: usize = 16;

/// The configuration is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration is not usable:\n  - {}", problems.join("\n  - "))]
pub struct ConfigError {
    /// One sentence per mistake: the setting's name and the fix, never a value.
    pub problems: Vec<String>,
}

impl ConfigError {
    pub(super) fn one(problem: String) -> Self {
        Self { problems: vec![problem] }
    }
}

impl Config {
    /// Finds contradictions and weak settings.
    ///
    /// # Errors
    /// All of them at once.
    pub fn check(&self) -> Result<(), ConfigError> {
        let mut problems = Vec::new();
        self.find_problems(Some(self.environment), &mut problems);
        if problems.is_empty() { Ok(()) } else { Err(ConfigError { problems }) }
    }

    /// Adds all problems. `environment`: `None` if it could not be read; then the checks that depend on it are left out.
    pub(super) fn find_problems(&self, environment: Option<Environment>, problems: &mut Vec<String>) {
        problems.extend(self.allowed_origins.iter().filter_map(|origin| bad_origin(origin)));
        if self.fulfilment.as_ref().is_some_and(|fulfilment| SigningKey::parse(&fulfilment.secret).is_none())
        {
            problems.push("BANQ_FULFILMENT_SECRET must be whsec_ and base64 of 24 to 64 random bytes".into());
        }
        if !self.database.is_understood() {
            problems.push(format!("BANQ_DATABASE_URL must be {}", super::database::EXPECTED));
        }
        if self.nats.is_some() && matches!(self.database, Database::Sqlite(_)) {
            problems.push(nats::WITHOUT_POSTGRES.into());
        }
        if self.link_tokens == LinkTokens::Required && self.allow_client_amounts {
            problems.push(
                "BANQ_LINK_TOKENS=required contradicts BANQ_ALLOW_CLIENT_AMOUNTS=true: an order whose price comes from \
                  the page has no token; unset one of them"
                    .into(),
            );
        }
        let least = self.tuning.shortest_retention();
        if self.retention < least {
            // Rounded up, so that the suggested value is enough.
            let days = least.as_secs().div_ceil(24 * 60 * 60);
            problems.push(format!(
                "BANQ_RETENTION_DAYS is too small: set it to at least {days}, or what is deleted may still be needed"
            ));
        }
        if let Some(environment) = environment {
            self.provider.check_addresses(environment, problems);
        }
        match environment {
            None | Some(Environment::Local) => {}
            Some(Environment::Sandbox | Environment::Production) => self.check_strictly(problems),
        }
    }

    fn check_strictly(&self, problems: &mut Vec<String>) {
        // A shopper can edit the page, and would so choose the price.
        if self.allow_client_amounts {
            let fix = "unset it, and register prices with PUT /orders/{orderId}";
            problems.push(format!(
                "BANQ_ALLOW_CLIENT_AMOUNTS is only possible with BANQ_ENVIRONMENT=local: {fix}"
            ));
        }
        let public = self.public_url.as_ref().map(|url| ("BANQ_PUBLIC_URL", url));
        let shop = self.fulfilment.as_ref().map(|fulfilment| ("BANQ_FULFILMENT_URL", &fulfilment.url));
        for (name, url) in self.provider.urls().into_iter().chain(public).chain(shop) {
            if url.scheme() != "https" {
                problems.push(format!("{name} must start with https:// unless BANQ_ENVIRONMENT is local"));
            }
        }
        match self.database.transport() {
            Transport::Local | Transport::VerifiedTls | Transport::UnverifiedTls => {}
            Transport::Plaintext => problems.push(WITHOUT_TLS.into()),
        }
        if self.nats.as_ref().is_some_and(NatsConfig::is_plaintext) {
            problems.push(nats::WITHOUT_TLS.into());
        }
        if self.public_url.is_none() {
            problems.push(
                "BANQ_PUBLIC_URL is missing: set it to the address by which browsers reach this server"
                    .into(),
            );
        }
        if self.allowed_origins.iter().any(|origin| origin.starts_with("http://")) {
            problems.push(
                "BANQ_ALLOWED_ORIGINS must be https:// origins unless BANQ_ENVIRONMENT is local".into(),
            );
        }
        if self.api_key.is_none() {
            problems
                .push("BANQ_API_KEY is missing: set it to a random text that only your shop knows".into());
        }
        let own = self.provider.secrets().into_iter().filter(|secret| secret.is_own);
        let own = own.filter_map(|secret| Some((secret.setting, secret.value?)));
        for (name, secret) in own.chain(self.secrets()) {
            if secret.len() < SHORTEST_SECRET {
                problems
                    .push(format!("{name} is too short: use at least {SHORTEST_SECRET} random characters"));
            }
            // Docker and systemd keep ` #…` as part of the value, a shell does not; every webhook would be refused.
            if secret.expose().contains(" #") {
                problems.push(format!(
                    "{name} has a comment behind it, which an environment file takes for part of the value: \
                     give the comment a line of its own"
                ));
            }
        }
        self.check_separate(problems);
        if self.limits.trusted_proxies.iter().any(is_too_wide) {
            problems.push(
                "BANQ_TRUSTED_PROXIES has a network that is a large part of the Internet: anybody there could choose an \
                 address with every request; name the addresses of your proxies"
                    .into(),
            );
        }
    }

    /// Returns the server's own secrets that are set, with the names of their settings.
    fn secrets(&self) -> impl Iterator<Item = (&'static str, &Secret)> {
        let secrets = [("BANQ_API_KEY", &self.api_key), ("BANQ_METRICS_TOKEN", &self.metrics_token)];
        secrets.into_iter().filter_map(|(name, secret)| Some((name, secret.as_ref()?)))
    }

    /// Finds secrets that are used twice: a leak of one would open two interfaces.
    fn check_separate(&self, problems: &mut Vec<String>) {
        let provider = self.provider.secrets().into_iter();
        let provider = provider.filter_map(|secret| Some((secret.setting, secret.value?)));
        let secrets: Vec<_> = provider.chain(self.secrets()).collect();
        for (at, (name, secret)) in secrets.iter().enumerate() {
            if let Some((other, _)) = secrets[..at].iter().find(|(_, other)| other == secret) {
                problems.push(format!("{name} is the same as {other}: give each a random text of its own"));
            }
        }
    }
}

/// Returns whether the network is wider than any private one (`10.0.0.0/8`, `fc00::/7`).
fn is_too_wide(network: &IpNet) -> bool {
    match network {
        IpNet::V4(network) => network.prefix_len() < 8,
        IpNet::V6(network) => network.prefix_len() < 7,
    }
}

/// Checks an origin of a configuration made in code; the reader has normalised the others already.
fn bad_origin(origin: &str) -> Option<String> {
    let fault = match origins::read(origin) {
        Ok(canonical) if canonical == origin => return None,
        Ok(canonical) => format!("{origin:?} is not written as browsers write it: write {canonical}"),
        Err(fault) => fault,
    };
    Some(format!("BANQ_ALLOWED_ORIGINS: {fault}"))
}

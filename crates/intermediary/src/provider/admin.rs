//! The provider's side of an installation, for operators: checks, the webhook's registration, the accounts of a login.

use super::{
    banq::admin::BanqAdmin,
    report::{AdminError, Probe, Reply, Report, SignedWith},
};
use crate::{
    Secret,
    config::{Config, ProviderAddresses, ProviderConfig},
    domain::check::Check,
};

/// The payment provider as an operator uses it.
pub struct ProviderAdmin(Inner);

enum Inner {
    Banq(BanqAdmin),
}

impl ProviderAdmin {
    /// Prepares the client; sends no request yet.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub fn new(config: &Config) -> Result<Self, reqwest::Error> {
        Ok(Self(match &config.provider {
            ProviderConfig::Banq(banq) => Inner::Banq(BanqAdmin::new(config, banq)?),
        }))
    }

    /// Returns the accounts of the merchant's own login, as settings for an environment file.
    ///
    /// # Errors
    /// The provider refuses the login or is unreachable, or the login has no account.
    pub async fn accounts(
        addresses: &ProviderAddresses,
        username: String,
        password: Secret,
    ) -> Result<Report, AdminError> {
        BanqAdmin::accounts(addresses, username, password).await
    }

    /// Registers this server as the receiver of webhooks. `retry_count`: how often the provider repeats a failed one.
    ///
    /// # Errors
    /// A setting is missing, the provider refuses, or it is unreachable.
    pub async fn register_webhook(&self, retry_count: u32) -> Result<Report, AdminError> {
        match &self.0 {
            Inner::Banq(banq) => banq.register_webhook(retry_count).await,
        }
    }

    /// Returns the registration of the webhook.
    ///
    /// # Errors
    /// A setting is missing, nothing is registered, the provider refuses, or it is unreachable.
    pub async fn webhook(&self) -> Result<Report, AdminError> {
        match &self.0 {
            Inner::Banq(banq) => banq.webhook().await,
        }
    }

    /// Checks whether the provider accepts the credentials.
    pub(crate) async fn check_credentials(&self) -> (Check, Reply) {
        match &self.0 {
            Inner::Banq(banq) => banq.check_credentials().await,
        }
    }

    /// Checks whether the account belongs to the credentials.
    pub(crate) async fn check_account(&self) -> Check {
        match &self.0 {
            Inner::Banq(banq) => banq.check_account().await,
        }
    }

    /// Compares this machine's clock with the provider's.
    pub(crate) async fn check_clock(&self, http: &reqwest::Client) -> Check {
        match &self.0 {
            Inner::Banq(banq) => banq.check_clock(http).await,
        }
    }

    /// Checks whether the provider sends webhooks to this server.
    pub(crate) async fn check_registration(&self) -> Check {
        match &self.0 {
            Inner::Banq(banq) => banq.check_registration().await,
        }
    }

    /// Returns a signed webhook without a payment; `None` if no signature can be made.
    pub(crate) fn probe(&self, signed: SignedWith) -> Option<Probe> {
        match &self.0 {
            Inner::Banq(banq) => banq.probe(signed),
        }
    }
}

//! Banq's side of an installation: credentials, account, clock, webhook registration.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};
use open_api::{Login, OpenApi, OpenApiError, OpenApiSettings, Timeouts, WebhookConfig, WebhookRegistration};
use serde_json::json;
use uuid::Uuid;

use super::{
    settings,
    webhook::{PATH, probe},
};
use crate::{
    Secret,
    config::{BanqConfig, Config, Endpoints, Environment, ProviderAddresses},
    domain::check::Check,
    provider::report::{AdminError, Probe, Reply, Report, SignedWith},
};

const NO_SPACE: &str = "BANQ_ACCOUNT_SPACE_ID is missing: `banq-intermediary whoami` finds it";

/// Above this difference signed times or tokens fail somewhere.
const LARGEST_SKEW: Duration = Duration::from_secs(30);

/// Banq as an operator uses it.
pub(crate) struct BanqAdmin {
    api: OpenApi,
    config: BanqConfig,
    webhook_url: String,
}

impl BanqAdmin {
    /// Prepares the client; sends no request yet.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub(crate) fn new(config: &Config, banq: &BanqConfig) -> Result<Self, reqwest::Error> {
        Ok(Self {
            api: OpenApi::new(settings(config, banq))?,
            config: banq.clone(),
            webhook_url: format!("{}{PATH}", config.public_url()),
        })
    }

    /// Returns MERCHANT-BANQ-GUID and ACCOUNT-SPACE-ID, which are otherwise hard to find (002).
    pub(crate) async fn accounts(
        addresses: &ProviderAddresses,
        username: String,
        password: Secret,
    ) -> Result<Report, AdminError> {
        let Endpoints::Banq { api_url, auth_url } = addresses.endpoints.clone();
        let api = OpenApi::new(OpenApiSettings {
            api_url,
            auth_url,
            login: Login::Merchant { username, password },
            timeouts: Timeouts::default(),
            direct: addresses.environment == Environment::Local,
        })?;
        let me = api.me().await?;
        let mut lines = Vec::new();
        for account in &me.banq_accounts {
            let name = account.name.as_deref().unwrap_or("without a name");
            // Formatted for an environment file, where a comment after a value would become part of it.
            lines.push(format!("# MERCHANT-BANQ-GUID of \"{name}\""));
            lines.push(format!("BANQ_ACCOUNT_GUID={}", account.guid));
            if let Some(space) = account.account_space_id {
                lines.push(format!("# ACCOUNT-SPACE-ID of \"{name}\""));
                lines.push(format!("BANQ_ACCOUNT_SPACE_ID={space}"));
            }
        }
        let in_an_account = |id| me.banq_accounts.iter().any(|account| account.account_space_id == Some(id));
        for space in me.account_spaces.iter().filter(|space| !in_an_account(space.id)) {
            let name = space.name.as_deref().unwrap_or("without a name");
            lines.push(format!("# ACCOUNT-SPACE-ID of \"{name}\""));
            lines.push(format!("BANQ_ACCOUNT_SPACE_ID={}", space.id));
        }
        if lines.is_empty() {
            return Err(AdminError::NoAccount("this login has no banq account and no account space"));
        }
        let data = json!({
            "banqAccounts": me.banq_accounts.iter().map(|account| json!({
                "guid": account.guid, "accountSpaceId": account.account_space_id, "name": account.name,
            })).collect::<Vec<_>>(),
            "accountSpaces": me.account_spaces.iter().map(|space| json!({
                "id": space.id, "name": space.name,
            })).collect::<Vec<_>>(),
        });
        Ok(Report { lines, data })
    }

    /// Updates the registration, or creates it.
    pub(crate) async fn register_webhook(&self, retry_count: u32) -> Result<Report, AdminError> {
        let (space, url) = (self.space()?, &self.webhook_url);
        let wanted = WebhookConfig {
            url: url.clone(),
            enabled: true,
            retry_count,
            shared_secret: Some(self.config.webhook_secret.clone()),
        };
        let result = match self.api.update_webhook_config(space, &wanted).await {
            Ok(_) => "updated",
            Err(OpenApiError::NotFound(_)) => {
                self.api.create_webhook_config(space, Uuid::new_v4(), &wanted).await?;
                "registered"
            }
            Err(error) => return Err(error.into()),
        };
        Ok(Report {
            lines: vec![format!("{result}: Banq sends webhooks of account space {space} to {url}")],
            data: json!({ "result": result, "accountSpaceId": space, "url": url }),
        })
    }

    /// Returns the registration.
    pub(crate) async fn webhook(&self) -> Result<Report, AdminError> {
        let space = self.space()?;
        Ok(describe(space, &self.api.webhook_config(space).await?))
    }

    fn space(&self) -> Result<u64, AdminError> {
        self.config.account_space_id.ok_or(AdminError::Setting(NO_SPACE))
    }

    /// Returns a webhook without a payment, signed with the configured secret or with another one.
    pub(crate) fn probe(&self, signed: SignedWith) -> Option<Probe> {
        let (name, value, body) = match signed {
            SignedWith::OurSecret => probe(&self.config.webhook_secret)?,
            SignedWith::AnotherSecret => probe(&Secret::new("not the shared secret"))?,
        };
        Some(Probe { signature: (name, value), body })
    }

    pub(crate) async fn check_credentials(&self) -> (Check, Reply) {
        match self.api.sign_in().await {
            Ok(()) => (Check::ok("credentials", "Banq gave a token"), Reply::Accepted),
            Err(OpenApiError::Credentials(reason)) => {
                let detail = format!(
                    "Banq refused them: {reason}; account and registration were not checked, which needs a token"
                );
                let fix = "look at BANQ_CLIENT_ID, BANQ_USERNAME, BANQ_PASSWORD, and whether they are of \
                           BANQ_ENVIRONMENT";
                (Check::fail("credentials", detail, fix), Reply::Refused)
            }
            Err(error @ (OpenApiError::Unreachable(_) | OpenApiError::Timeout)) => {
                let detail = format!(
                    "Banq's token endpoint: {error}; account, clock and registration were not checked, which needs Banq"
                );
                let fix = "look at the network, at BANQ_AUTH_URL, and at a proxy in HTTPS_PROXY";
                (Check::fail("credentials", detail, fix), Reply::None)
            }
            Err(error) => {
                let detail = format!(
                    "Banq's token endpoint: {error}; account and registration were not checked, which needs a token"
                );
                let fix = "look at BANQ_AUTH_URL, and ask Banq whether it has an outage";
                (Check::fail("credentials", detail, fix), Reply::Refused)
            }
        }
    }

    pub(crate) async fn check_account(&self) -> Check {
        let wanted = self.config.account_guid;
        let fix = "run `banq-intermediary whoami` with the merchant's own login, and take the ids from there";
        match self.api.me().await {
            Ok(me) if me.banq_accounts.iter().any(|account| account.guid == wanted) => {
                let space = self.config.account_space_id;
                if space.is_none_or(|space| me.account_spaces.iter().any(|known| known.id == space)) {
                    Check::ok("account", "BANQ_ACCOUNT_GUID is an account of this user")
                } else {
                    Check::fail("account", "BANQ_ACCOUNT_SPACE_ID is no space of this user", fix)
                }
            }
            Ok(me) if me.banq_accounts.is_empty() => {
                Check::warn("account", "Banq lists no accounts for this user, so the GUID is unproven", fix)
            }
            Ok(_) => Check::fail("account", "BANQ_ACCOUNT_GUID is no account of this user", fix),
            Err(error) => Check::warn("account", format!("Banq does not say: {error}"), fix),
        }
    }

    /// Compares the clocks by the `Date` header of the response.
    pub(crate) async fn check_clock(&self, http: &reqwest::Client) -> Check {
        let fix = "keep this machine's clock right (systemd-timesyncd, chrony)";
        let answer = http.get(self.config.auth_url.clone()).send().await;
        let date = answer.ok().and_then(|answer| {
            let date = answer.headers().get("date")?.to_str().ok()?;
            Some(rfc2822::parse(date).ok()?.timestamp())
        });
        let Some(theirs) = date else {
            return Check::warn("clock", "Banq did not say what time it is", fix);
        };
        let skew = Timestamp::now().duration_since(theirs).unsigned_abs();
        // The API and the token endpoint run on different machines.
        let ahead = self.api.clock_ahead().unwrap_or_default();
        let skew = skew.max(Duration::from_millis(ahead.unsigned_abs()));
        if skew > LARGEST_SKEW {
            return Check::fail("clock", format!("{} s away from Banq's", skew.as_secs()), fix);
        }
        Check::ok("clock", format!("within {} s of Banq's", skew.as_secs().max(1)))
    }

    pub(crate) async fn check_registration(&self) -> Check {
        let fix = "run `banq-intermediary webhooks register`";
        let Some(space) = self.config.account_space_id else {
            let fix = "set BANQ_ACCOUNT_SPACE_ID (see `banq-intermediary whoami`)";
            return Check::warn("registration", "without an account space there is nothing to look at", fix);
        };
        let wanted = &self.webhook_url;
        match self.api.webhook_config(space).await {
            Ok(known) if known.url.as_ref() != Some(wanted) => {
                let known = known.url.unwrap_or_else(|| "nowhere".to_owned());
                Check::fail("registration", format!("Banq sends webhooks to {known}, not to {wanted}"), fix)
            }
            Ok(known) if known.enabled == Some(false) => {
                Check::fail("registration", "Banq's webhooks are switched off", fix)
            }
            Ok(_) => Check::ok("registration", format!("Banq sends webhooks to {wanted}")),
            Err(OpenApiError::NotFound(_)) => {
                Check::fail("registration", "Banq sends no webhooks: none is registered", fix)
            }
            Err(error) => Check::warn("registration", format!("Banq does not say: {error}"), fix),
        }
    }
}

fn describe(space: u64, known: &WebhookRegistration) -> Report {
    let word = |enabled| if enabled { "on" } else { "off" };
    let line = format!(
        "account space {space}: {} to {}, {} repeats, types: {}",
        known.enabled.map_or("?", word),
        known.url.as_deref().unwrap_or("nowhere"),
        known.retry_count.map_or_else(|| "?".to_owned(), |count| count.to_string()),
        known.web_hook_types.join(", "),
    );
    let data = json!({
        "accountSpaceId": space, "url": known.url, "enabled": known.enabled,
        "retryCount": known.retry_count, "webHookTypes": known.web_hook_types,
    });
    Report { lines: vec![line], data }
}

impl From<OpenApiError> for AdminError {
    fn from(error: OpenApiError) -> Self {
        Self::Provider { provider: "Banq", cause: error.to_string() }
    }
}

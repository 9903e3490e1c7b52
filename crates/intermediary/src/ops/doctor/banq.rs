//! Checks Banq's side: credentials, account, clock, webhook registration.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};

use super::{Check, Doctor, Reply};
use crate::provider::banq::webhook::PATH;
use open_api::OpenApiError;

/// Above this difference signed times or tokens fail somewhere.
const LARGEST_SKEW: Duration = Duration::from_secs(30);

impl Doctor {
    pub(super) async fn credentials(&self) -> (Check, Reply) {
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
            Err(error) => {
                let detail = format!(
                    "Banq's token endpoint: {error}; account, clock and registration were not checked, which needs Banq"
                );
                let fix = "look at the network, at BANQ_AUTH_URL, and at a proxy in HTTPS_PROXY";
                (Check::fail("credentials", detail, fix), Reply::None)
            }
        }
    }

    pub(super) async fn account(&self) -> Check {
        let wanted = self.config.banq.account_guid;
        let fix = "run `banq-intermediary whoami` with the merchant's own login, and take the ids from there";
        match self.api.me().await {
            Ok(me) if me.banq_accounts.iter().any(|account| account.guid == wanted) => {
                let space = self.config.banq.account_space_id;
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
    pub(super) async fn clock(&self) -> Check {
        let fix = "keep this machine's clock right (systemd-timesyncd, chrony)";
        let answer = self.http.get(self.config.banq.auth_url.clone()).send().await;
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

    pub(super) async fn registration(&self) -> Check {
        let fix = "run `banq-intermediary webhooks register`";
        let Some(space) = self.config.banq.account_space_id else {
            let fix = "set BANQ_ACCOUNT_SPACE_ID (see `banq-intermediary whoami`)";
            return Check::warn("registration", "without an account space there is nothing to look at", fix);
        };
        let wanted = format!("{}{PATH}", self.public_url);
        match self.api.webhook_config(space).await {
            Ok(known) if known.url.as_deref() != Some(&*wanted) => {
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

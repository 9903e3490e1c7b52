//! Checks the provider's credentials soon after the start, before the first shopper pays.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{backoff, provider::Provider};

/// The pause between tries after a refusal: many refused logins could lock the account.
const REFUSED_PAUSE: Duration = Duration::from_secs(300);
const LONGEST_REFUSED_PAUSE: Duration = Duration::from_secs(3_600);

const AWAY_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_AWAY_PAUSE: Duration = Duration::from_secs(300);

/// Signs in once, in the background; retries until that succeeds or the server stops.
pub(crate) async fn run(provider: &Provider, stopping: &CancellationToken) {
    stopping.run_until_cancelled(sign_in(provider)).await;
}

async fn sign_in(provider: &Provider) {
    let (mut refused, mut away) = (0, 0);
    loop {
        let pause = match provider.sign_in().await {
            Ok(()) if refused > 0 => {
                return tracing::info!("the payment provider accepts the credentials now");
            }
            Ok(()) => return,
            Err(error) if error.is_about_credentials() => {
                if refused == 0 {
                    tracing::error!(
                        %error,
                        "no shopper can pay: the payment provider refuses this server's credentials; correct \
                         BANQ_CLIENT_ID, BANQ_USERNAME and BANQ_PASSWORD, see that they are of BANQ_ENVIRONMENT, and \
                         restart"
                    );
                }
                refused += 1;
                backoff::delay(REFUSED_PAUSE, refused - 1, LONGEST_REFUSED_PAUSE)
            }
            Err(error) => {
                tracing::warn!(%error, "the payment provider does not say yet whether it accepts the credentials");
                away += 1;
                backoff::delay(AWAY_PAUSE, away - 1, LONGEST_AWAY_PAUSE)
            }
        };
        tokio::time::sleep(pause).await;
    }
}

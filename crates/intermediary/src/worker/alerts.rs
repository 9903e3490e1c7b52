//! Logs errors for states that no program can resolve, so that a person handles them.

use tokio_util::sync::CancellationToken;

use crate::{config::Tuning, domain::time, store::Store};

/// Checks at intervals until the server stops. Reports a lasting state every time, because alerts on logs have no
/// memory.
pub(crate) async fn run(store: Store, tuning: Tuning, stopping: CancellationToken) {
    stopping.run_until_cancelled(alert_periodically(&store, &tuning)).await;
}

async fn alert_periodically(store: &Store, tuning: &Tuning) {
    loop {
        tokio::time::sleep(tuning.alert_interval).await;
        match store.trouble().await {
            Ok(trouble) => {
                for complaint in trouble.alerts(time::now(), tuning.late_after) {
                    tracing::error!(fix = complaint.fix, "needs a person: {}", complaint.what);
                }
            }
            Err(error) => tracing::warn!(%error, "cannot look for what needs a person"),
        }
    }
}

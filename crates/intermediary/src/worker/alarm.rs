//! Says in the log, as an error, what waits for a person: a state that no program leads out of must be heard of.

use std::sync::Arc;

use crate::{domain::time, http::state::App};

/// Looks again and again until the server stops. What goes on is said each time: a log that is read by alerts has no
/// memory.
pub(crate) async fn run(app: Arc<App>) {
    let stopping = app.stopping.clone();
    stopping.run_until_cancelled(look_for_ever(&app)).await;
}

async fn look_for_ever(app: &App) {
    loop {
        tokio::time::sleep(app.config.tuning.alarm).await;
        match app.store.trouble().await {
            Ok(trouble) => {
                for complaint in trouble.complaints(time::now(), app.config.tuning.late_after) {
                    tracing::error!(fix = complaint.fix, "needs a person: {}", complaint.what);
                }
            }
            Err(error) => tracing::warn!(%error, "cannot look for what needs a person"),
        }
    }
}

//! `GET /healthz` and `GET /readyz`.

use std::sync::Arc;

use axum::extract::State;

use crate::{app::App, error::Error};

/// The process answers.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// The database answers and the worker runs; 503 otherwise.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Result<&'static str, Error> {
    match app.is_ready().await {
        Ok(()) => Ok("ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            Err(Error::Unavailable)
        }
    }
}

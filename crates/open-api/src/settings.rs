//! The client's settings.

use std::{sync::Arc, time::Duration};

use url::Url;

use crate::{error::OpenApiError, token::Login};

/// Addresses, credentials and timeouts of the client.
#[derive(Debug, Clone)]
pub struct OpenApiSettings {
    /// The API's address with a slash at the end: `https://api.banq.com/api/`.
    pub api_url: Url,
    /// The token endpoint: `https://banq-prod.auth0.com/oauth/token`.
    pub auth_url: Url,
    /// The credentials.
    pub login: Login,
    /// The timeouts.
    pub timeouts: Timeouts,
    /// Whether to ignore the environment's proxy; the simulator runs on this machine.
    pub direct: bool,
}

/// The timeouts of calls.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For one request.
    pub request: Duration,
    /// For a call with all retries.
    pub deadline: Duration,
    /// The pause before the first retry; doubled for each further one, with jitter.
    pub retry_pause: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            request: Duration::from_secs(10),
            deadline: Duration::from_secs(12),
            retry_pause: Duration::from_millis(200),
        }
    }
}

/// A finished call, for metrics.
#[derive(Debug, Clone, Copy)]
pub struct Observed<'a> {
    /// `get-paid-link`, `payment`, …
    pub call: &'static str,
    /// The error, if the call failed.
    pub error: Option<&'a OpenApiError>,
    /// The duration with all retries.
    pub took: Duration,
}

/// Called after every call.
pub(crate) type Observe = Arc<dyn Fn(Observed<'_>) + Send + Sync>;

//! How the client is set up.

use std::{sync::Arc, time::Duration};

use url::Url;

use crate::{error::OpenApiError, token::Login};

/// Where and as whom to ask.
#[derive(Debug, Clone)]
pub struct OpenApiSettings {
    /// `https://api.banq.com/api/`, with a slash at the end.
    pub api_url: Url,
    /// `https://banq-prod.auth0.com/oauth/token`
    pub auth_url: Url,
    /// Who asks.
    pub login: Login,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// Without the proxy that the environment may name: a simulator is on this machine.
    pub direct: bool,
}

/// How long to wait.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Until a connection stands.
    pub connect: Duration,
    /// Until one request is answered.
    pub request: Duration,
    /// Until there is an answer, repeats included.
    pub deadline: Duration,
    /// The pause before the first repeat; doubled, with jitter.
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

/// One call that has ended, for metrics.
#[derive(Debug, Clone, Copy)]
pub struct Observed<'a> {
    /// `get-paid-link`, `payment`, …
    pub call: &'static str,
    /// How it failed, if it did.
    pub error: Option<&'a OpenApiError>,
    /// Repeats included.
    pub took: Duration,
}

/// Called after every call.
pub(crate) type Observe = Arc<dyn Fn(Observed<'_>) + Send + Sync>;

//! Starts and stops the simulator.

use std::{
    fmt, io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    bank::Bank,
    config::{Config, http_url},
    control::Control,
    error::Error,
    routes,
    webhook::WebhookConfig,
};

/// How long a receiver of webhooks may take to answer.
const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a stop waits for running calls.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);

/// A running simulator; dropping it stops it.
pub struct Simulator {
    address: SocketAddr,
    control: Control,
    server: JoinHandle<io::Result<()>>,
}

impl Simulator {
    /// Binds the address and serves in the background, on the current tokio runtime.
    ///
    /// # Errors
    /// [`Error::AddressTaken`], [`Error::Listen`], [`Error::Setting`] for an invalid public URL, or
    /// [`Error::HttpClient`].
    pub async fn start(config: Config) -> Result<Simulator, Error> {
        let asked = config.listen;
        let listener = TcpListener::bind(asked).await.map_err(|cause| match cause.kind() {
            io::ErrorKind::AddrInUse => Error::AddressTaken(asked),
            _ => Error::Listen { address: asked, cause },
        })?;
        let address = listener.local_addr().map_err(|cause| Error::Listen { address: asked, cause })?;
        let public_url = match &config.public_url {
            None => format!("http://{}", reachable(address)),
            Some(url) => http_url(url).map_err(|problem| Error::Setting {
                name: "SIMULATOR_PUBLIC_URL",
                problem: problem.to_owned(),
            })?,
        };
        // No proxy and no redirect: a webhook goes only to the merchant's address, usually on this machine.
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(WEBHOOK_TIMEOUT)
            .build()?;
        let bank = Arc::new(Bank::new(config, public_url, client));
        let stopping = bank.stopping.clone().cancelled_owned();
        let app = routes::router(Arc::clone(&bank));
        let server =
            tokio::spawn(async { axum::serve(listener, app).with_graceful_shutdown(stopping).await });
        Ok(Simulator { address, control: Control { bank }, server })
    }

    /// Returns the listening address as a URL without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", reachable(self.address))
    }

    /// Returns the base address of payment links, without a slash at the end.
    pub fn public_url(&self) -> &str {
        &self.control.bank.public_url
    }

    /// Returns the address of the Open API, with a slash at the end.
    pub fn api_url(&self) -> String {
        format!("{}/api/", self.url())
    }

    /// Returns the address of the token endpoint.
    pub fn auth_url(&self) -> String {
        format!("{}/oauth/token", self.url())
    }

    /// Sets the receiver of webhooks, as `POST …/webhook-config` does.
    pub fn set_webhook(&self, webhook: WebhookConfig) {
        self.control.set_webhook(webhook);
    }

    /// Returns a handle to act on the simulator and to read its data.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Ends deliveries, waits briefly for running calls, and frees the address.
    pub async fn stop(mut self) {
        let bank = Arc::clone(&self.control.bank);
        bank.stopping.cancel();
        bank.tasks.close();
        if tokio::time::timeout(STOP_TIMEOUT, &mut self.server).await.is_err() {
            self.server.abort();
        }
        bank.tasks.wait().await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.control.bank.stopping.cancel();
    }
}

// Omits the configuration, which holds a password.
impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Returns the address for a browser on this machine: `0.0.0.0` cannot be opened, loopback can.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => (Ipv4Addr::LOCALHOST, v4.port()).into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => (Ipv6Addr::LOCALHOST, v6.port()).into(),
        SocketAddr::V4(_) | SocketAddr::V6(_) => address,
    }
}

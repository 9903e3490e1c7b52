//! The intermediary on its own socket.

use std::{
    fmt, io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use tokio::{net::TcpListener, task::JoinHandle, time::sleep};
use url::Url;

use crate::{
    config::{Config, Environment},
    health::host,
    http::serve,
    intermediary::Intermediary,
    start_error::StartError,
};

/// A running server; dropping it stops it.
pub struct Server {
    intermediary: Intermediary,
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Server {
    /// Prevents core dumps of the process, which would contain every secret; does nothing in `local`. For a program of
    /// its own, before it serves.
    pub fn forbid_core_dumps(config: &Config) {
        if config.environment == Environment::Local {
            return;
        }
        if let Err(error) = host::forbid_core_dumps() {
            tracing::warn!(%error, "core dumps, which hold every secret, could not be switched off");
        }
    }

    /// Listens on `config.listen` (port 0 selects a free one) and serves in the background, on the current tokio
    /// runtime. Without a `public_url` the listening address is used.
    ///
    /// # Errors
    /// [`StartError`]
    pub async fn start(mut config: Config) -> Result<Self, StartError> {
        config.check()?;
        let asked = config.listen;
        let listener = TcpListener::bind(asked).await.map_err(|cause| match cause.kind() {
            io::ErrorKind::AddrInUse => StartError::AddressTaken(asked),
            _ => StartError::Listen { address: asked, cause },
        })?;
        let address = listener.local_addr().map_err(|cause| StartError::Listen { address: asked, cause })?;
        if config.public_url.is_none() {
            config.public_url = Url::parse(&format!("http://{}", reachable(address))).ok();
        }
        // In development no limit is reached, and shells allow few open files.
        if config.environment != Environment::Local
            && let Some(warning) = serve::shortage(&config.limits)
        {
            tracing::warn!("{warning}");
        }
        let intermediary = Intermediary::new(config).await?;
        let serving = Arc::new(intermediary.serving());
        let serving = tokio::spawn(async move {
            let (stopping, stop_timeout) = (serving.stopping.clone(), serving.tuning.stop_timeout);
            tokio::select! {
                () = serve::run(listener, serving) => {}
                () = async { stopping.cancelled().await; sleep(stop_timeout).await } => {}
            }
        });
        Ok(Self { intermediary, address, serving })
    }

    /// Returns the listening address as a URL without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", reachable(self.address))
    }

    /// Returns where browsers reach the server, without a slash at the end.
    pub fn public_url(&self) -> &str {
        self.intermediary.public_url()
    }

    /// Ends streams, finishes running requests, frees the address, and closes the database.
    pub async fn stop(self) {
        self.intermediary.begin_stop();
        if let Err(error) = self.serving.await {
            tracing::error!(%error, "the server died");
        }
        self.intermediary.stop().await;
    }
}

// Omits the configuration, which is long and holds secrets.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
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

//! The intermediary on a socket of its own.

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
    intermediary::{Intermediary, StartError},
};

/// A running server; dropping it stops it.
pub struct Server {
    intermediary: Intermediary,
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Server {
    /// Makes the whole process leave no image of its memory, which holds every secret, when it crashes; in `local`
    /// it does nothing. For a program of its own, before it serves.
    pub fn forbid_core_dumps(config: &Config) {
        if config.environment == Environment::Local {
            return;
        }
        if let Err(error) = host::forbid_core_dumps() {
            tracing::warn!(%error, "core dumps, which hold every secret, could not be switched off");
        }
    }

    /// Listens on `config.listen` (port 0 takes a free one) and serves in the background, on the current
    /// tokio runtime. Without a `public_url` the address listened on is it.
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
        // In development nothing fills the house, and shells allow few files.
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

    /// The address it listens on, as a URL without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", reachable(self.address))
    }

    /// Where browsers reach it, without a slash at the end.
    pub fn public_url(&self) -> &str {
        self.intermediary.public_url()
    }

    /// Ends streams, lets running requests finish, frees the address, closes the database.
    pub async fn stop(self) {
        self.intermediary.begin_stop();
        if let Err(error) = self.serving.await {
            tracing::error!(%error, "the server died");
        }
        self.intermediary.stop().await;
    }
}

// Without the configuration: it is long, and holds secrets.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Where a browser on this machine finds what listens on `address`: "all addresses" is none to go to.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => (Ipv4Addr::LOCALHOST, v4.port()).into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => (Ipv6Addr::LOCALHOST, v6.port()).into(),
        SocketAddr::V4(_) | SocketAddr::V6(_) => address,
    }
}

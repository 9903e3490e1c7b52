//! The errors of a start.

use crate::{config::ConfigError, widget::bundle::BundleError};

/// Why the intermediary did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration is invalid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The folder of `BANQ_WIDGET_DIR` is not the widget's.
    #[error("BANQ_WIDGET_DIR {0}: set it to the folder that `cargo xtask dist` made, or unset it")]
    WidgetDir(#[source] BundleError),
    /// The database cannot be opened or migrated.
    #[error("the database of BANQ_DATABASE_URL cannot be opened: {0}")]
    Database(#[source] sqlx::Error),
    /// Another server runs on the same SQLite file.
    #[error(
        "another server runs on {}: stop that one first, or give this one a file of its own in BANQ_DATABASE_URL; \
         several servers share a PostgreSQL, never a SQLite file", .0.display()
    )]
    DatabaseTaken(std::path::PathBuf),
    /// The lock beside the SQLite file cannot be taken.
    #[error(
        "the lock of the database of BANQ_DATABASE_URL cannot be taken ({}: {cause}): make the folder, and give \
         it to the user that the server runs as", path.display()
    )]
    DatabaseLock {
        /// The lock file, or the database if its folder does not exist.
        path: std::path::PathBuf,
        /// The operating system's error.
        cause: std::io::Error,
    },
    /// The key of the link tokens cannot be read or made.
    #[error("the key of the link tokens cannot be read from the database of BANQ_DATABASE_URL: {0}")]
    LinkKey(String),
    /// The address of NATS cannot be used. (A NATS that cannot be reached stops no start.)
    #[error("the NATS server of BANQ_NATS_URL cannot be used: {0}")]
    Nats(String),
    /// The HTTP client cannot be created.
    #[error("the HTTP client for the payment provider cannot be made: {0}")]
    HttpClient(#[source] reqwest::Error),
    /// Another program already listens on this address.
    #[error("{0} is taken by another program: stop that one, or set BANQ_LISTEN to a free address")]
    AddressTaken(std::net::SocketAddr),
    /// The server cannot listen on the address for another reason.
    #[error("cannot listen on {address} (BANQ_LISTEN): {cause}")]
    Listen {
        /// The configured address.
        address: std::net::SocketAddr,
        /// The operating system's error.
        cause: std::io::Error,
    },
}

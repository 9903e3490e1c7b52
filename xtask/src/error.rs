//! The errors of these commands, in one sentence each.

use std::io;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("this is how it is used:\n{0}")]
    Usage(&'static str),
    #[error("{0} is not installed: {1}")]
    Missing(&'static str, &'static str),
    #[error("{what} failed; the end of its output is above, all of it is in {log}", log = .log.display())]
    Install { what: String, log: PathBuf },
    #[error("{what} failed with {status}")]
    Failed { what: String, status: String },
    #[error("{program} cannot be started: {cause}")]
    Start { program: String, cause: io::Error },
    #[error("{path}: {cause}", path = .path.display())]
    File { path: PathBuf, cause: io::Error },
    #[error("port {0} is taken by another program; stop it and try again")]
    PortTaken(u16),
    #[error("{0} stopped by itself; its output is above")]
    Stopped(&'static str),
    #[error("the {what} weighs {weight} bytes (brotli), {over} more than its budget of {budget}")]
    TooLarge { what: &'static str, weight: usize, budget: usize, over: usize },
    #[error("{found} banned phrases are listed above; the plain words for each are in {list}")]
    Phrases { found: usize, list: &'static str },
    #[error("{0} mistakes in the documents are listed above")]
    Documents(usize),
    #[error("not everything passed; what failed is listed above")]
    Tests,
    #[error("there is no step {0}; the steps are: {1}")]
    NoStep(String, String),
    #[error("{0}")]
    Other(String),
}

impl Error {
    /// Returns a closure for `map_err` on a file operation.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |cause| Self::File { path, cause }
    }
}

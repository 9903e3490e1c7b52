//! Why a command failed, and its exit code.

use std::process::ExitCode;

use banq_intermediary::{ConfigError, OperatorError, StartError, open_api::OpenApiError};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The configuration is not usable.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Something that the command needs was not given.
    #[error("{0}")]
    Usage(String),
    /// Banq refused, or cannot be reached.
    #[error("Banq: {0}")]
    Banq(#[from] OpenApiError),
    /// The server did not start.
    #[error(transparent)]
    Start(StartError),
    /// Something that was tried did not work.
    #[error("{0}")]
    Fault(String),
    /// There is nothing by the id that was given.
    #[error("{0}")]
    NotFound(String),
    /// The system refused something.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl Failure {
    /// As the help text documents them.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Start(_) | Self::Fault(_) | Self::Io(_) => ExitCode::from(1),
            Self::Config(_) | Self::Usage(_) => ExitCode::from(2),
            Self::Banq(_) => ExitCode::from(3),
            Self::NotFound(_) => ExitCode::from(4),
        }
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Config(error) => Self::Config(error),
            error => Self::Start(error),
        }
    }
}

impl From<OperatorError> for Failure {
    fn from(error: OperatorError) -> Self {
        match error {
            OperatorError::Config(error) => Self::Config(error),
            error @ (OperatorError::Database(_) | OperatorError::StillTold) => Self::Fault(error.to_string()),
            error @ OperatorError::NotFound { .. } => Self::NotFound(error.to_string()),
        }
    }
}

//! Why a command failed, and its exit code.

use std::process::ExitCode;

use crate::{AdminError, ConfigError, OperatorError, StartError};

#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The configuration is invalid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The command line is incomplete.
    #[error("{0}")]
    Usage(String),
    /// The payment provider refused, or is unreachable.
    #[error(transparent)]
    Provider(AdminError),
    #[error(transparent)]
    Start(StartError),
    #[error("{0}")]
    Fault(String),
    /// No row has the given id.
    #[error("{0}")]
    NotFound(String),
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl Failure {
    /// Returns the exit code that the help text documents.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Start(_) | Self::Fault(_) | Self::Io(_) => ExitCode::from(1),
            Self::Config(_) | Self::Usage(_) => ExitCode::from(2),
            Self::Provider(_) => ExitCode::from(3),
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

impl From<AdminError> for Failure {
    fn from(error: AdminError) -> Self {
        match error {
            AdminError::Setting(_) => Self::Usage(error.to_string()),
            AdminError::NoAccount(_) | AdminError::HttpClient(_) => Self::Fault(error.to_string()),
            AdminError::Provider { .. } => Self::Provider(error),
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

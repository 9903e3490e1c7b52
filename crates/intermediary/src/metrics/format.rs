//! The two text formats in which Prometheus reads metrics.

use std::fmt;

use prometheus_client::{
    encoding::{prometheus_text, text},
    registry::Registry,
};

/// A text format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Prometheus' own format, which every tool reads.
    Classic,
    /// OpenMetrics 1.0.0, only on request: a parser of the classic format loses the types of its counters.
    OpenMetrics,
}

impl Format {
    /// Returns the value of the header `Content-Type`.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Classic => prometheus_text::CONTENT_TYPE,
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    pub(super) fn write(self, registry: &Registry) -> Result<String, fmt::Error> {
        let mut written = String::new();
        match self {
            Self::Classic => prometheus_text::encode(&mut written, registry)?,
            Self::OpenMetrics => text::encode(&mut written, registry)?,
        }
        Ok(written)
    }
}

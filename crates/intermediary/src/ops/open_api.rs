//! Banq's Open API as the configuration names it, for the command line.

use crate::{
    config::Config,
    intermediary::StartError,
    provider::banq::{settings, webhook},
};
use open_api::OpenApi;

impl Config {
    /// Where Banq is to send webhooks.
    pub fn webhook_url(&self) -> String {
        format!("{}{}", self.public_url(), webhook::PATH)
    }

    /// Banq, as this configuration names it.
    ///
    /// # Errors
    /// [`StartError::HttpClient`]
    pub fn open_api(&self) -> Result<OpenApi, StartError> {
        OpenApi::new(settings(self)).map_err(StartError::HttpClient)
    }
}

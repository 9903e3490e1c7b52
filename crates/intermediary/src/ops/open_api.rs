//! Banq's Open API as configured, for the command line.

use crate::{
    config::Config,
    intermediary::StartError,
    provider::banq::{settings, webhook},
};
use open_api::OpenApi;

impl Config {
    /// Returns the address to which Banq is to send webhooks.
    pub fn webhook_url(&self) -> String {
        format!("{}{}", self.public_url(), webhook::PATH)
    }

    /// Returns a client of Banq's Open API with these settings.
    ///
    /// # Errors
    /// [`StartError::HttpClient`]
    pub fn open_api(&self) -> Result<OpenApi, StartError> {
        OpenApi::new(settings(self)).map_err(StartError::HttpClient)
    }
}

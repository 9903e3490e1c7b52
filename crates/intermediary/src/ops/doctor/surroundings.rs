//! Checks the machine, and the settings file.

use std::path::Path;

use super::{Check, Doctor};
use crate::{
    config::{Config, Environment},
    health::host,
};

impl Doctor {
    /// Checks the machine as far as the settings name it. The server logs problems of its user and limits.
    pub(super) fn surroundings(&self) -> Vec<Check> {
        let findings = host::of_settings(&self.config);
        if findings.is_empty() {
            return vec![Check::ok("surroundings", "files, proxies and addresses are as they should be")];
        }
        findings.into_iter().map(|finding| Check::warn("surroundings", finding.what, finding.fix)).collect()
    }
}

/// Checks whether only the owner can read the settings file; the server logs the same when it starts.
pub fn settings_file(path: &Path, config: &Config) -> Check {
    let name = "settings_file";
    if config.environment != Environment::Local && host::is_open(path) {
        let what = format!("{} may be read by other users of this machine", path.display());
        return Check::warn(name, what, "chmod 600 it, and give it to the user that the server runs as");
    }
    Check::ok(name, format!("{} is read", path.display()))
}

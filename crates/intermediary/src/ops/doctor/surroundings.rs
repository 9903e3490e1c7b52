//! The machine around the server, and the file of its settings.

use std::path::Path;

use super::{Check, Doctor};
use crate::{
    config::{Config, Environment},
    health::host,
};

impl Doctor {
    /// What the settings name is as it should be. The user and the limits of the server itself are in its log.
    pub(super) fn surroundings(&self) -> Vec<Check> {
        let findings = host::of_settings(&self.config);
        if findings.is_empty() {
            return vec![Check::ok("surroundings", "files, proxies and addresses are as they should be")];
        }
        findings.into_iter().map(|finding| Check::warn("surroundings", finding.what, finding.fix)).collect()
    }
}

/// Whether the file of the settings keeps its secrets; the server says the same when it starts.
pub fn settings_file(path: &Path, config: &Config) -> Check {
    let name = "settings_file";
    if config.environment != Environment::Local && host::is_open(path) {
        let what = format!("{} may be read by other users of this machine", path.display());
        return Check::warn(name, what, "chmod 600 it, and give it to the user that the server runs as");
    }
    Check::ok(name, format!("{} is read", path.display()))
}

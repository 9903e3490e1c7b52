//! Reads the environment and the file into one map from `BANQ_…` to text.

use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
};

use super::{
    Config, ConfigError, DatabaseSettings, Environment, ProviderAddresses,
    names::{self, PREFIX},
    table,
};
use crate::widget::bundle;

/// The folder into which the repository's build puts the widget.
const BUILT: &str = "dist";

/// Settings by their names, and the problems found while they were collected.
type Found = (BTreeMap<String, String>, Vec<String>);

impl Config {
    /// Reads the TOML file, if given, and the environment, which takes precedence; in `local` finds the widget that was
    /// built in the working directory.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let (settings, problems) = settings(file)?;
        let mut config = all(problems, Self::from_map(&settings))?;
        if config.environment == Environment::Local && config.widget_dir.is_none() {
            config.widget_dir = Some(PathBuf::from(BUILT)).filter(|folder| bundle::has_loader(folder));
        }
        Ok(config)
    }
}

impl ProviderAddresses {
    /// Reads only the provider's addresses, from the same sources as [`Config::load`].
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let (settings, problems) = settings(file)?;
        all(problems, Self::from_map(&settings))
    }
}

impl DatabaseSettings {
    /// Reads only the database's settings, from the same sources as [`Config::load`].
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let (settings, problems) = settings(file)?;
        all(problems, Self::from_map(&settings))
    }
}

/// Adds the problems of `read` after those found while the settings were collected.
fn all<T>(mut problems: Vec<String>, read: Result<T, ConfigError>) -> Result<T, ConfigError> {
    match read {
        Ok(read) if problems.is_empty() => Ok(read),
        Ok(_) => Err(ConfigError { problems }),
        Err(error) => {
            // A value that could not be read from its source is not missing.
            let is_new = |problem: &String| !problems.iter().any(|known| names::are_of_one(known, problem));
            let new: Vec<String> = error.problems.into_iter().filter(is_new).collect();
            problems.extend(new);
            Err(ConfigError { problems })
        }
    }
}

fn settings(file: Option<&Path>) -> Result<Found, ConfigError> {
    let (mut settings, mut problems) = match file {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|cause| {
                let path = path.display();
                ConfigError::one(format!("the configuration file {path} cannot be read: {cause}"))
            })?;
            from_toml(&text)?
        }
        None => (BTreeMap::new(), Vec::new()),
    };
    for (name, value) in env::vars_os() {
        let name = name.into_string().ok();
        let Some(name) = name.filter(|name| name.to_ascii_uppercase().starts_with(PREFIX)) else { continue };
        let value = value.into_string().unwrap_or_else(|value| {
            problems.push(format!("{name} is not valid UTF-8"));
            value.to_string_lossy().into_owned()
        });
        settings.insert(name, value);
    }
    Ok((settings, problems))
}

/// Reads the settings of a file: the same names in lower case; the list of origins may be an array.
pub(super) fn from_toml(text: &str) -> Result<Found, ConfigError> {
    let table: toml::Table = text.parse().map_err(|cause: toml::de::Error| {
        // Not the parser's full text: it quotes the line, which may contain a password.
        ConfigError::one(format!("the configuration file is no TOML: {}", cause.message()))
    })?;
    let mut problems = Vec::new();
    let mut settings = BTreeMap::new();
    for (key, value) in table {
        let name = key.to_ascii_uppercase();
        if key != key.to_ascii_lowercase() || !table::is_setting(&name) {
            problems.push(format!("the configuration file: {}", names::not_a_key(&key)));
        } else if let Some(text) = plain(&value) {
            settings.insert(name, text);
        } else {
            problems.push(format!("{key} must be a string, a number, true, false or a list of strings"));
        }
    }
    Ok((settings, problems))
}

fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(flag) => Some(flag.to_string()),
        toml::Value::Array(items) => {
            let items: Option<Vec<&str>> = items.iter().map(toml::Value::as_str).collect();
            Some(items?.join(","))
        }
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}

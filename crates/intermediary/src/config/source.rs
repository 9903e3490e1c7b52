//! The environment and the file, as one map from `BANQ_…` to text.

use std::{collections::BTreeMap, env, path::Path};

use super::{Addresses, Config, ConfigError, reader::NAMES};

impl Config {
    /// Reads the TOML file, if one is given, and the environment, which wins.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        Self::from_map(&settings(file)?)
    }
}

impl Addresses {
    /// As [`Config::load`], for where Banq is alone.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        Self::from_map(&settings(file)?)
    }
}

fn settings(file: Option<&Path>) -> Result<BTreeMap<String, String>, ConfigError> {
    let mut settings = match file {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|cause| {
                let path = path.display();
                ConfigError::one(format!("the configuration file {path} cannot be read: {cause}"))
            })?;
            from_toml(&text)?
        }
        None => BTreeMap::new(),
    };
    for name in NAMES {
        match env::var(name) {
            Ok(value) => drop(settings.insert(name.to_owned(), value)),
            Err(env::VarError::NotPresent) => {}
            Err(env::VarError::NotUnicode(_)) => {
                return Err(ConfigError::one(format!("{name} is not valid UTF-8")));
            }
        }
    }
    Ok(settings)
}

/// The settings of a file: the same names in lower case; an origin list may be an array.
pub(super) fn from_toml(text: &str) -> Result<BTreeMap<String, String>, ConfigError> {
    let table: toml::Table = text.parse().map_err(|cause: toml::de::Error| {
        // Not the parser's whole text: it quotes the line, and the line may hold a password.
        ConfigError::one(format!("the configuration file is no TOML: {}", cause.message()))
    })?;
    let mut problems = Vec::new();
    let mut settings = BTreeMap::new();
    for (key, value) in table {
        let name = key.to_ascii_uppercase();
        if !NAMES.contains(&name.as_str()) || key != key.to_ascii_lowercase() {
            problems.push(format!("the configuration file has an unknown setting {key}"));
            continue;
        }
        match plain(&value) {
            Some(text) => drop(settings.insert(name, text)),
            None => {
                problems.push(format!("{key} must be a string, a number, true, false or a list of strings"));
            }
        }
    }
    if problems.is_empty() { Ok(settings) } else { Err(ConfigError { problems }) }
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

//! Parts of the settings, for commands that need no more: Banq's addresses, or the database.

use std::collections::BTreeMap;

use url::Url;

use super::{
    ConfigError, Database, Environment, Transport, database,
    reader::Reader,
    urls::{self, with_slash},
};

/// The API and token addresses: the simulator's for `local`, the vendor's for the others (002, "Going to production").
pub(super) const ADDRESSES: [(Environment, &str, &str); 3] = [
    (Environment::Local, "http://127.0.0.1:8081/api/", "http://127.0.0.1:8081/oauth/token"),
    (Environment::Sandbox, "https://sandbox.banq.com/api/", "https://banq-staging.auth0.com/oauth/token"),
    (Environment::Production, "https://api.banq.com/api/", "https://banq-prod.auth0.com/oauth/token"),
];

/// Banq's addresses: all that `whoami` needs besides its credentials.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// `BANQ_ENVIRONMENT`
    pub environment: Environment,
    /// `BANQ_API_URL`
    pub api_url: Url,
    /// `BANQ_AUTH_URL`
    pub auth_url: Url,
}

impl Addresses {
    /// Reads the three settings. Other settings are checked by name only.
    ///
    /// # Errors
    /// Everything that is missing or unreadable, at once.
    pub fn from_map(settings: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(settings);
        let (_, addresses) = read_addresses(&mut reader);
        reader.finish(addresses)
    }
}

/// The database: all that a command needs that only reads or changes the server's records.
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// `BANQ_DATABASE_URL`
    pub database: Database,
}

impl DatabaseSettings {
    /// Reads `BANQ_DATABASE_URL`, and `BANQ_ENVIRONMENT` if it is set: a connection without TLS to a database on another
    /// machine is only possible in `local`. Other settings are checked by name only.
    ///
    /// # Errors
    /// Everything that is unreadable or contradictory, at once.
    pub fn from_map(settings: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(settings);
        let environment = reader.optional("BANQ_ENVIRONMENT");
        let environment = reader.read("BANQ_ENVIRONMENT", environment, ENVIRONMENTS, environment_of);
        let database = read_database(&mut reader);
        if environment != Some(Environment::Local) && database.transport() == Transport::Plaintext {
            reader.add(vec![database::WITHOUT_TLS.to_owned()]);
        }
        reader.finish(Self { database })
    }
}

/// The values of `BANQ_ENVIRONMENT`.
const ENVIRONMENTS: &str = "local, sandbox or production";

/// Returns the environment even if an address is unreadable: it decides which other mistakes there are. A placeholder
/// replaces an unreadable address, so that no other problem follows from it.
pub(super) fn read_addresses(reader: &mut Reader<'_>) -> (Option<Environment>, Addresses) {
    let environment = reader.required("BANQ_ENVIRONMENT", ENVIRONMENTS);
    let environment = reader.read("BANQ_ENVIRONMENT", environment, ENVIRONMENTS, environment_of);
    let usual = |environment: Environment| ADDRESSES.iter().find(|(of, _, _)| *of == environment);
    let given = environment.and_then(usual);
    let api_url = reader.url("BANQ_API_URL", given.map(|(_, api, _)| *api));
    let auth_url = reader.url("BANQ_AUTH_URL", given.map(|(_, _, auth)| *auth));
    let addresses = Addresses {
        environment: environment.unwrap_or(Environment::Production),
        api_url: with_slash(api_url.unwrap_or_else(urls::nowhere)),
        auth_url: auth_url.unwrap_or_else(urls::nowhere),
    };
    (environment, addresses)
}

/// Reads `BANQ_DATABASE_URL`; the default is a file in the working directory.
pub(super) fn read_database(reader: &mut Reader<'_>) -> Database {
    let text = reader.optional("BANQ_DATABASE_URL");
    let database = reader.read("BANQ_DATABASE_URL", text, database::EXPECTED, Database::parse);
    database.unwrap_or_else(|| Database::Sqlite("banq-intermediary.sqlite".into()))
}

fn environment_of(word: &str) -> Option<Environment> {
    match word {
        "local" => Some(Environment::Local),
        "sandbox" => Some(Environment::Sandbox),
        "production" => Some(Environment::Production),
        _ => None,
    }
}

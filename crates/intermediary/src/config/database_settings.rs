//! The settings of the database alone, for commands that need no others.

use std::collections::BTreeMap;

use super::{ConfigError, Database, Environment, Transport, database, environment, reader::Reader};

/// The database: all that a command needs that only reads or changes the server's records.
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// `BANQ_DATABASE_URL`
    pub(crate) database: Database,
}

impl DatabaseSettings {
    /// Reads `BANQ_DATABASE_URL`, and `BANQ_ENVIRONMENT` if it is set: a connection without TLS to a database on another
    /// machine is only possible in `local`. Other settings are checked by name only.
    ///
    /// # Errors
    /// Everything that is unreadable or contradictory, at once.
    pub fn from_map(settings: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(settings);
        let environment = environment::read_optional(&mut reader);
        let database = read_database(&mut reader);
        if environment != Some(Environment::Local) && database.transport() == Transport::Plaintext {
            reader.add(vec![database::WITHOUT_TLS.to_owned()]);
        }
        reader.finish(Self { database })
    }
}

/// Reads `BANQ_DATABASE_URL`; the default is a file in the working directory.
pub(super) fn read_database(reader: &mut Reader<'_>) -> Database {
    let text = reader.optional("BANQ_DATABASE_URL");
    let database = reader.read("BANQ_DATABASE_URL", text, database::EXPECTED, Database::parse);
    database.unwrap_or_else(|| Database::Sqlite("banq-intermediary.sqlite".into()))
}

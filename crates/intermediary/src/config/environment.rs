//! `BANQ_ENVIRONMENT`.

use super::reader::Reader;

/// Which environment of the provider the server uses, and so how strict the server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// The simulator on this machine: no money moves.
    Local,
    /// The provider's sandbox.
    Sandbox,
    /// Real money.
    Production,
}

const SETTING: &str = "BANQ_ENVIRONMENT";
const EXPECTED: &str = "local, sandbox or production";

impl Environment {
    /// Returns the value of `BANQ_ENVIRONMENT`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Sandbox => "sandbox",
            Self::Production => "production",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Local, Self::Sandbox, Self::Production].into_iter().find(|known| known.as_str() == text)
    }
}

/// Reads the setting; it has no default.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<Environment> {
    let text = reader.required(SETTING, EXPECTED);
    reader.read(SETTING, text, EXPECTED, Environment::parse)
}

/// Reads the setting if it is set.
pub(super) fn read_optional(reader: &mut Reader<'_>) -> Option<Environment> {
    let text = reader.optional(SETTING);
    reader.read(SETTING, text, EXPECTED, Environment::parse)
}

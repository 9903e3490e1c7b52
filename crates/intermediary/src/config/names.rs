//! Finds names that are not in the table of settings. Each is an error: a misspelt one would leave its setting at the
//! default.

use std::collections::BTreeMap;

use super::table;
use crate::config::spelling::hint;

pub(super) const PREFIX: &str = "BANQ_";

/// Names that this project's other programs and commands read, and that may be set beside the settings.
const OTHERS: [&str; 12] = [
    // `whoami`
    "BANQ_MERCHANT_USERNAME",
    "BANQ_MERCHANT_PASSWORD",
    // `cargo xtask` and the tests
    "BANQ_TOOLS",
    "BANQ_EMBED_WIDGET",
    "BANQ_POSTGRES_BIN",
    "BANQ_NATS_SERVER",
    "BANQ_E2E_DIST",
    "BANQ_E2E_TARGET",
    "BANQ_E2E_PLAIN",
    "BANQ_E2E_EXAMPLES",
    "BANQ_CHAOS_PAYMENTS",
    "BANQ_CHAOS_KILLS",
];

/// Returns a sentence for every unknown name.
pub(super) fn unknown(settings: &BTreeMap<String, String>) -> Vec<String> {
    let is_known = |name: &str| table::is_setting(name) || OTHERS.contains(&name);
    let unknown = settings.iter().filter(|(name, value)| !is_known(name) && !is_of_a_cluster(name, value));
    unknown.map(|(name, _)| not_a_setting(name)).collect()
}

/// Returns a sentence that `name` is not a setting, and which one may be meant.
pub(super) fn not_a_setting(name: &str) -> String {
    format!("{name} is not a setting{}", hint(name, &table::names().collect::<Vec<_>>()))
}

/// Returns whether two problems concern the same setting. A problem begins with the setting's name, in upper or lower
/// case.
pub(super) fn are_of_one(problem: &str, other: &str) -> bool {
    let name = |text: &str| {
        let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
        text[..end].to_ascii_uppercase()
    };
    name(problem).starts_with(PREFIX) && name(problem) == name(other)
}

/// Returns the problem of an unknown key in a file, with the most similar setting. The prefix is a part of the name.
pub(super) fn not_a_key(key: &str) -> String {
    let known: Vec<String> = table::names().map(str::to_ascii_lowercase).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let lower = key.to_ascii_lowercase();
    let with_prefix = format!("{}{lower}", PREFIX.to_ascii_lowercase());
    let meant = if lower.starts_with("banq_") { hint(&lower, &known) } else { hint(&with_prefix, &known) };
    let meant = match meant.is_empty() {
        true => ": a file has the names of the environment in lower case, like banq_listen".to_owned(),
        false => meant,
    };
    format!("{key} is not a setting{meant}")
}

/// Returns whether Kubernetes (or a Docker link) set this variable: a service named `banq-intermediary` puts
/// `BANQ_INTERMEDIARY_SERVICE_HOST`, `BANQ_INTERMEDIARY_PORT_8080_TCP` and more into every container of its namespace.
fn is_of_a_cluster(name: &str, value: &str) -> bool {
    let is_address = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.starts_with(scheme));
    let is_of_a_port =
        name.contains("_PORT_") && ["_TCP", "_UDP", "_SCTP"].iter().any(|kind| name.contains(kind));
    name.ends_with("_SERVICE_HOST")
        || name.ends_with("_SERVICE_PORT")
        || name.contains("_SERVICE_PORT_")
        || is_of_a_port
        || (name.ends_with("_PORT") && is_address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown_of(name: &str, value: &str) -> Vec<String> {
        unknown(&[(name.to_owned(), value.to_owned())].into())
    }

    /// The program also runs in the environment of the test command.
    #[test]
    fn names_that_the_test_command_sets_are_let_be() {
        let command = include_str!("../../../../xtask/src/test.rs");
        let set = command.split("env(\"BANQ_").skip(1);
        let names: Vec<String> =
            set.map(|rest| format!("BANQ_{}", rest.split('"').next().unwrap())).collect();
        assert!(names.len() > 2, "{names:?}");
        for name in names {
            assert_eq!(unknown_of(&name, "x"), Vec::<String>::new(), "{name}");
        }
    }

    #[test]
    fn a_misspelt_name_is_refused_with_the_nearest() {
        let problems = unknown_of("BANQ_WEBHOOK_SECRETS", "hunter2");
        assert_eq!(problems, ["BANQ_WEBHOOK_SECRETS is not a setting; did you mean BANQ_WEBHOOK_SECRET?"]);
        assert_eq!(unknown_of("BANQ_WIBBLE", "1"), ["BANQ_WIBBLE is not a setting"]);
        assert_eq!(
            unknown_of("banq_listen", "127.0.0.1:1"),
            ["banq_listen is not a setting; did you mean BANQ_LISTEN?"]
        );
        assert_eq!(unknown_of("BANQ_PORT", "8080").len(), 1);
    }

    #[test]
    fn other_programs_names_and_a_clusters_are_let_be() {
        for (name, value) in [
            ("BANQ_MERCHANT_PASSWORD", "x"),
            ("BANQ_POSTGRES_BIN", "/usr/bin"),
            ("BANQ_INTERMEDIARY_SERVICE_HOST", "10.0.0.1"),
            ("BANQ_INTERMEDIARY_SERVICE_PORT_HTTP", "8080"),
            ("BANQ_INTERMEDIARY_PORT", "tcp://10.0.0.1:8080"),
            ("BANQ_INTERMEDIARY_PORT_8080_TCP_ADDR", "10.0.0.1"),
            ("BANQ_PORT", "tcp://10.0.0.1:8080"),
        ] {
            assert!(unknown_of(name, value).is_empty(), "{name}");
        }
    }
}

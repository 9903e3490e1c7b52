//! What a command says: lines for people, or one JSON object for programs.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::failure::Failure;

/// Where it is said.
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Says the same in either way; the JSON is `{"data": …}`.
    ///
    /// # Errors
    /// When nobody listens any more.
    pub(crate) fn say(&self, lines: &[String], data: &Value) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.json {
            return writeln!(out, "{}", json!({ "data": data }));
        }
        lines.iter().try_for_each(|line| writeln!(out, "{line}"))
    }

    /// Says why a command failed: on stderr, and for programs as `{"error": …}` on stdout too.
    pub(crate) fn failure(&self, failure: &Failure) {
        eprintln!("banq-intermediary: {failure}");
        if self.json {
            // Whoever closed the pipe does not want to know.
            let _ = writeln!(io::stdout(), "{}", json!({ "error": failure.to_string() }));
        }
    }
}

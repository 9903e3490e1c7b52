//! The output of a command: lines for people, or one JSON object for programs.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::failure::Failure;

pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints `lines`, or `{"data": …}`. A closed pipe (`| head`) is not an error: the exit code stays that of the work.
    ///
    /// # Errors
    /// Another error of writing, such as a full disk.
    pub(crate) fn print(&self, lines: &[String], data: &Value) -> io::Result<()> {
        match self.write(lines, data) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    }

    fn write(&self, lines: &[String], data: &Value) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.json {
            writeln!(out, "{}", json!({ "data": data }))?;
        } else {
            lines.iter().try_for_each(|line| writeln!(out, "{}", harmless(line)))?;
        }
        out.flush()
    }

    /// Prints why a command failed: on stderr, and for programs as `{"error": …}` on stdout too.
    pub(crate) fn failure(&self, failure: &Failure) {
        // The reader may have closed the pipe; the exit code remains.
        let _ = writeln!(io::stderr(), "banq-intermediary: {failure}");
        if self.json {
            let _ = writeln!(io::stdout(), "{}", json!({ "error": failure.to_string() }));
        }
    }
}

/// Returns the line without control characters: a stranger may have written a comment or an error, and a terminal obeys
/// them.
fn harmless(line: &str) -> String {
    let harmless = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    line.chars().map(harmless).collect()
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn a_terminal_is_not_commanded_by_a_comment() {
        assert_eq!(harmless("Tee für 2 €\u{1b}[2J\r\n"), "Tee für 2 €\\u{1b}[2J\\r\\n");
    }
}

//! `settings`: lists the settings.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::{failure::Failure, output::Output};
use crate::{SETTINGS, Setting};

pub(super) fn run(output: &Output) -> Result<ExitCode, Failure> {
    let lines: Vec<String> = SETTINGS.iter().map(line).collect();
    let data: Vec<Value> = SETTINGS.iter().map(value).collect();
    output.print(&lines, &json!({ "settings": data }))?;
    Ok(ExitCode::SUCCESS)
}

fn line(setting: &Setting) -> String {
    let default = match setting.default {
        "" => String::new(),
        default => format!(" [default: {}]", plain(default)),
    };
    format!("{}{default}: {}", setting.name, plain(setting.help))
}

fn value(setting: &Setting) -> Value {
    json!({ "name": setting.name, "default": plain(setting.default), "help": plain(setting.help) })
}

/// Removes Markdown's signs for code and links.
fn plain(markdown: &str) -> String {
    markdown.replace(['`', '[', ']'], "")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn terminal_shows_no_markdown() {
        assert_eq!(plain("a `b` ([docs/c.md#d]) e"), "a b (docs/c.md#d) e");
    }
}

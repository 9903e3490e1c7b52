//! Puts the stylesheets where `src/mount.rs` includes them from, and the English texts for `src/messages.rs`.

use std::path::PathBuf;
use std::{env, fs, io};

/// Stands before and after the button's rules in the loader, their only source.
const BUTTON_BEGINS: &str = "const BUTTON_CSS = `";
const BUTTON_ENDS: &str = "`;";

fn main() -> io::Result<()> {
    let folder = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    let loader = read("www/ecommerce.js")?;
    fs::write(folder.join("button.css"), button_rules(&loader).ok_or_else(no_rules)?)?;
    // `cargo xtask dist` names a minified copy.
    println!("cargo::rerun-if-env-changed=BANQ_WIDGET_CSS");
    let style = env::var("BANQ_WIDGET_CSS").unwrap_or_else(|_| "src/widget.css".to_owned());
    fs::write(folder.join("widget.css"), read(&style)?)?;
    fs::write(folder.join("en.json"), without_spaces(&read("www/languages/banq-en.json")?))
}

/// Removes line breaks, indentation and the space after each key's colon from JSON with one member a line.
fn without_spaces(json: &str) -> String {
    json.lines().map(|line| line.trim().replacen("\": ", "\":", 1)).collect()
}

fn read(path: &str) -> io::Result<String> {
    println!("cargo::rerun-if-changed={path}");
    fs::read_to_string(path)
}

/// Returns the rules as they stand in the loader, if JavaScript reads them the same.
fn button_rules(loader: &str) -> Option<&str> {
    let (_, rest) = loader.split_once(BUTTON_BEGINS)?;
    let (rules, _) = rest.split_once(BUTTON_ENDS)?;
    (!rules.contains(['`', '\\']) && !rules.contains("${")).then_some(rules)
}

fn no_rules() -> io::Error {
    io::Error::other("www/ecommerce.js has no BUTTON_CSS, or one with an escape")
}

//! Makes the stylesheet small before it goes into the WebAssembly.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=src/widget.css");
    let folder = env::var("OUT_DIR").map_err(io::Error::other)?;
    let style = fs::read_to_string("src/widget.css")?;
    fs::write(Path::new(&folder).join("widget.css"), minify(&style))
}

/// Takes out the comments and the spaces that mean nothing. Enough for our own stylesheet, which has no
/// strings and in which no selector begins with `:` after a space.
fn minify(style: &str) -> String {
    let mut text = String::new();
    let mut rest = style;
    while let Some((before, comment)) = rest.split_once("/*") {
        text += before;
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    text += rest;
    let mut small = String::new();
    for word in text.split_whitespace() {
        if !small.is_empty() && !small.ends_with(['{', '}', ';', ',', ':']) && !word.starts_with(['{', '}']) {
            small.push(' ');
        }
        if word == "}" && small.ends_with(';') {
            small.pop();
        }
        small += word;
    }
    small
}

//! Includes parts of files into a page, as mdBook does: `{{#include file}}` or `{{#include file:anchor}}`.

use std::fs;
use std::path::{Path, PathBuf};

const BEGINS: &str = "{{#include ";
const ENDS: &str = "}}";

/// A file, or the part of it between two comments `ANCHOR: name` and `ANCHOR_END: name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    /// Relative to the page.
    pub(crate) path: PathBuf,
    pub(crate) anchor: Option<String>,
}

impl Link {
    /// Reads `file` or `file:anchor`; a page's file name may contain a colon.
    pub(crate) fn of(text: &str, page: &Path) -> Self {
        let whole = page.parent().is_some_and(|folder| folder.join(text).exists());
        match text.rsplit_once(':') {
            Some((path, anchor)) if !whole => Self { path: path.into(), anchor: Some(anchor.to_owned()) },
            _ => Self { path: text.into(), anchor: None },
        }
    }
}

/// Reads a text that is one include and nothing else.
pub(crate) fn parse(text: &str) -> Option<Link> {
    let inner = text.strip_prefix(BEGINS)?.strip_suffix(ENDS)?;
    (!inner.contains(ENDS)).then(|| Link::of(inner.trim(), Path::new("")))
}

/// Returns the page with all its includes in place.
pub(crate) fn expand(text: &str, page: &Path) -> Result<String, String> {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(BEGINS) {
        let (inner, after) = after.split_once(ENDS).ok_or("an include without an end")?;
        let link = Link::of(inner.trim(), Path::new(""));
        let path = page.parent().unwrap_or(page).join(&link.path);
        expanded.push_str(before);
        expanded.push_str(part(&path, link.anchor.as_deref())?.trim_end_matches('\n'));
        rest = after;
    }
    Ok(expanded + rest)
}

/// Returns a file, or a part of it; without the lines that mark parts.
pub(crate) fn part(path: &Path, anchor: Option<&str>) -> Result<String, String> {
    let text = fs::read_to_string(path).map_err(|cause| format!("{}: {cause}", path.display()))?;
    let Some(anchor) = anchor else { return Ok(text) };
    let mut inside = false;
    let mut found = String::new();
    let mut seen = false;
    for line in text.lines() {
        if let Some(name) = mark(line, "ANCHOR_END: ") {
            inside &= name != anchor;
        } else if let Some(name) = mark(line, "ANCHOR: ") {
            inside |= name == anchor;
            seen |= name == anchor;
        } else if inside {
            found.push_str(line);
            found.push('\n');
        }
    }
    match (seen, inside) {
        (true, false) => Ok(found),
        (true, true) => Err(format!("{}: the part {anchor} has no end", path.display())),
        (false, _) => Err(format!("{} has no part {anchor}", path.display())),
    }
}

/// Returns the name of the part that begins or ends in this line.
fn mark<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(word)?;
    rest.split(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '-' | '_'))).next()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Link, expand, parse, part};

    #[test]
    fn an_include_names_a_file_and_perhaps_a_part() {
        let link =
            |path: &str, anchor: Option<&str>| Link { path: path.into(), anchor: anchor.map(str::to_owned) };
        assert_eq!(parse("{{#include a/b.js}}"), Some(link("a/b.js", None)));
        assert_eq!(parse("{{#include ../b.js:one}}"), Some(link("../b.js", Some("one"))));
        assert_eq!(parse("{{#include a}} and {{#include b}}"), None);
        assert_eq!(parse("code"), None);
    }

    #[test]
    fn a_part_is_what_stands_between_its_marks() {
        let folder = std::env::temp_dir().join(format!("banq-include-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("one.js");
        std::fs::write(&file, "a\n// ANCHOR: x\nb\n// ANCHOR: y\nc\n// ANCHOR_END: x\nd\n// ANCHOR_END: y\n")
            .unwrap();
        assert_eq!(part(&file, Some("x")).unwrap(), "b\nc\n");
        assert_eq!(part(&file, Some("y")).unwrap(), "c\nd\n");
        assert!(part(&file, Some("z")).unwrap_err().ends_with("has no part z"));
        let open = folder.join("open.js");
        std::fs::write(&open, "// ANCHOR: x\nb\n").unwrap();
        assert!(part(&open, Some("x")).unwrap_err().ends_with("has no end"));
        let page = folder.join("page.md");
        assert_eq!(expand("1 {{#include one.js:x}} 2", &page).unwrap(), "1 b\nc 2");
        assert!(expand("{{#include none.js}}", &page).is_err());
        assert!(expand("{{#include none.js", Path::new("")).is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

//! Checks the documents: each link leads somewhere ([`links`]), and each piece of code is a file, or a part of one, that
//! a test runs ([`snippets`]).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::error::Error;
use crate::{include, links, snippets};

/// The documents beside those of the book.
const DOCUMENTS: [&str; 7] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "npm/README.md",
    "examples/README.md",
];

/// The sources of the book.
pub(crate) const BOOK: &str = "docs";

/// Checks all documents, and lists each mistake with its place.
pub(crate) fn check(root: &Path) -> Result<(), Error> {
    let pages = pages(root)?;
    let mut mistakes = chapters(&pages, &read(&root.join(BOOK).join("SUMMARY.md"))?);
    for name in DOCUMENTS.iter().map(|name| (*name).to_owned()).chain(pages.iter().cloned()) {
        let text = read(&root.join(&name))?;
        mistakes.extend(snippets::unknown_code(root, &name, &text));
        mistakes.extend(links::broken(root, Path::new(&name), &text, None));
    }
    for name in &pages {
        let path = root.join(name);
        match include::expand(&read(&path)?, &path) {
            Ok(text) => mistakes.extend(links::broken(root, Path::new(name), &text, Some(&pages))),
            Err(mistake) => mistakes.push(format!("{name}: {mistake}")),
        }
    }
    mistakes.extend(snippets::untested(root)?);
    mistakes.sort();
    mistakes.dedup();
    for mistake in &mistakes {
        println!("{mistake}");
    }
    if mistakes.is_empty() { Ok(()) } else { Err(Error::Documents(mistakes.len())) }
}

/// Returns the book's pages: the Markdown files of its folder, without the list of its chapters.
fn pages(root: &Path) -> Result<BTreeSet<String>, Error> {
    let names = file_names(&root.join(BOOK))?.into_iter();
    Ok(names
        .filter(|name| name.ends_with(".md") && name != "SUMMARY.md")
        .map(|name| format!("{BOOK}/{name}"))
        .collect())
}

/// Names the pages that the list of chapters does not, and the chapters without a page.
fn chapters(pages: &BTreeSet<String>, summary: &str) -> Vec<String> {
    let (targets, _) = links::of(summary);
    let listed: BTreeSet<String> = targets.into_iter().map(|name| format!("{BOOK}/{name}")).collect();
    let both = listed.symmetric_difference(pages);
    both.map(|name| format!("{name}: docs/SUMMARY.md and the folder do not both have it")).collect()
}

/// Returns the names in a folder.
pub(crate) fn file_names(folder: &Path) -> Result<Vec<String>, Error> {
    let entries = fs::read_dir(folder).map_err(Error::file(folder))?;
    Ok(entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
}

/// Reads a file of text.
pub(crate) fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(Error::file(path))
}

/// Returns the path without `..` and `.`.
pub(crate) fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir if clean.file_name().is_some() => {
                clean.pop();
            }
            Component::CurDir => {}
            part => clean.push(part),
        }
    }
    clean
}

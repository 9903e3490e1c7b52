//! Checks the documents: each link leads somewhere ([`links`]), and each piece of code is a file, or a part of one, that
//! a test runs ([`snippets`]).

use std::collections::BTreeSet;
use std::path::Path;

use crate::error::Error;
use crate::files::{file_names, read};
use crate::paths::BOOK;
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

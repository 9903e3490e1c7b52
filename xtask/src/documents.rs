//! Checks the documents: each link leads somewhere, and each piece of code is a file, or a part of one, that a test
//! runs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{BrokenLink, CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::error::Error;
use crate::include;

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
const BOOK: &str = "docs";
const SNIPPETS: &str = "docs/snippets";

/// The folders and files whose tests run the snippets.
const TESTS: [&str; 5] = [
    "tests/e2e",
    "crates/intermediary/tests",
    "crates/intermediary/src/ops",
    "npm/test",
    "xtask/src/proxies.rs",
];

/// The folders with other code that tests run.
const TESTED: [&str; 7] = [
    "docs/snippets",
    "examples",
    "packaging",
    "tests/pages",
    "crates/intermediary/examples",
    "crates/open-api/examples",
    "npm/README.md",
];

/// Code blocks that are no code: words, and what a person types and reads.
const NO_CODE: [&str; 2] = ["text", "console"];

/// Checks all documents, and lists each mistake with its place.
pub(crate) fn check(root: &Path) -> Result<(), Error> {
    let pages = pages(root)?;
    let mut mistakes = chapters(&pages, &read(&root.join(BOOK).join("SUMMARY.md"))?);
    for name in DOCUMENTS.iter().map(|name| (*name).to_owned()).chain(pages.iter().cloned()) {
        let text = read(&root.join(&name))?;
        mistakes.extend(unknown_code(root, &name, &text));
        mistakes.extend(broken_links(root, Path::new(&name), &text, None));
    }
    for name in &pages {
        let path = root.join(name);
        match include::expand(&read(&path)?, &path) {
            Ok(text) => mistakes.extend(broken_links(root, Path::new(name), &text, Some(&pages))),
            Err(mistake) => mistakes.push(format!("{name}: {mistake}")),
        }
    }
    mistakes.extend(untested_snippets(root)?);
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
    let (targets, _) = links(summary);
    let listed: BTreeSet<String> = targets.into_iter().map(|name| format!("{BOOK}/{name}")).collect();
    let both = listed.symmetric_difference(pages);
    both.map(|name| format!("{name}: docs/SUMMARY.md and the folder do not both have it")).collect()
}

/// Names the code blocks that are not those of a tested file.
fn unknown_code(root: &Path, name: &str, text: &str) -> Vec<String> {
    let mut mistakes = Vec::new();
    let mut source = None;
    let mut block: Option<(String, String, usize)> = None;
    for (event, range) in Parser::new_ext(text, Options::all()).into_offset_iter() {
        match event {
            Event::Html(html) => {
                let comment = html.trim().strip_prefix("<!-- snippet: ");
                source = comment.and_then(|rest| rest.strip_suffix(" -->")).map(str::to_owned).or(source);
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                let line = text[..range.start].lines().count() + 1;
                let language = match kind {
                    CodeBlockKind::Fenced(language) => language.into_string(),
                    CodeBlockKind::Indented => "indented".to_owned(),
                };
                block = Some((language, String::new(), line));
            }
            // A comment is about the block that follows it directly.
            Event::Start(_) if block.is_none() => source = None,
            Event::Text(code) => {
                if let Some((_, content, _)) = &mut block {
                    content.push_str(&code);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                let source = source.take();
                if let Some((language, content, line)) = block.take()
                    && !NO_CODE.contains(&language.as_str())
                    && let Err(mistake) = known_code(root, name, source.as_deref(), &content)
                {
                    mistakes.push(format!("{name}:{line}: {mistake}"));
                }
            }
            _ => {}
        }
    }
    mistakes
}

/// Checks one code block: its whole content is an include, or equal to the file that the comment before it names.
fn known_code(root: &Path, name: &str, source: Option<&str>, content: &str) -> Result<(), String> {
    let page = root.join(name);
    let include = include::parse(content.trim());
    let link = match (source, &include) {
        (None, Some(link)) => link.clone(),
        (Some(source), None) => include::Link::of(source, &root.join("document")),
        (None, None) => return Err("this code is not that of a file: name it by <!-- snippet: … -->".into()),
        (Some(_), Some(_)) => return Err("this code has an include and a comment; one is enough".into()),
    };
    let path = clean(&page.parent().unwrap_or(root).join(&link.path));
    let path = if source.is_some() { root.join(&link.path) } else { path };
    let inside = path.strip_prefix(root).map_err(|_| format!("{} is not of this project", path.display()))?;
    if !TESTED.iter().any(|tested| inside.starts_with(tested)) {
        return Err(format!("no test runs {}", inside.display()));
    }
    let code = include::part(&path, link.anchor.as_deref())?;
    if source.is_some() && code.trim_end() != content.trim_end() {
        return Err(format!("this code differs from {}", inside.display()));
    }
    Ok(())
}

/// Names the links that lead nowhere. In the book a link leads to another page or to a file of its folder.
fn broken_links(root: &Path, name: &Path, text: &str, book: Option<&BTreeSet<String>>) -> Vec<String> {
    let page = name.display();
    let folder = name.parent().unwrap_or(Path::new(""));
    let mut mistakes = Vec::new();
    let (targets, undefined) = links(text);
    for name in undefined {
        mistakes.push(format!("{page}: the link [{name}] has no definition"));
    }
    for target in targets {
        if target.contains("://") || target.starts_with("mailto:") {
            continue;
        }
        let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
        let file = if path.is_empty() { name.to_path_buf() } else { clean(&folder.join(path)) };
        let known = path.is_empty() || (root.join(&file).exists() && !file.starts_with(".."));
        let within = book.is_none_or(|pages| {
            let file = file.to_string_lossy();
            file.starts_with(BOOK) && (!file.ends_with(".md") || pages.contains(&*file))
        });
        let there =
            known && within && (anchor.is_empty() || anchors(root, &file, name, text).contains(anchor));
        if !there {
            let place = if book.is_some() { "in the book" } else { "in the repository" };
            mistakes.push(format!("{page}: the link to {target} leads nowhere {place}"));
        }
    }
    mistakes
}

/// Returns the names of a document's headings as they are in links.
fn anchors(root: &Path, file: &Path, this: &Path, text: &str) -> BTreeSet<String> {
    if file == this {
        return heading_ids(text);
    }
    let path = root.join(file);
    let text = fs::read_to_string(&path).unwrap_or_default();
    heading_ids(&include::expand(&text, &path).unwrap_or(text))
}

/// Returns the targets of all links and pictures, and the names of reference links without a definition.
fn links(text: &str) -> (Vec<String>, Vec<String>) {
    let mut undefined = Vec::new();
    let note = |link: BrokenLink<'_>| {
        // `[x]` alone is often no link: a word in brackets, or a task.
        if link.reference.contains(['/', '#']) {
            undefined.push(link.reference.to_string());
        }
        None
    };
    let events = Parser::new_with_broken_link_callback(text, Options::all(), Some(note));
    let targets = events
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                Some(dest_url.into_string())
            }
            _ => None,
        })
        .collect();
    (targets, undefined)
}

/// Returns the ids that GitHub and mdBook give to headings: small letters, digits, `_` and `-`.
fn heading_ids(text: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(text, Options::all()) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(part) | Event::Code(part) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&part);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let id = heading.take().unwrap_or_default().to_lowercase();
                let id: String = id
                    .chars()
                    .filter_map(|letter| match letter {
                        ' ' => Some('-'),
                        _ if letter.is_alphanumeric() || matches!(letter, '-' | '_') => Some(letter),
                        _ => None,
                    })
                    .collect();
                let number = (0..).map(|n| if n == 0 { id.clone() } else { format!("{id}-{n}") });
                ids.extend(number.into_iter().find(|id| !ids.contains(id)));
            }
            _ => {}
        }
    }
    ids
}

/// Names the snippets that no test names.
fn untested_snippets(root: &Path) -> Result<Vec<String>, Error> {
    let mut code = String::new();
    for folder in TESTS {
        gather(&root.join(folder), &mut code)?;
    }
    let names = file_names(&root.join(SNIPPETS))?;
    let is_run = |name: &str| {
        [format!("snippets/{name}\""), format!("snippet!(\"{name}\")"), format!("snippet(\"{name}\")")]
            .iter()
            .any(|call| code.contains(call))
    };
    let untested = names.into_iter().filter(|name| !is_run(name));
    Ok(untested.map(|name| format!("{SNIPPETS}/{name}: no test names this file")).collect())
}

/// Adds the lines of code, without those of comments.
fn gather(path: &Path, code: &mut String) -> Result<(), Error> {
    if path.is_dir() {
        for name in file_names(path)?.into_iter().filter(|name| name != "node_modules") {
            gather(&path.join(name), code)?;
        }
    } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "js") {
        let text = read(path)?;
        text.lines().filter(|line| !line.trim_start().starts_with("//")).for_each(|line| {
            code.push_str(line);
            code.push('\n');
        });
    }
    Ok(())
}

fn file_names(folder: &Path) -> Result<Vec<String>, Error> {
    let entries = fs::read_dir(folder).map_err(Error::file(folder))?;
    Ok(entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(Error::file(path))
}

/// Returns the path without `..` and `.`.
fn clean(path: &Path) -> PathBuf {
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{broken_links, heading_ids, unknown_code};

    #[test]
    fn headings_have_the_ids_of_github() {
        let ids = heading_ids("# A `b_c` of d, e\n## Twice\n## Twice\n");
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        assert_eq!(ids, ["a-b_c-of-d-e", "twice", "twice-1"]);
    }

    #[test]
    fn a_link_leads_to_a_file_and_a_heading() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let found = |text| broken_links(root, Path::new("src/one.md"), text, None).len();
        assert_eq!(found("# Here\n[a](#here) [b](main.rs) [c](../Cargo.toml) [d](https://banq.com)"), 0);
        assert_eq!(found("# Here\n[a](#there) [b](main.md) [c](../../../../x)"), 3);
        assert_eq!(found("see [a/b.md#c]"), 1, "without a definition");
        assert_eq!(found("see [src/main.rs]\n\n[src/main.rs]: main.rs"), 0);
    }

    #[test]
    fn code_is_that_of_a_file() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let found = |text: &str| unknown_code(root, "README.md", text).len();
        assert_eq!(found("```text\nwords\n```\n\n```console\n$ true\n```"), 0);
        assert_eq!(found("```sh\ntrue\n```"), 1, "without a file");
        assert_eq!(found("words\n\n    true\n"), 1, "indented");
        let file = std::fs::read_to_string(root.join("docs/snippets/fulfilment-secret.sh")).unwrap();
        let with =
            |code: &str| format!("<!-- snippet: docs/snippets/fulfilment-secret.sh -->\n```sh\n{code}```");
        assert_eq!(found(&with(&file)), 0);
        assert_eq!(found(&with("true\n")), 1, "other than the file");
        assert_eq!(found("<!-- snippet: xtask/src/main.rs -->\n```rust\n```"), 1, "a file that is not run");
        let apart = with(&file).replace("-->\n", "-->\n\nOther words.\n\n");
        assert_eq!(found(&apart), 1, "a comment about something else");
    }
}

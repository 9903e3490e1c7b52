//! The links in the documents: each leads to a file, and to a heading in it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pulldown_cmark::{BrokenLink, Event, Options, Parser, Tag, TagEnd};

use crate::files::clean;
use crate::include;
use crate::paths::BOOK;

/// Names the links that lead nowhere. In the book a link leads to another page or to a file of its folder.
pub(crate) fn broken(root: &Path, name: &Path, text: &str, book: Option<&BTreeSet<String>>) -> Vec<String> {
    let page = name.display();
    let folder = name.parent().unwrap_or(Path::new(""));
    let mut mistakes = Vec::new();
    let (targets, undefined) = of(text);
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
pub(crate) fn of(text: &str) -> (Vec<String>, Vec<String>) {
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{broken, heading_ids};

    #[test]
    fn headings_have_the_ids_of_github() {
        let ids = heading_ids("# A `b_c` of d, e\n## Twice\n## Twice\n");
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        assert_eq!(ids, ["a-b_c-of-d-e", "twice", "twice-1"]);
    }

    #[test]
    fn a_link_leads_to_a_file_and_a_heading() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let found = |text| broken(root, Path::new("src/one.md"), text, None).len();
        assert_eq!(found("# Here\n[a](#here) [b](main.rs) [c](../Cargo.toml) [d](https://banq.com)"), 0);
        assert_eq!(found("# Here\n[a](#there) [b](main.md) [c](../../../../x)"), 3);
        assert_eq!(found("see [a/b.md#c]"), 1, "without a definition");
        assert_eq!(found("see [src/main.rs]\n\n[src/main.rs]: main.rs"), 0);
    }
}

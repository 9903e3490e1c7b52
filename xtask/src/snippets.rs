//! The code in the documents: each block is a file, or a part of one, that a test runs.

use std::path::Path;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::error::Error;
use crate::files::{clean, file_names, read};
use crate::include;

/// The files that are only there for the documents.
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

/// Names the code blocks that are not those of a tested file.
pub(crate) fn unknown_code(root: &Path, name: &str, text: &str) -> Vec<String> {
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

/// Names the snippets that no test names.
pub(crate) fn untested(root: &Path) -> Result<Vec<String>, Error> {
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::unknown_code;

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

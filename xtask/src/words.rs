//! Checks the prose: spelling by `typos`, and the phrases of `docs/banned-phrases.txt`.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use crate::error::Error;
use crate::tools::TYPOS;
use crate::{paths, run};

/// The list of phrases, and the plain words for each.
const LIST: &str = "docs/banned-phrases.txt";

/// The files whose prose is checked, as patterns of `git ls-files`.
const FILES: [&str; 5] = ["*.rs", "*.md", "*.ts", "*.js", "*.toml"];

/// Checks the spelling of every file that git does not ignore; `typos.toml` lists the project's own words.
pub(crate) fn spelling() -> Result<(), Error> {
    let program = TYPOS.folder()?.join(TYPOS.program);
    run::show(&mut run::command(program, &[]))
}

/// Prints each banned phrase in a tracked file with its place, and then the number of each.
pub(crate) fn phrases() -> Result<(), Error> {
    let root = paths::root();
    let read = |name: &str| fs::read_to_string(root.join(name)).map_err(Error::file(root.join(name)));
    let banned = parse(&read(LIST)?)?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for name in tracked()? {
        let text = read(&name)?;
        for (line, phrase) in find(unreleased(&name, &text), &banned) {
            println!("{name}:{line}: \"{}\"; write: {}", phrase.phrase, phrase.instead);
            *counts.entry(&phrase.phrase).or_default() += 1;
        }
    }
    for (phrase, count) in &counts {
        println!("{count:>5} {phrase}");
    }
    let found = counts.values().sum();
    if found == 0 { Ok(()) } else { Err(Error::Phrases { found, list: LIST }) }
}

/// Returns the tracked files that still exist.
fn tracked() -> Result<Vec<String>, Error> {
    let root = paths::root();
    let mut git = Command::new("git");
    git.current_dir(&root).args(["ls-files", "-z", "--"]).args(FILES);
    let list = run::answer(&mut git).ok_or_else(|| {
        Error::Other("git ls-files failed; the prose of tracked files is checked".to_owned())
    })?;
    let names = list.split('\0').filter(|name| root.join(name).is_file());
    Ok(names.map(str::to_owned).collect())
}

/// Returns the part of a file that is checked: of the changelog, the versions that are not released yet.
fn unreleased<'a>(name: &str, text: &'a str) -> &'a str {
    if name != "CHANGELOG.md" {
        return text;
    }
    let headings = text.match_indices("\n## ");
    let released = headings.map(|(at, _)| at).find(|at| {
        let heading = text[at + 1..].lines().next().unwrap_or_default();
        !heading.contains("unreleased")
    });
    released.map_or(text, |at| &text[..at])
}

/// A phrase that is not to be used.
#[derive(Debug, PartialEq, Eq)]
struct Banned {
    phrase: String,
    /// What to write in its place.
    instead: String,
}

/// Parses lines of the form `phrase: what to write`; `#` begins a comment.
fn parse(list: &str) -> Result<Vec<Banned>, Error> {
    let lines = list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (phrase, instead) = line
                .split_once(": ")
                .ok_or_else(|| Error::Other(format!("{LIST}: no \": \" in the line \"{line}\"")))?;
            Ok(Banned { phrase: phrase.to_lowercase(), instead: instead.to_owned() })
        })
        .collect()
}

/// A word of a text, in lower case.
struct Word {
    text: String,
    line: usize,
    /// Whether it follows the word before it in one sentence, perhaps on the next line of a comment.
    continues: bool,
}

/// Splits a text into words. A `_` belongs to its word, so that identifiers in snake case are one word each.
fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mut rest = line;
        while let Some(start) = rest.find(is_of_word) {
            let end = rest[start..].find(|c| !is_of_word(c)).map_or(rest.len(), |end| start + end);
            // The marks of a comment or a quotation in front of a line end no sentence.
            let is_plain = rest[..start].chars().all(|c| c.is_whitespace() || "/!*#>".contains(c));
            words.push(Word { text: rest[start..end].to_lowercase(), line: index + 1, continues: is_plain });
            rest = &rest[end..];
        }
        // What stands behind the last word of a line, for example a full stop, separates it from the next line.
        if !rest.trim().is_empty() {
            words.push(Word { text: String::new(), line: index + 1, continues: false });
        }
    }
    words
}

fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || "_-'".contains(character)
}

/// Finds the phrases in a text, each with the line of its first word.
fn find<'a>(text: &str, banned: &'a [Banned]) -> Vec<(usize, &'a Banned)> {
    let words = words(text);
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        for phrase in banned {
            let mut parts = phrase.phrase.split(' ');
            let is_first = parts.next() == Some(&word.text);
            let mut next = words[at + 1..].iter();
            let mut follows = |part| next.next().is_some_and(|word| word.continues && word.text == part);
            if is_first && parts.all(&mut follows) {
                found.push((word.line, phrase));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Banned, find, parse, unreleased};

    fn lines(text: &str) -> Vec<usize> {
        let banned = [Banned { phrase: "green cheese".to_owned(), instead: "the moon".to_owned() }];
        find(text, &banned).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn phrase_is_found_in_any_case_and_across_lines() {
        assert_eq!(lines("It is Green cheese."), [1]);
        assert_eq!(lines("//! It is green\n//! cheese.\n/// green cheese"), [1, 3]);
        assert_eq!(lines("> green\n> cheese"), [1]);
    }

    #[test]
    fn phrase_ends_at_a_sentence_and_at_an_identifier() {
        assert!(lines("It is green. Cheese is not.").is_empty());
        assert!(lines("It is green.\nCheese is not.").is_empty());
        assert!(lines("green_cheese greener cheese, green-cheese, `green` cheese").is_empty());
    }

    #[test]
    fn list_has_a_phrase_and_plain_words_in_a_line() {
        let list = parse("# a comment\n\nGreen cheese: the moon\n").unwrap();
        assert_eq!(list, [Banned { phrase: "green cheese".to_owned(), instead: "the moon".to_owned() }]);
        assert!(parse("green cheese").is_err());
    }

    #[test]
    fn changelog_is_checked_down_to_the_first_release() {
        let text = "# Changelog\n\n## 2.0, unreleased\n\nnew\n\n## 1.0\n\nold\n";
        assert_eq!(unreleased("CHANGELOG.md", text), "# Changelog\n\n## 2.0, unreleased\n\nnew\n");
        assert_eq!(unreleased("README.md", text), text);
    }
}

//! Reads settings value by value, and collects all mistakes so that they can be fixed in one go.

use std::{collections::BTreeMap, str::FromStr};

use url::Url;

use super::{ConfigError, names, urls::http_url, value};

pub(super) struct Reader<'a> {
    settings: &'a BTreeMap<String, String>,
    problems: Vec<String>,
    /// The names that were asked for, to compare them with the table.
    #[cfg(test)]
    pub(super) asked: std::collections::BTreeSet<String>,
}

impl<'a> Reader<'a> {
    /// Collects the names that are not settings. Reads no value yet.
    pub(super) fn new(settings: &'a BTreeMap<String, String>) -> Self {
        Self {
            settings,
            problems: names::unknown(settings),
            #[cfg(test)]
            asked: std::collections::BTreeSet::new(),
        }
    }

    pub(super) fn problem(&mut self, problem: String) {
        self.problems.push(problem);
    }

    /// Adds problems, except those of a setting that already has one: they follow from the first, because a placeholder
    /// replaced the value. Of a list of origins the readable ones are kept.
    pub(super) fn add(&mut self, problems: Vec<String>) {
        let has_one = |problem: &String| {
            !problem.starts_with("BANQ_ALLOWED_ORIGINS")
                && self.problems.iter().any(|known| names::are_of_one(known, problem))
        };
        let new: Vec<String> = problems.into_iter().filter(|problem| !has_one(problem)).collect();
        self.problems.extend(new);
    }

    /// Returns `read`, or all problems.
    pub(super) fn finish<T>(self, read: T) -> Result<T, ConfigError> {
        if self.problems.is_empty() { Ok(read) } else { Err(ConfigError { problems: self.problems }) }
    }

    /// Returns the value. An empty or obviously wrong value is a mistake, not an absence.
    pub(super) fn optional(&mut self, name: &str) -> Option<String> {
        #[cfg(test)]
        self.asked.insert(name.to_owned());
        let value = self.settings.get(name)?;
        if let Some(fault) = value::fault(name, value) {
            self.problems.push(format!("{name} {fault}"));
            return None;
        }
        Some(value.trim().to_owned())
    }

    pub(super) fn required(&mut self, name: &str, what: &str) -> Option<String> {
        if !self.settings.contains_key(name) {
            self.problems.push(format!("{name} is missing: set it to {what}"));
        }
        self.optional(name)
    }

    /// Reads `text`. The problem describes an unreadable value and never quotes it: it may be a secret under the wrong
    /// name.
    pub(super) fn read<T>(
        &mut self,
        name: &str,
        text: Option<String>,
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = read(&text?);
        if value.is_none() {
            self.problems.push(format!("{name} must be {expected}"));
        }
        value
    }

    pub(super) fn parsed<T: FromStr>(&mut self, name: &str, expected: &str) -> Option<T> {
        let text = self.optional(name);
        self.read(name, text, expected, |text| text.parse().ok())
    }

    pub(super) fn url(&mut self, name: &str, default: Option<&str>) -> Option<Url> {
        let text = self.optional(name).or_else(|| default.map(str::to_owned));
        self.read(
            name,
            text,
            "the address of one host that starts with https:// (or http://), without user, ? or #",
            http_url,
        )
    }
}

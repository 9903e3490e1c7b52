//! Limits the length of a list.

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Page {
    /// The maximum number of entries.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) limit: u32,
}

impl Page {
    /// Returns one line per entry, or one that says that there are none: no output could also be a fault.
    pub(super) fn lines<T>(what: &str, all: &[T], line: impl Fn(&T) -> String) -> Vec<String> {
        if all.is_empty() { vec![format!("no {what}")] } else { all.iter().map(line).collect() }
    }
}

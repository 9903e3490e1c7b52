//! How much of a list is shown.

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Page {
    /// How many at most.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) limit: u32,
}

impl Page {
    /// One line each, or one that says that there is none: silence could be a fault too.
    pub(super) fn lines<T>(what: &str, all: &[T], line: impl Fn(&T) -> String) -> Vec<String> {
        if all.is_empty() { vec![format!("no {what}")] } else { all.iter().map(line).collect() }
    }
}

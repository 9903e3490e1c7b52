//! The widget's files, in memory.

pub(crate) mod bundle;
pub(crate) mod page;

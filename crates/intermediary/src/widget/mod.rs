//! The widget's files, in memory.
//!
//! - [`bundle`]: the files of a build; [`embedded`]: those in the program itself
//! - [`page`]: the content security policy of the pages among them; [`page_policy`]: that of a shop's page

pub(crate) mod bundle;
pub(crate) mod embedded;
pub(crate) mod page;
pub(crate) mod page_policy;

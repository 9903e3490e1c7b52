//! The widget's files, in memory.
//!
//! - [`bundle`]: the files of a build; [`embedded`]: those in the program itself
//! - [`page`]: the content security policy of the pages among them

pub(crate) mod bundle;
pub(crate) mod embedded;
pub(crate) mod page;

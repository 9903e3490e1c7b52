//! The whole path in real browsers: a page on its own origin, the built widget, the intermediary and the
//! simulator. `cargo xtask test native` builds what is needed; pictures of every state end up in the folder
//! `screenshots` of cargo's target folder.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod accessibility;
mod channel;
mod command;
mod crowded;
mod demo;
mod early;
mod endings;
mod engines;
mod examples;
mod gallery;
mod headless;
mod hosted;
mod issue;
mod languages;
mod lifecycle;
mod odd_dialogs;
mod odd_pages;
mod opener;
mod page;
mod paying;
mod phone;
mod pinned;
mod plain;
mod proof;
mod resume;
mod snippet;
mod start;
mod time;
mod trouble;
mod vendor;

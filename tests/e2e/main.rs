//! The whole path in real browsers: a page on its own origin, the built widget, the intermediary and the
//! simulator. `cargo xtask test e2e` builds what is needed; pictures of every state end up in
//! `target/screenshots`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod accessibility;
mod channel;
mod crowded;
mod demo;
mod endings;
mod engines;
mod headless;
mod hosted;
mod lifecycle;
mod page;
mod paying;
mod phone;
mod resume;
mod snippet;
mod start;
mod time;
mod trouble;

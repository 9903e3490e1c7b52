//! The whole path in Chromium: a page on its own origin, the built widget, the intermediary and the
//! simulator. `cargo xtask test e2e` builds what is needed; pictures of every state end up in
//! `target/screenshots`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod endings;
mod lifecycle;
mod page;
mod paying;
mod snippet;
mod start;
mod trouble;

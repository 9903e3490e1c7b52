//! What the end-to-end tests stand on: [`TestApp`] runs the two servers and a page server, [`Browser`] drives
//! Chromium or another [`Engine`], and [`Page`] speaks of the widget in the words of its users. [`becomes`] waits for
//! what comes in its own time.
#![allow(clippy::unwrap_used, clippy::expect_used)] // everything here runs inside a test, where to fail is to panic

mod accessibility_tree;
mod app;
mod axe;
mod browser;
mod driver;
mod engine;
mod fonts;
mod next_shop;
mod page;
mod pages;
mod paths;
mod picture;
mod port;
mod press;
mod process;
mod proxy;
mod server;
mod sheet;
mod wait;

pub use accessibility_tree::Perceived;
pub use app::{Intermediary, Setup, TestApp};
pub use browser::Browser;
pub use engine::{Engine, Screen};
pub use next_shop::NextShop;
pub use page::Page;
pub use pages::Pages;
pub use picture::codes;
pub use proxy::{Habit, Proxy};
pub use sheet::Sheet;
pub use wait::{Deadline, PATIENCE, pause};

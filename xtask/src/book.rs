//! The book of `docs/`, made by mdBook; its pages are checked before.

use std::fs;

use crate::error::Error;
use crate::tools::MDBOOK;
use crate::{documents, paths, proxies, run};

/// Checks the documents and the proxies' settings in them, and builds the book into `target/book`.
pub(crate) fn build() -> Result<(), Error> {
    let root = paths::root();
    let documents = documents::check(&root);
    let proxies = proxies::check();
    let book = paths::target()?.join("book");
    let _ = fs::remove_dir_all(&book);
    let mut mdbook = run::command("mdbook", &[&MDBOOK.folder()?]);
    mdbook.args(["build", "docs", "--dest-dir"]).arg(&book);
    let built = run::quietly("mdbook build", &mut mdbook);
    documents.and(proxies).and(built)?;
    println!("the book is {}", book.join("index.html").display());
    Ok(())
}

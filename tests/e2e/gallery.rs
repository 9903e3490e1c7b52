//! The gallery: every state of the widget from fixed answers. Each of its entries is looked at in six columns, by axe,
//! as a picture and as an accessibility tree, and its code is read from pictures of every engine.

mod code;
mod columns;
mod words;

use banq_checkout_e2e::{Browser, Page, TestApp};

/// Opens an entry and waits until it is there.
async fn open<'a>(app: &TestApp, browser: &'a Browser, entry: &str, query: &str) -> Page<'a> {
    let address = format!("{}/widget/gallery.html?state={entry}&{query}", app.base());
    let page = Page::open(&browser.driver, &address).await;
    is_there(&page, entry).await;
    page
}

/// Shows another entry in the page of an earlier one, which needs no second start of the widget.
async fn show(page: &Page<'_>, entry: &str, query: &str) {
    page.run(&format!("void gallery.show('{entry}', '{query}')")).await;
    is_there(page, entry).await;
}

async fn is_there(page: &Page<'_>, entry: &str) {
    page.until(&format!("page.body.dataset.shown === '{entry}'")).await;
}
